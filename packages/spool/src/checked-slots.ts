/*
 * A small file of two slots, for a few numbers that change: the newer one of those whose check fits counts, and a write goes to the
 * other one, so that a torn write leaves the value before it. A slot is 512 bytes, a disk's sector, little endian:
 *
 *   0  8 bytes magic, "OUTRCURS" or "OUTRMARK"     16  uint64  how many writes came before
 *   8  uint16  version, 2 bytes zero               24  three uint64  the numbers
 *  12  uint32  epoch                               48  zeros; 508  uint32  CRC-32 of bytes 0..507
 */
import { crc32 } from 'node:zlib'
import type { Files, OpenFile } from './files.js'
import { formatVersion } from './segment-header.js'

export const slotBytes = 512
const magics = { cursor: Buffer.from('OUTRCURS', 'latin1'), watermark: Buffer.from('OUTRMARK', 'latin1') } as const

export type SlotKind = keyof typeof magics
export type SlotNumbers = readonly [number, number, number]

interface Slot {
  readonly epoch: number
  readonly count: number
  readonly numbers: SlotNumbers
}

export interface Slots {
  /** The slot that counts, if the check of any fits. */
  readonly newest: Slot | undefined
  /** Where slots stand whose check does not fit. */
  readonly damagedAt: readonly number[]
  /** Set if a slot was written by a newer version. */
  readonly newerVersion: number | undefined
}

export function encodeSlot(kind: SlotKind, slot: Slot): Buffer {
  const bytes = Buffer.alloc(slotBytes)
  magics[kind].copy(bytes, 0)
  bytes.writeUInt16LE(formatVersion, 8)
  bytes.writeUInt32LE(slot.epoch, 12)
  bytes.writeBigUInt64LE(BigInt(slot.count), 16)
  for (const [index, number] of slot.numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), 24 + 8 * index)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 508)), 508)
  return bytes
}

export function decodeSlots(kind: SlotKind, file: Buffer): Slots {
  let newest: Slot | undefined
  let newerVersion: number | undefined
  const damagedAt: number[] = []
  for (const offset of [0, slotBytes]) {
    const bytes = file.subarray(offset, offset + slotBytes)
    const fits =
      bytes.length === slotBytes && bytes.subarray(0, 8).equals(magics[kind]) && bytes.readUInt32LE(508) === crc32(bytes.subarray(0, 508))
    if (!fits) {
      damagedAt.push(offset)
      continue
    }
    if (bytes.readUInt16LE(8) !== formatVersion) newerVersion = bytes.readUInt16LE(8)
    const numbers = [24, 32, 40].map(at => Number(bytes.readBigUInt64LE(at))) as [number, number, number]
    const slot = { epoch: bytes.readUInt32LE(12), count: Number(bytes.readBigUInt64LE(16)), numbers }
    if (newest === undefined || slot.count > newest.count) newest = slot
  }
  return { newest, damagedAt, newerVersion }
}

/** Reads a slot file. A file that is absent or short reads as damaged slots. */
export async function readSlots(files: Files, path: string, kind: SlotKind): Promise<Slots> {
  const file = await files.open(path, 'read')
  try {
    const bytes = Buffer.alloc(2 * slotBytes)
    const length = await file.read(bytes, 0, bytes.length, 0)
    return decodeSlots(kind, bytes.subarray(0, length))
  } finally {
    await file.close()
  }
}

export interface SlotFile {
  /** Writes the numbers into the slot that does not count, not synced. */
  write(numbers: SlotNumbers): Promise<void>
  /** Writes both slots and syncs: after it either one of them may be lost. */
  writeBoth(numbers: SlotNumbers): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** @param count how many writes came before, so that the next one is the newest */
export function createSlotFile(file: OpenFile, kind: SlotKind, epoch: number, count: number): SlotFile {
  let written = count
  async function write(numbers: SlotNumbers) {
    const next = written + 1
    await file.write(encodeSlot(kind, { epoch, count: next, numbers }), 0, slotBytes, (next % 2) * slotBytes)
    written = next
  }
  return {
    write,
    async writeBoth(numbers) {
      await write(numbers)
      await file.sync()
      await write(numbers)
      await file.sync()
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}
