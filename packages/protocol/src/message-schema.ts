// Names and types of messages as the JSON twin needs them, read from the schema that is generated beside the codec.
import { outrider } from '../gen/outrider.js'
import type { FieldEntry, SchemaEntry } from '../gen/schema.js'
import { schema } from '../gen/schema.js'

const { v1 } = outrider

/** Types of fields that the protos use. */
type FieldKind = 'message' | 'enum' | ScalarKind
export type ScalarKind = 'string' | 'bytes' | 'bool' | 'double' | 'uint64' | 'uint32' | 'fixed32' | 'sint32' | 'sfixed32'

export interface FieldSchema {
  /** Name in JSON and in generated code: lower camel case. */
  readonly name: string
  /** Name in the proto, which JSON from others may use. */
  readonly protoName: string
  readonly number: number
  readonly kind: FieldKind
  /** Message or enum, if it is one. */
  readonly typeName: string
  readonly repeated: boolean
  /** True if the field tells missing from its default: messages, `optional`, members of a oneof. */
  readonly hasPresence: boolean
  /** The oneof it is a member of. */
  readonly oneof: string | undefined
}

export interface MessageSchema {
  readonly name: string
  readonly fields: readonly FieldSchema[]
  /** Fields by either name. */
  readonly byName: ReadonlyMap<string, FieldSchema>
}

export interface EnumSchema {
  readonly numbers: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<number, string>
}

/** Classes of the generated code that are messages. */
type Classes = typeof v1
/** Name of a message of outrider.v1. */
export type MessageName = { [Name in keyof Classes]: Classes[Name] extends { decode: unknown } ? Name : never }[keyof Classes]
/** A message as decoded, by its name. */
export type MessageOf<Name extends MessageName> = ReturnType<Classes[Name]['decode']>
/** A message as a plain object, by its name. */
export type ContentOf<Name extends MessageName> = Parameters<Classes[Name]['encode']>[0]

/** All messages of outrider.v1, by name in order. */
export const messageNames: readonly MessageName[] = Object.keys(schema)
  .filter(name => schema[name]!.fields !== undefined)
  .sort() as MessageName[]

const messages = new Map<string, MessageSchema>()
const enums = new Map<string, EnumSchema>()

/** Schema of a message, built at first use. */
export function messageSchema(name: string): MessageSchema {
  const known = messages.get(name)
  if (known !== undefined) return known
  const entry = schema[name]!
  const fields = Object.entries(entry.fields ?? {}).map(([fieldName, field]) => fieldSchema(entry, fieldName, field))
  const byName = new Map([...fields.map(field => [field.protoName, field] as const), ...fields.map(field => [field.name, field] as const)])
  const built = { name, fields, byName }
  messages.set(name, built)
  return built
}

/** Schema of an enum, built at first use. */
export function enumSchema(name: string): EnumSchema {
  const known = enums.get(name)
  if (known !== undefined) return known
  const values = Object.entries(schema[name]!.values ?? {})
  const built = { numbers: new Map(values), names: new Map(values.map(([text, number]) => [number, text])) }
  enums.set(name, built)
  return built
}

function fieldSchema(entry: SchemaEntry, name: string, field: FieldEntry): FieldSchema {
  const type = schema[field.type]
  const kind = type === undefined ? (field.type as ScalarKind) : type.values === undefined ? 'message' : 'enum'
  const optional = field.options?.proto3_optional === true
  const oneof = optional ? undefined : Object.entries(entry.oneofs ?? {}).find(([, { oneof: members }]) => members.includes(name))?.[0]
  const repeated = field.rule === 'repeated'
  return {
    name,
    protoName: field.protoName ?? name,
    number: field.id,
    kind,
    typeName: field.type,
    repeated,
    hasPresence: !repeated && (kind === 'message' || optional || oneof !== undefined),
    oneof,
  }
}
