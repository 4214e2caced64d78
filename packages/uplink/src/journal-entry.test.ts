import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntry, encodeEntry, entryKinds, entryOverheadBytesMax, identityPrefix } from './journal-entry.js'
import { UplinkError } from './uplink-error.js'

const { Record } = outrider.v1
const identities = fc.record({
  node: fc.string({ minLength: 1, maxLength: 16 }),
  lane: fc.constantFrom(1, 2),
  epoch: fc.integer({ min: 0, max: 0xffff_ffff }),
})
const sequences = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })

test('an entry gives back identity, bytes and extra, and what a node claims about itself is overridden', () => {
  fc.assert(
    fc.property(identities, sequences, identities, fc.uint8Array({ maxLength: 40 }), (identity, sequence, claimed, extra) => {
      const record = Record.encode({ schema: 1, ...claimed, sequence: 5, misbehaviour: { vehicle: 'v' } }).finish()
      const bytes = encodeEntry(entryKinds.own, record, identityPrefix(identity), sequence, extra)
      expect(bytes.length).toBeLessThanOrEqual(record.length + extra.length + entryOverheadBytesMax)
      const entry = decodeEntry(bytes)
      expect(entry).toMatchObject({ ...identity, sequence, kind: entryKinds.own })
      expect(Buffer.from(entry.extra)).toEqual(Buffer.from(extra))
      const read = Record.decode(entry.record)
      expect(read).toMatchObject({ ...identity, schema: 1, misbehaviour: { vehicle: 'v' } })
      expect(Number(read.sequence)).toBe(sequence)
    }),
    { seed: 1 },
  )
})

test('bytes that are no record keep their identity', () => {
  fc.assert(
    fc.property(identities, sequences, fc.uint8Array({ maxLength: 60 }), (identity, sequence, garbage) => {
      const entry = decodeEntry(encodeEntry(entryKinds.record, garbage, identityPrefix(identity), sequence))
      expect(entry).toMatchObject({ ...identity, sequence })
      expect(Buffer.from(entry.record.subarray(0, garbage.length))).toEqual(Buffer.from(garbage))
    }),
    { seed: 1 },
  )
})

test('what is no entry is named as such', () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(6), new Uint8Array(20).fill(255)])
    expect(() => decodeEntry(bytes)).toThrow(UplinkError)
})
