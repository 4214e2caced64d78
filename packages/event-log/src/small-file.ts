import path from 'node:path'
import { crc32 } from 'node:zlib'
import type { Files, OpenFile } from '@outrider/spool'
import { isErrno } from './errno.js'

/**
 * A small file that is either there with its last content or with the one before: two slots, written in turn, each with a count and a
 * checksum. For what changes often and must survive a crash: an offset, a setting.
 */
export interface SmallFile {
  /** The newest whole content; undefined if there never was one. 'damaged' if there was, and neither slot is whole. */
  read(): Promise<string | undefined | 'damaged'>
  /** Resolves when `content`, at most 200 bytes, is on disk; `sync: false` when other processes see it. */
  write(content: string, options?: { sync: boolean }): Promise<void>
  close(): Promise<void>
}

const slotBytes = 256
const headBytes = 10
const contentBytesMax = slotBytes - headBytes

/** checksum u32 · count u32 · length u16 · content; the checksum is over all that follows it, up to the end of the content. */
function encodeSlot(count: number, content: Buffer): Buffer {
  const slot = Buffer.alloc(slotBytes)
  slot.writeUInt32LE(count, 4)
  slot.writeUInt16LE(content.length, 8)
  content.copy(slot, headBytes)
  slot.writeUInt32LE(crc32(slot.subarray(4, headBytes + content.length)), 0)
  return slot
}

function decodeSlot(slot: Buffer): { count: number; content: string } | undefined {
  if (slot.length < headBytes) return undefined
  const end = headBytes + slot.readUInt16LE(8)
  if (end > slot.length || crc32(slot.subarray(4, end)) !== slot.readUInt32LE(0)) return undefined
  return { count: slot.readUInt32LE(4), content: slot.toString('utf8', headBytes, end) }
}

export function createSmallFile(files: Files, file: string): SmallFile {
  let opened: OpenFile | undefined
  let count: number | undefined

  async function newest(from: OpenFile): Promise<{ count: number; content: string } | undefined | 'damaged'> {
    const bytes = Buffer.alloc(2 * slotBytes)
    const length = await from.read(bytes, 0, bytes.length, 0)
    if (length === 0) return undefined
    const slots = [
      decodeSlot(bytes.subarray(0, Math.min(length, slotBytes))),
      decodeSlot(bytes.subarray(slotBytes, Math.max(length, slotBytes))),
    ]
    const [first, second] = slots
    if (first === undefined && second === undefined) return 'damaged'
    return (first?.count ?? -1) > (second?.count ?? -1) ? first : second
  }

  async function openForWriting(): Promise<OpenFile> {
    try {
      return await files.open(file, 'write')
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
    }
    await files.makeFolder(path.dirname(file))
    try {
      const created = await files.open(file, 'create')
      await files.syncFolder(path.dirname(file))
      return created
    } catch (error) {
      // Another process was quicker.
      if (isErrno(error, 'EEXIST')) return files.open(file, 'write')
      throw error
    }
  }

  return {
    async read() {
      let reading: OpenFile
      try {
        reading = await files.open(file, 'read')
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return undefined
        throw error
      }
      try {
        const found = await newest(reading)
        return typeof found === 'object' ? found.content : found
      } finally {
        await reading.close()
      }
    },
    async write(content, { sync } = { sync: true }) {
      const bytes = Buffer.from(content)
      if (bytes.length > contentBytesMax) throw new RangeError(`${file}: ${bytes.length} bytes; at most ${contentBytesMax}`)
      opened ??= await openForWriting()
      if (count === undefined) {
        const found = await newest(opened)
        count = typeof found === 'object' ? found.count : 0
      }
      count += 1
      await opened.write(encodeSlot(count, bytes), 0, slotBytes, (count % 2) * slotBytes)
      if (sync) await opened.sync()
    },
    async close() {
      await opened?.close()
      opened = undefined
    },
  }
}
