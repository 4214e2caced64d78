/*
 * The first 64 bytes of a segment file, little endian:
 *
 *   0  8 bytes magic "OUTRSPOL"      24  uint64  created, ms since 1970
 *   8  uint16  version               32  uint32  bytes the file will not grow beyond
 *  10  uint16  why sequences before the first are missing (0 none are, 1 torn, 2 damaged)
 *  12  uint32  epoch                 36  zeros
 *  16  uint64  first sequence        60  uint32  CRC-32 of bytes 0..59
 *
 * Magic, version and CRC stay where they are in every later version, so that a newer file is told from a damaged one.
 */
import { crc32 } from 'node:zlib'

export const segmentHeaderBytes = 64
export const formatVersion = 1
const magic = Buffer.from('OUTRSPOL', 'latin1')
const gapReasons = [undefined, 'torn', 'damaged'] as const

export interface SegmentHeader {
  readonly epoch: number
  readonly firstSequence: number
  readonly createdAtMs: number
  readonly segmentBytes: number
  /** Why the sequences between the previous segment's last and this one's first have no records, if there are such. */
  readonly gapBefore: (typeof gapReasons)[number]
}

export type SegmentHeaderResult =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' }

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  magic.copy(bytes, 0)
  bytes.writeUInt16LE(formatVersion, 8)
  bytes.writeUInt16LE(gapReasons.indexOf(header.gapBefore), 10)
  bytes.writeUInt32LE(header.epoch, 12)
  bytes.writeBigUInt64LE(BigInt(header.firstSequence), 16)
  bytes.writeBigUInt64LE(BigInt(Math.max(0, Math.floor(header.createdAtMs))), 24)
  bytes.writeUInt32LE(header.segmentBytes, 32)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

/** Reads the first bytes of a file; fewer than 64 are damage. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeaderResult {
  if (bytes.length < segmentHeaderBytes || !bytes.subarray(0, 8).equals(magic)) return { kind: 'damaged' }
  if (bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60))) return { kind: 'damaged' }
  const version = bytes.readUInt16LE(8)
  if (version !== formatVersion) return { kind: 'newer', version }
  const header = {
    epoch: bytes.readUInt32LE(12),
    firstSequence: Number(bytes.readBigUInt64LE(16)),
    createdAtMs: Number(bytes.readBigUInt64LE(24)),
    segmentBytes: bytes.readUInt32LE(32),
    gapBefore: gapReasons[bytes.readUInt16LE(10)],
  }
  return { kind: 'header', header }
}
