/*
 * What was learned, as bytes, so that it outlives the process: a header of 32 bytes, the entries in use, little-endian as they are in
 * memory (every machine this runs on), and a checksum. What does not fit is not read: it is learned anew.
 */
import { entryWords } from './usual-cells.js'
import type { UsualTraffic } from './usual-traffic.js'

const magic = 0x3155_524f // "ORU1"
const headerBytes = 32
const entryBytes = entryWords * 4
const checksumBytes = 4

export type RestoreOutcome =
  | { readonly outcome: 'restored'; readonly cells: number }
  /** Not whole, or not such bytes; cells of another size; more of them than there is room for. */
  | { readonly outcome: 'refused'; readonly reason: 'damaged' | 'other_cells' | 'too_many' }

/** @param wallMs now, so that what is read later has been forgotten by as much as time has passed */
export function usualToBytes({ cells, fadedAtMs }: UsualTraffic, wallMs: number): Uint8Array {
  const end = headerBytes + cells.size * entryBytes
  const bytes = new Uint8Array(end + checksumBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, cells.size, true)
  view.setFloat64(8, cells.eastE7, true)
  view.setFloat64(16, cells.northE7, true)
  view.setFloat64(24, Number.isNaN(fadedAtMs) ? wallMs : fadedAtMs, true)
  bytes.set(new Uint8Array(cells.ints.buffer, 0, cells.size * entryBytes), headerBytes)
  view.setUint32(end, checksumOf(bytes.subarray(0, end)), true)
  return bytes
}

/** Replaces what is known by what the bytes say; nothing is changed if they are refused. */
export function restoreUsual(usual: UsualTraffic, bytes: Uint8Array): RestoreOutcome {
  const { cells } = usual
  const end = bytes.byteLength - checksumBytes
  if (end < headerBytes) return refused('damaged')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic || view.getUint32(end, true) !== checksumOf(bytes.subarray(0, end))) return refused('damaged')
  const size = view.getUint32(4, true)
  if (headerBytes + size * entryBytes !== end) return refused('damaged')
  if (view.getFloat64(8, true) !== cells.eastE7 || view.getFloat64(16, true) !== cells.northE7) return refused('other_cells')
  if (size > cells.cellsMax) return refused('too_many')
  new Uint8Array(cells.ints.buffer, 0, size * entryBytes).set(bytes.subarray(headerBytes, end))
  cells.refill(size)
  usual.fadedAtMs = view.getFloat64(24, true)
  return { outcome: 'restored', cells: size }
}

function refused(reason: 'damaged' | 'other_cells' | 'too_many') {
  return { outcome: 'refused', reason } as const
}

/** FNV-1a over 32 bits, a word at a time: against a file cut short or overwritten, not against a forger. 4 ms for a full table. */
function checksumOf(bytes: Uint8Array): number {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const all = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2)
  let hash = 0x811c_9dc5
  for (let at = 0; at < all.length; at++) hash = Math.imul(hash ^ all[at]!, 0x0100_0193)
  // What is no whole word is no such file, and is refused by its length.
  return hash >>> 0
}
