/**
 * A record as the embedded log stores it, little-endian: layout 1 · flags (1: value present) · headers · time as float64 ms · key
 * length u16 · value length u32 · key · value · per header: name length u8 · value length u32 · name · value. The spool around it
 * has the checksum and the offset.
 */

import type { LogRecord, NewRecord } from './event-log.js'
import { EventLogError } from './event-log-error.js'

const layout = 1
const fixedBytes = 17
const headerFixedBytes = 5

export function encodeStoredRecord({ key, value, timeMs, headers = {} }: NewRecord): Buffer {
  const keyBytes = Buffer.from(key)
  const headerEntries = Object.entries(headers).map(([name, content]) => ({
    name: Buffer.from(name),
    content: typeof content === 'string' ? Buffer.from(content) : content,
  }))
  const headerBytes = headerEntries.reduce((sum, each) => sum + headerFixedBytes + each.name.length + each.content.length, 0)
  const bytes = Buffer.allocUnsafe(fixedBytes + keyBytes.length + (value?.length ?? 0) + headerBytes)
  bytes[0] = layout
  bytes[1] = value === null ? 0 : 1
  bytes[2] = headerEntries.length
  bytes.writeDoubleLE(timeMs, 3)
  bytes.writeUInt16LE(keyBytes.length, 11)
  bytes.writeUInt32LE(value?.length ?? 0, 13)
  let at = put(bytes, keyBytes, fixedBytes)
  if (value !== null) at = put(bytes, value, at)
  for (const { name, content } of headerEntries) {
    bytes[at] = name.length
    bytes.writeUInt32LE(content.length, at + 1)
    at = put(bytes, content, put(bytes, name, at + headerFixedBytes))
  }
  return bytes
}

/** @param stored belongs to the record from now on @throws EventLogError `log_foreign`, for bytes no version up to ours wrote */
export function decodeStoredRecord(stored: Uint8Array, offset: number): LogRecord {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  if (bytes.length < fixedBytes || bytes[0] !== layout)
    throw new EventLogError(
      'log_foreign',
      `record ${offset} has layout ${bytes[0] ?? 'none'}; this program reads layout ${layout}: use the one that wrote it`,
    )
  let at = fixedBytes
  const take = (length: number) => {
    if (at + length > bytes.length)
      throw new EventLogError('log_damaged', `record ${offset} ends early; it was not written by this program`)
    at += length
    return bytes.subarray(at - length, at)
  }
  const key = take(bytes.readUInt16LE(11)).toString()
  const value = take(bytes.readUInt32LE(13))
  const headers: Record<string, Uint8Array> = {}
  for (let left = bytes[2]!; left > 0; left--) {
    const lengths = take(headerFixedBytes)
    const name = take(lengths[0]!).toString()
    headers[name] = take(lengths.readUInt32LE(1))
  }
  return { offset, key, value: bytes[1] === 0 ? null : value, timeMs: bytes.readDoubleLE(3), headers }
}

function put(into: Buffer, from: Uint8Array, at: number): number {
  into.set(from, at)
  return at + from.length
}
