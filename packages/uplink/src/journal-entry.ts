// One entry of the region's log. Layout, so that a record goes on to the event log as it lies here, and its identity is read without
// decoding it, however damaged the node's bytes may be:
//
//   record (as the node wrote it) ‖ identity (Record's fields node, lane, epoch, sequence) ‖ extra ‖ u16 identity ‖ u32 extra ‖ u8 kind
//
// The first two together are the message `Record`: protobuf messages concatenate, and of a repeated scalar field the last one counts, so
// what a node may have claimed about itself is overridden.
import { outrider } from '@outrider/protocol'
import type { LogIdentity } from './log-identity.js'
import { toSequence } from './safe-sequence.js'
import { UplinkError } from './uplink-error.js'

const { Record } = outrider.v1

/** What an entry is. Numbers are on disk: never renumbered. */
export const entryKinds = {
  /** A record of a node. */
  record: 0,
  /** A record that closes a range of a node's log; written by the region. */
  gap: 1,
  /** A record of the region's own. */
  own: 2,
} as const

export type EntryKind = (typeof entryKinds)[keyof typeof entryKinds]

export interface JournalEntry extends LogIdentity {
  readonly kind: EntryKind
  /** Of a gap the first sequence of its range. */
  readonly sequence: number
  /** The whole message `Record`, with its identity. */
  readonly record: Uint8Array
  /** What an own record was written with; empty for the others. */
  readonly extra: Uint8Array
}

const footerBytes = 7
/** Longest entry beyond the node's bytes and the extra: node 2 + 64, lane 2, epoch 5, sequence 9, footer 7. */
export const entryOverheadBytesMax = 96

/**
 * The identity's fields less the sequence, the same for all records of a log. By hand, since the generated encoder leaves out an epoch of
 * 0, which then would not override what a node claims.
 */
export function identityPrefix({ node, lane, epoch }: LogIdentity): Uint8Array {
  const name = Buffer.from(node)
  const prefix = Buffer.alloc(2 + name.length + 2 + 5)
  prefix.set([(3 << 3) | 2, name.length])
  prefix.set(name, 2)
  prefix.set([(4 << 3) | 0, lane, (5 << 3) | 5], 2 + name.length)
  prefix.writeUInt32LE(epoch, 5 + name.length)
  return prefix
}

const sequenceTag = (6 << 3) | 0

export function encodeEntry(
  kind: EntryKind,
  record: Uint8Array,
  prefix: Uint8Array,
  sequence: number,
  extra: Uint8Array = noBytes,
): Uint8Array {
  const bytes = new Uint8Array(record.length + prefix.length + 9 + extra.length + footerBytes)
  bytes.set(record)
  let at = record.length
  bytes.set(prefix, at)
  at += prefix.length
  bytes[at++] = sequenceTag
  let rest = sequence
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80
  bytes[at++] = rest
  const identityBytes = at - record.length
  bytes.set(extra, at)
  at += extra.length
  const footer = new DataView(bytes.buffer, at, footerBytes)
  footer.setUint16(0, identityBytes)
  footer.setUint32(2, extra.length)
  footer.setUint8(6, kind)
  return bytes.subarray(0, at + footerBytes)
}

/** @throws UplinkError `entry_unreadable` */
export function decodeEntry(bytes: Uint8Array): JournalEntry {
  const footer = bytes.length - footerBytes
  if (footer < 0) throw unreadable(`${bytes.length} bytes are too few`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + footer, footerBytes)
  const kind = view.getUint8(6)
  const recordEnd = footer - view.getUint32(2)
  const identityAt = recordEnd - view.getUint16(0)
  if (kind > entryKinds.own || identityAt < 0) throw unreadable(`kind ${kind} with its identity at ${identityAt}`)
  const { node, lane, epoch, sequence } = Record.decode(bytes.subarray(identityAt, recordEnd))
  const number = toSequence(sequence)
  if (node === '' || Number.isNaN(number)) throw unreadable('it names no record')
  return {
    kind: kind as EntryKind,
    node,
    lane,
    epoch,
    sequence: number,
    record: bytes.subarray(0, recordEnd),
    extra: bytes.subarray(recordEnd, footer),
  }
}

const noBytes = new Uint8Array(0)

function unreadable(what: string): UplinkError {
  return new UplinkError(
    'entry_unreadable',
    `an entry of the region's log cannot be read: ${what}; was it written by another program or version?`,
  )
}
