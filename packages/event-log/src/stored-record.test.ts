import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeStoredRecord, encodeStoredRecord } from './stored-record.js'

const bytes = fc.uint8Array({ maxLength: 100 })
const anyRecord = fc.record({
  key: fc.string({ unit: 'binary', minLength: 1 }),
  value: fc.option(bytes),
  timeMs: fc.integer({ min: 0, max: 2 ** 47 }),
  headers: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), bytes, { maxKeys: 32 }),
})
const plain = (each: Uint8Array | null) => each && [...each]

test('a record comes back as it went in', () => {
  fc.assert(
    fc.property(anyRecord, record => {
      const back = decodeStoredRecord(encodeStoredRecord(record), 7)
      expect([back.offset, back.key, back.timeMs, plain(back.value)]).toEqual([7, record.key, record.timeMs, plain(record.value)])
      expect(Object.entries(back.headers).map(([name, value]) => [name, [...value]])).toEqual(
        Object.entries(record.headers).map(([name, value]) => [name, [...value]]),
      )
    }),
    { seed: 1 },
  )
})

test('the layout is this one, byte for byte', () => {
  const stored = encodeStoredRecord({ key: 'k', value: Buffer.from('v'), timeMs: 1, headers: { h: 'x' } })
  expect(stored.toString('hex')).toBe('010101000000000000f03f0100010000006b7601010000006878')
})

test('bytes that are cut, or of another layout, are refused with the record’s offset', () => {
  const stored = encodeStoredRecord({ key: 'key', value: Buffer.from('value'), timeMs: 1, headers: { h: 'x' } })
  for (let length = 0; length < stored.length; length++) expect(() => decodeStoredRecord(stored.subarray(0, length), 9)).toThrow(/record 9/)
  stored[0] = 2
  expect(() => decodeStoredRecord(stored, 9)).toThrow(/record 9 has layout 2; this program reads layout 1/)
})
