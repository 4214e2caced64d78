import { outrider } from '../gen/outrider.js'
import { readScalar } from './json-scalar.js'
import type { FieldSchema, MessageName, MessageOf } from './message-schema.js'
import { enumSchema, messageSchema } from './message-schema.js'

/** What was wrong with JSON from a peer. */
export interface JsonProblem {
  /** Path of the field, such as `samples[3].latitudeE7`; empty = the whole. */
  readonly field: string
  /** What is allowed there, fitting after "must be". */
  readonly allowed: string
}

/** `ignored` counts unknown fields and unknown enum names: of a newer peer, never a reason to refuse. */
export type JsonOutcome<Message> =
  | { readonly ok: true; readonly message: Message; readonly ignored: number }
  | { readonly ok: false; readonly problem: JsonProblem }

/**
 * Reads canonical proto3 JSON, and what the specification has parsers accept beside it: proto field names, numbers as text, enums as numbers,
 * base64url, null for missing.
 */
export function decodeJson<Name extends MessageName>(name: Name, json: unknown): JsonOutcome<MessageOf<Name>> {
  const reading: Reading = { ignored: 0, problem: undefined }
  const message = readMessage(name, json, '', reading)
  if (reading.problem !== undefined) return { ok: false, problem: reading.problem }
  return { ok: true, message: message as unknown as MessageOf<Name>, ignored: reading.ignored }
}

/** The first problem stops the reading. */
interface Reading {
  ignored: number
  problem: JsonProblem | undefined
}

type Fields = Record<string, unknown>

function readMessage(name: string, json: unknown, path: string, reading: Reading): Fields | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail(reading, path, 'an object')
  const message = new outrider.v1[name as MessageName]() as unknown as Fields
  const schema = messageSchema(name)
  const filled = new Set<string>()
  for (const [key, value] of Object.entries(json)) {
    const field = schema.byName.get(key)
    if (field === undefined) {
      reading.ignored++
      continue
    }
    if (value === null) continue
    const place = path === '' ? key : `${path}.${key}`
    const slot = field.oneof ?? field.name
    if (filled.has(slot)) return fail(reading, place, field.oneof === undefined ? 'given once' : `the only one of ${slot}`)
    filled.add(slot)
    const read = field.repeated ? readList(field, value, place, reading) : readValue(field, value, place, reading)
    if (reading.problem !== undefined) return undefined
    if (read !== undefined) message[field.name] = read
  }
  return message
}

function readList(field: FieldSchema, json: unknown, path: string, reading: Reading): unknown[] | undefined {
  if (!Array.isArray(json)) return fail(reading, path, 'a list')
  const list: unknown[] = []
  for (const [index, item] of json.entries()) {
    const read = readValue(field, item, `${path}[${index}]`, reading)
    if (reading.problem !== undefined) return undefined
    if (read !== undefined) list.push(read)
  }
  return list
}

/** Undefined if there was a problem, or if the value is to be ignored. */
function readValue(field: FieldSchema, json: unknown, path: string, reading: Reading): unknown {
  if (field.kind === 'message') return readMessage(field.typeName, json, path, reading)
  if (field.kind === 'enum') return readEnum(field.typeName, json, path, reading)
  const read = readScalar(field.kind, json)
  return read.ok ? read.value : fail(reading, path, read.allowed)
}

function readEnum(name: string, json: unknown, path: string, reading: Reading): number | undefined {
  if (typeof json === 'number' && json === (json | 0)) return json
  if (typeof json !== 'string') return fail(reading, path, `a name of ${name}`)
  const number = enumSchema(name).numbers.get(json)
  if (number === undefined) reading.ignored++
  return number
}

function fail(reading: Reading, field: string, allowed: string): undefined {
  reading.problem ??= { field, allowed }
}
