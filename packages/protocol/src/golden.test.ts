// Golden bytes: what is sent today must be read for ever, and sent the same. A new message or field needs an entry (npm run golden);
// an entry that no longer holds means that deployed vehicles would misread us.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { decodeJson } from './decode-json.js'
import { encodeJson } from './encode-json.js'
import { messageNames, messageSchema } from './message-schema.js'

type Golden = Record<string, readonly { readonly json: Record<string, unknown>; readonly hex: string }[]>
type Codec = { encode(content: unknown): { finish(): Uint8Array }; decode(bytes: Uint8Array): never }

const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, '../golden/messages.json'), 'utf8')) as Golden

test('every message and every field has golden bytes', () => {
  const without = messageNames.flatMap(name => {
    const covered = new Set(golden[name]?.flatMap(entry => Object.keys(entry.json)))
    const fields = messageSchema(name).fields.filter(field => !covered.has(field.name))
    return golden[name] === undefined ? [name] : fields.map(field => `${name}.${field.name}`)
  })
  expect(without).toEqual([])
})

test('no message has gone', () => {
  expect(Object.keys(golden).filter(name => !(messageNames as readonly string[]).includes(name))).toEqual([])
})

describe('golden bytes', () => {
  test.each(messageNames.flatMap(name => (golden[name] ?? []).map((entry, index) => [name, index, entry] as const)))(
    '%s %i',
    (name, _, { json, hex }) => {
      const codec = outrider.v1[name] as unknown as Codec
      const read = decodeJson(name, json)
      if (!read.ok) throw new Error(`${read.problem.field} must be ${read.problem.allowed}`)
      expect(Buffer.from(codec.encode(read.message).finish()).toString('hex')).toBe(hex)
      expect(encodeJson(name, codec.decode(Buffer.from(hex, 'hex')))).toEqual(json)
    },
  )
})
