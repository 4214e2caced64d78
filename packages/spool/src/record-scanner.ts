/*
 * Bytes of one segment in, records and damage out; pure, and in any pieces.
 *
 * A header that carries its check is believed: its record is given out if the payload's check fits, else it is damage of known extent.
 * Where no such header stands, the scanner looks for the next one byte by byte, and believes it only if its sequence is one that the
 * bytes skipped can lead to (each record takes 16 bytes at least). So a copy of an earlier record, or of the lost one, that stands in a
 * payload is not taken for a record. All between is damage, with the range of sequences lost. CRCs guard against accidents, not forgers.
 */
import { crc32 } from 'node:zlib'
import { frameHeaderBytes, frameOffsets, isFrameHeader, readUint32, segmentSeed } from './record-frame.js'

export type Scanned =
  /** `bytes` is a view of what was pushed. */
  | { readonly kind: 'record'; readonly sequence: number; readonly offset: number; readonly bytes: Uint8Array }
  /** The sequences `first` to `last` are lost; none if `last` is `first - 1` (bytes that belong to no record). */
  | {
      readonly kind: 'damage'
      readonly offset: number
      readonly byteCount: number
      readonly reason: 'header' | 'payload'
      readonly first: number
      readonly last: number
    }

export interface RecordScanner {
  /** The bytes that follow. The scanner keeps views of them, so they must not change. */
  push(bytes: Uint8Array): void
  /** The next record from `from` on, or the next damage; `undefined` when more bytes are needed. */
  next(): Scanned | undefined
  /** Says that a record with sequence `next` begins right after what was pushed. What is unread before it is damage. */
  boundary(next: number): Scanned | undefined
  /** The sequence that comes next, as far as is known. */
  readonly expected: number
  /** Records whose checks fit, those before `from` included. */
  readonly records: number
  /** Where the first byte stands that could not be given out, be it damaged or incomplete. */
  readonly offset: number
  /** How many more bytes the record that has begun needs; 0 if unknown. */
  readonly bytesWanted: number
}

export interface ScannerOptions {
  readonly epoch: number
  readonly firstSequence: number
  /** Where the first byte pushed stands in the file. */
  readonly offset: number
  /** Records before it are counted and skipped, and their payloads not checked. */
  readonly from: number
}

const nothing = new Uint8Array(0)

export function createScanner({ epoch, firstSequence, offset: start, from }: ScannerOptions): RecordScanner {
  const seed = segmentSeed(epoch, firstSequence)
  let buffer: Uint8Array = nothing
  /** Where `buffer[0]` stands in the file. */
  let base = start
  /** How far `buffer` is read. */
  let at = 0
  /** Where the bytes began that fit no header; -1 while all is well. */
  let lostAt = -1
  let expected = firstSequence
  let records = 0
  let bytesWanted = 0

  function lost(last: number): Scanned {
    const offset = lostAt < 0 ? base + at : lostAt
    const damage = { kind: 'damage', offset, byteCount: base + at - offset, reason: 'header', first: expected, last } as const
    expected = last + 1
    lostAt = -1
    return damage
  }

  /** After a loss: later than the record that was lost first, which began where the loss does, and no more records on than fit between. */
  function isPlausible(sequence: number): boolean {
    if (lostAt < 0) return sequence === expected
    return sequence > expected && sequence <= expected + Math.floor((base + at - lostAt) / frameHeaderBytes)
  }

  function next(): Scanned | undefined {
    bytesWanted = 0
    while (buffer.length - at >= frameHeaderBytes) {
      const sequence = firstSequence + readUint32(buffer, at + frameOffsets.sequence)
      if (!isPlausible(sequence) || !isFrameHeader(buffer, at, seed)) {
        if (lostAt < 0) lostAt = base + at
        at++
        continue
      }
      if (lostAt >= 0) return lost(sequence - 1)
      const length = readUint32(buffer, at + frameOffsets.length)
      const missing = frameHeaderBytes + length - (buffer.length - at)
      if (missing > 0) {
        bytesWanted = missing
        return undefined
      }
      const offset = base + at
      const end = at + frameHeaderBytes + length
      const bytes = buffer.subarray(at + frameHeaderBytes, end)
      const fits = sequence < from || crc32(bytes) === readUint32(buffer, at + frameOffsets.payloadCrc)
      at = end
      expected = sequence + 1
      if (!fits) return { kind: 'damage', offset, byteCount: frameHeaderBytes + length, reason: 'payload', first: sequence, last: sequence }
      records++
      if (sequence >= from) return { kind: 'record', sequence, offset, bytes }
    }
    return undefined
  }

  return {
    push(bytes) {
      buffer = at === buffer.length ? bytes : Buffer.concat([buffer.subarray(at), bytes])
      base += at
      at = 0
    },
    next,
    boundary(nextSequence) {
      const unread = lostAt >= 0 || at < buffer.length
      if (lostAt < 0) lostAt = base + at
      at = buffer.length
      if (unread || expected < nextSequence) return lost(nextSequence - 1)
      lostAt = -1
      return undefined
    },
    get expected() {
      return expected
    },
    get records() {
      return records
    },
    get offset() {
      return lostAt < 0 ? base + at : lostAt
    },
    get bytesWanted() {
      return bytesWanted
    },
  }
}
