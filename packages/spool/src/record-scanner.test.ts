import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameHeaderBytes, segmentSeed, writeFrame } from './record-frame.js'
import { createScanner, type Scanned } from './record-scanner.js'

const epoch = 77
const firstSequence = 5

function framed(payloads: readonly Uint8Array[], first = firstSequence, ofEpoch = epoch): Buffer {
  const into = Buffer.alloc(payloads.reduce((sum, payload) => sum + frameHeaderBytes + payload.length, 0))
  let at = 0
  for (const [index, payload] of payloads.entries()) at += writeFrame(into, at, segmentSeed(ofEpoch, first), index, payload)
  return into
}

/** What the scanner makes of `bytes`, fed in pieces of `step`, plus what it could not read at the end. */
function scan(bytes: Uint8Array, step = bytes.length, from = 0) {
  const scanner = createScanner({ epoch, firstSequence, offset: 0, from })
  const items: Scanned[] = []
  for (let at = 0; at < bytes.length; at += Math.max(1, step)) {
    scanner.push(bytes.subarray(at, at + Math.max(1, step)))
    for (let item = scanner.next(); item !== undefined; item = scanner.next()) items.push(item)
  }
  return { items, expected: scanner.expected, offset: scanner.offset, records: scanner.records }
}

function texts(items: readonly Scanned[]) {
  return items.map(item => (item.kind === 'record' ? [item.sequence, Buffer.from(item.bytes).toString('hex')] : [item.first, item.last]))
}

const payload = fc.uint8Array({ maxLength: 40 })
const payloads = fc.array(payload, { minLength: 1, maxLength: 8 })

test('whole or one byte at a time, the records come back and nothing else', () => {
  fc.assert(
    fc.property(payloads, fc.integer({ min: 1, max: 50 }), (records, step) => {
      const bytes = framed(records)
      const whole = scan(bytes)
      expect(texts(whole.items)).toEqual(records.map((record, index) => [firstSequence + index, Buffer.from(record).toString('hex')]))
      expect(whole.offset).toBe(bytes.length)
      for (const pieces of [1, step]) expect(texts(scan(bytes, pieces).items)).toEqual(texts(whole.items))
    }),
  )
})

test('any changed bytes: no wrong record, nothing lost that they do not touch, and the lost ones named; the same one byte at a time', () => {
  const change = fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) })
  fc.assert(
    fc.property(payloads, fc.array(change, { minLength: 1, maxLength: 3 }), (records, changes) => {
      const bytes = framed(records)
      const touched = new Set<number>()
      const ends: number[] = []
      for (const record of records) ends.push((ends.at(-1) ?? 0) + frameHeaderBytes + record.length)
      const original = Buffer.from(bytes)
      for (const { at, flip } of changes) bytes[at % bytes.length]! ^= flip
      for (const [at, byte] of bytes.entries()) if (byte !== original[at]) touched.add(ends.findIndex(end => at < end))
      const { items, expected } = scan(bytes)
      const read = new Map<number, string>()
      const lost = new Set<number>()
      for (const item of items) {
        if (item.kind === 'record') read.set(item.sequence, Buffer.from(item.bytes).toString('hex'))
        else for (let sequence = item.first; sequence <= item.last; sequence++) lost.add(sequence)
      }
      for (const [index, record] of records.entries()) {
        const sequence = firstSequence + index
        if (touched.has(index)) expect(lost.has(sequence) || sequence >= expected).toBe(true)
        else expect(read.get(sequence)).toBe(Buffer.from(record).toString('hex'))
      }
      expect(read.size).toBe(records.length - touched.size)
      expect(texts(scan(bytes, 1).items)).toEqual(texts(items))
    }),
  )
})

test('a record of another place, log or time is not taken, not even inside a payload', () => {
  const own = framed([Buffer.from('one'), Buffer.from('two')])
  for (const stranger of [framed([Buffer.from('x')], firstSequence, epoch + 1), framed([Buffer.from('x')], firstSequence + 1)]) {
    expect(scan(stranger).items).toEqual([])
  }
  const one = Buffer.from('one')
  const nested = framed([one, own, Buffer.from('last')])
  nested[frameHeaderBytes + one.length]! ^= 1
  expect(texts(scan(nested).items)).toEqual([
    [5, one.toString('hex')],
    [6, 6],
    [7, Buffer.from('last').toString('hex')],
  ])
})

test('a known boundary closes what is unread before it', () => {
  const bytes = framed([Buffer.from('one'), Buffer.from('two')])
  bytes[frameHeaderBytes + 3]! ^= 1
  const scanner = createScanner({ epoch, firstSequence, offset: 0, from: 0 })
  scanner.push(bytes)
  expect(scanner.next()).toMatchObject({ kind: 'record', sequence: 5 })
  expect(scanner.next()).toBeUndefined()
  expect(scanner.boundary(7)).toMatchObject({ kind: 'damage', offset: 19, byteCount: 19, first: 6, last: 6 })
  expect(scanner.boundary(7)).toBeUndefined()
  expect(scanner.expected).toBe(7)
})
