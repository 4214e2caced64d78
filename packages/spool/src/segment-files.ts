import path from 'node:path'
import type { Files, OpenFile } from './files.js'
import { encodeSegmentHeader, type SegmentHeader } from './segment-header.js'

export const cursorFile = 'cursor'
export const watermarkFile = 'watermark'
const segmentPattern = /^(\d{16})\.segment$/
const lockPattern = /^writer\.\d+\.\w+\.lock$/

/** A segment's name is its first sequence, so that a listing says what is where, also when a header is damaged. */
export function segmentFile(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.segment`
}

/** First sequences of the segments among `names`, ascending. */
export function segmentsAmong(names: readonly string[]): number[] {
  const firsts: number[] = []
  for (const name of names) {
    const first = Number(segmentPattern.exec(name)?.[1])
    if (Number.isSafeInteger(first) && first > 0) firsts.push(first)
  }
  return firsts.sort((a, b) => a - b)
}

/** Names that no spool makes, less those that file systems and tools leave anywhere. */
export function foreignAmong(names: readonly string[]): string[] {
  const ours = new Set([cursorFile, watermarkFile])
  return names.filter(
    name => !ours.has(name) && !segmentPattern.test(name) && !lockPattern.test(name) && !name.startsWith('.') && name !== 'lost+found',
  )
}

/** Makes a segment, durably: nothing is written to it before its name is safe. If that fails, nothing of it stays. */
export async function createSegment(files: Files, folder: string, header: SegmentHeader): Promise<OpenFile> {
  const target = path.join(folder, segmentFile(header.firstSequence))
  const file = await files.open(target, 'create')
  try {
    const bytes = encodeSegmentHeader(header)
    await file.write(bytes, 0, bytes.length, 0)
    await file.sync()
    await files.syncFolder(folder)
    return file
  } catch (error) {
    await file.close()
    await files.remove(target)
    throw error
  }
}
