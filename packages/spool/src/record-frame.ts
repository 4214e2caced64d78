/*
 * A record on disk, little endian:
 *
 *   0  uint32  CRC-32 of bytes 4..15, started from the segment's seed
 *   4  uint32  length of the payload
 *   8  uint32  sequence, counted from the segment's first
 *  12  uint32  CRC-32 of the payload
 *  16  payload
 *
 * The seed is made of epoch and first sequence, so the header's check fits only in this place of this log: a stale, moved or foreign
 * record is never taken. The header has its own check so that a damaged payload costs one record of known extent, and what lies
 * inside a payload, which may look like a record, is never searched.
 */
import { crc32 } from 'node:zlib'

export const frameHeaderBytes = 16

/** Where the fields of a record's header stand. */
export const frameOffsets = { length: 4, sequence: 8, payloadCrc: 12 } as const

/** One scratch for all: checksum calls are synchronous, and a view per record would cost more than the checksum. */
const scratch = Buffer.alloc(frameHeaderBytes - 4)
const seedScratch = Buffer.alloc(12)

/** What the header checks of a segment start from. */
export function segmentSeed(epoch: number, firstSequence: number): number {
  seedScratch.writeUInt32LE(epoch, 0)
  seedScratch.writeBigUInt64LE(BigInt(firstSequence), 4)
  return crc32(seedScratch)
}

/** Writes header and payload at `at`; returns the bytes used. The caller has checked that they fit. */
export function writeFrame(into: Buffer, at: number, seed: number, sequenceOffset: number, payload: Uint8Array): number {
  scratch.writeUInt32LE(payload.length, 0)
  scratch.writeUInt32LE(sequenceOffset, 4)
  scratch.writeUInt32LE(crc32(payload), 8)
  into.writeUInt32LE(crc32(scratch, seed), at)
  into.set(scratch, at + 4)
  into.set(payload, at + frameHeaderBytes)
  return frameHeaderBytes + payload.length
}

/** True if the header at `at` carries its check. */
export function isFrameHeader(bytes: Uint8Array, at: number, seed: number): boolean {
  for (let i = 0; i < 12; i++) scratch[i] = bytes[at + 4 + i]!
  return crc32(scratch, seed) === readUint32(bytes, at)
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
