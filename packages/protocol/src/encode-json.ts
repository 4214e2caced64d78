import protobuf from 'protobufjs/minimal.js'
import type { ContentOf, FieldSchema, MessageName } from './message-schema.js'
import { enumSchema, messageSchema } from './message-schema.js'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/**
 * A message as canonical proto3 JSON: lower camel case names, enums by name, 64-bit numbers as text, bytes as base64,
 * what is missing left out, and so what has no presence and equals its default.
 */
export function encodeJson<Name extends MessageName>(name: Name, message: ContentOf<Name>): JsonObject {
  return writeMessage(name, message as unknown as Fields)
}

type Fields = Readonly<Record<string, unknown>>

function writeMessage(name: string, message: Fields): JsonObject {
  const json: Record<string, Json> = {}
  for (const field of messageSchema(name).fields) {
    const value = message[field.name]
    if (value === undefined || value === null) continue
    if (field.repeated) {
      const list = value as readonly unknown[]
      if (list.length > 0) json[field.name] = list.map(item => writeValue(field, item))
    } else if (field.hasPresence || !isDefault(field, value)) {
      json[field.name] = writeValue(field, value)
    }
  }
  return json
}

function writeValue(field: FieldSchema, value: unknown): Json {
  switch (field.kind) {
    case 'message':
      return writeMessage(field.typeName, value as Fields)
    case 'enum':
      return enumSchema(field.typeName).names.get(value as number) ?? (value as number)
    case 'uint64':
      return String(value)
    case 'double':
      return Number.isFinite(value) ? (value as number) : String(value)
    case 'bytes':
      return protobuf.util.base64.encode(value as Uint8Array, 0, (value as Uint8Array).length)
    default:
      return value as Json
  }
}

function isDefault(field: FieldSchema, value: unknown): boolean {
  switch (field.kind) {
    case 'string':
      return value === ''
    case 'bytes':
      return (value as Uint8Array).length === 0
    case 'bool':
      return value === false
    case 'uint64':
      return String(value) === '0'
    default:
      return Object.is(value, 0)
  }
}
