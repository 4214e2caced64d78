// Codec and JSON twin against a second implementation of protobuf, on random contents of every message, both ways.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { DescMessage, JsonValue, Message } from '@bufbuild/protobuf'
import { create, createFileRegistry, equals, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import Long from 'long'
import { beforeAll, describe, expect, test } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { decodeJson } from './decode-json.js'
import { encodeJson } from './encode-json.js'
import type { FieldSchema, MessageName, ScalarKind } from './message-schema.js'
import { enumSchema, messageNames, messageSchema } from './message-schema.js'

type Content = Record<string, unknown>
type Codec = { encode(content: Content): { finish(): Uint8Array }; decode(bytes: Uint8Array): Content }

const root = path.resolve(import.meta.dirname, '../../..')
let registry: ReturnType<typeof createFileRegistry>

beforeAll(() => {
  const buf = path.join(root, 'node_modules/@bufbuild/buf/bin/buf')
  const descriptors = execFileSync(process.execPath, [buf, 'build', 'proto', '-o', '-'], { cwd: root, maxBuffer: 2 ** 26 })
  registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors))
})

function other(name: string): DescMessage {
  return registry.getMessage(`outrider.v1.${name}`)!
}

function ours(name: MessageName): Codec {
  return outrider.v1[name] as unknown as Codec
}

const uint32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff))
const int32 = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.constantFrom(0, -0x8000_0000),
)
const scalars: Record<ScalarKind, fc.Arbitrary<unknown>> = {
  string: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '__proto__', '"\\\u2028\u0000')),
  bytes: fc.uint8Array({ maxLength: 9 }),
  bool: fc.boolean(),
  double: fc.double(),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(value => Long.fromString(String(value), true)),
  uint32,
  fixed32: uint32,
  sint32: int32,
  sfixed32: int32,
}

/** Random contents: fields there or not, one member of a oneof at most, four messages deep. */
function contents(name: string, depth: number): fc.Arbitrary<Content> {
  const { fields } = messageSchema(name)
  const plain = fields.filter(field => field.oneof === undefined && !(depth === 0 && field.kind === 'message'))
  const oneof = depth === 0 ? [] : fields.filter(field => field.oneof !== undefined)
  const alone = fc.record(Object.fromEntries(plain.map(field => [field.name, values(field, depth)])), { requiredKeys: [] })
  if (oneof.length === 0) return alone
  const member = fc.oneof(fc.constant({}), ...oneof.map(field => values(field, depth).map(value => ({ [field.name]: value }))))
  return fc.tuple(alone, member).map(([rest, chosen]) => ({ ...rest, ...chosen }))
}

function values(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  return field.repeated ? fc.array(value(field, depth), { maxLength: 3 }) : value(field, depth)
}

function value(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  if (field.kind === 'message') return contents(field.typeName, depth - 1)
  if (field.kind === 'enum') return fc.oneof(fc.constantFrom(...enumSchema(field.typeName).numbers.values()), fc.constant(12_345))
  return scalars[field.kind]
}

describe('against a second implementation', () => {
  test.each(messageNames)('%s', name => {
    const desc = other(name)
    const check = (content: Content) => {
      const bytes = ours(name).encode(content).finish()
      const theirs = fromBinary(desc, bytes)
      // Binary, ours to theirs and back: the same message as far as both can say.
      const back = ours(name).decode(toBinary(desc, theirs))
      expect(ours(name).encode(back).finish()).toEqual(ours(name).encode(ours(name).decode(bytes)).finish())
      // JSON: the same text from both, and each reads the other's.
      const json = encodeJson(name, back as never)
      expect(json).toEqual(toJson(desc, theirs, { registry }))
      expect(same(desc, fromJson(desc, json as JsonValue, { registry }), theirs)).toBe(true)
      const read = decodeJson(name, toJson(desc, theirs, { registry }))
      if (!read.ok) throw new Error(`${read.problem.field} must be ${read.problem.allowed}`)
      expect(
        same(
          desc,
          fromBinary(
            desc,
            ours(name)
              .encode(read.message as never as Content)
              .finish(),
          ),
          theirs,
        ),
      ).toBe(true)
    }
    fc.assert(fc.property(contents(name, 3), check), { numRuns: 25, seed: 6 })
  })
})

/** Equal, NaN included, which by itself equals nothing. */
function same(desc: DescMessage, one: Message, two: Message): boolean {
  return equals(desc, one, two) || JSON.stringify(toJson(desc, one)) === JSON.stringify(toJson(desc, two))
}

describe('what parsers accept beside canonical JSON', () => {
  test.each([
    ['AlertId', { node: 'a', boot: '7', sequence: 1e1 }],
    ['AlertId', { node: null, boot: 3 }],
    ['Position', { latitude_e7: '-5', longitudeE7: '7.0' }],
    ['Verdict', { kind: 2, timeMs: 'NaN' }],
    ['Verdict', { kind: 'VERDICT_KIND_GONE', timeMs: '1.5e3' }],
    ['UplinkBatch', { firstSequence: 12, records: ['AP-_', 'AP+/', 'AA==', 'AA', ''] }],
    ['UplinkBatch', { firstSequence: '18446744073709551615' }],
  ] as const)('%s %j', (name, json) => {
    const read = decodeJson(name, json)
    const desc = other(name)
    expect(read.ok && encodeJson(name, read.message as never)).toEqual(toJson(desc, fromJson(desc, json as unknown as JsonValue)))
  })

  test('unknown fields and enum names are counted, not refused', () => {
    const read = decodeJson('Sample', { speedCmps: 5, colour: 'red', flags: ['FLAG_ABS', 'FLAG_FUTURE'], roadSurface: 'ROAD_SURFACE_SAND' })
    expect(read.ok && [read.ignored, encodeJson('Sample', read.message)]).toEqual([3, { speedCmps: 5, flags: ['FLAG_ABS'] }])
  })
})

describe('errors name the field', () => {
  test.each([
    ['Report', null, '', 'an object'],
    ['Report', [], '', 'an object'],
    ['Report', { number: -1 }, 'number', 'a whole number from 0 to 4294967295'],
    ['Report', { number: 1.5 }, 'number', 'a whole number from 0 to 4294967295'],
    ['Report', { number: '0x10' }, 'number', 'a whole number from 0 to 4294967295'],
    ['Report', { timeMs: 'soon' }, 'timeMs', 'a number'],
    ['Report', { samples: {} }, 'samples', 'a list'],
    ['Report', { samples: [{}, null] }, 'samples[1]', 'an object'],
    ['Report', { samples: [{}, { latitudeE7: 2 ** 31 }] }, 'samples[1].latitudeE7', 'a whole number from -2147483648 to 2147483647'],
    ['Report', { verdicts: [{ alertId: { node: 7 } }] }, 'verdicts[0].alertId.node', 'text'],
    ['Report', { role: true }, 'role', 'a name of VehicleRole'],
    ['Alert', { renewal: 'true' }, 'renewal', 'true or false'],
    ['Area', { circle: {}, corridor: {} }, 'corridor', 'the only one of shape'],
    ['Position', { latitudeE7: 1, latitude_e7: 2 }, 'latitude_e7', 'given once'],
    ['UplinkBatch', { firstSequence: '18446744073709551616' }, 'firstSequence', 'a whole number from 0 to 18446744073709551615, as text'],
    ['UplinkBatch', { firstSequence: 2 ** 60 }, 'firstSequence', 'a whole number from 0 to 18446744073709551615, as text'],
    ['UplinkBatch', { records: ['?'] }, 'records[0]', 'base64'],
  ] as const)('%s %j', (name, json, field, allowed) => {
    expect(decodeJson(name, json)).toEqual({ ok: false, problem: { field, allowed } })
  })
})

test('the other implementation knows the same messages', () => {
  const names = [...registry].filter(type => type.kind === 'message').map(type => type.name)
  expect(names.sort()).toEqual([...messageNames].sort())
  expect(create(other('Report')).$typeName).toBe('outrider.v1.Report')
})
