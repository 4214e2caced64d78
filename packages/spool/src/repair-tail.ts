/*
 * Repairs the newest segment of a log whose writer has the lock. What lies beyond the watermark is written once more, in place: after
 * a failed fsync the kernel may call pages clean that never reached the disk, and the sync here must vouch for them. The torn end is
 * cut. The segment is gone on with only if it is whole; else the caller begins the next one, so that within a segment sequences are dense.
 */
import path from 'node:path'
import type { Files, OpenFile } from './files.js'
import type { FolderState, SegmentState } from './folder-state.js'
import { readChunkBytes, type SpoolLimits } from './limits.js'
import type { SpoolOpening } from './spool.js'
import type { SpoolEvent } from './spool-event.js'
import { planTail, scanTail } from './tail-state.js'

export interface RepairedTail {
  /** Open for writing, if the log goes on in this segment. */
  readonly file: OpenFile | undefined
  /** Bytes kept; `undefined` if the segment is gone, as its creation did not finish. */
  readonly bytes: number | undefined
  readonly nextSequence: number
  readonly cutBytes: number
  readonly skipped: SpoolOpening['skipped']
  /** Why sequences before the next segment may be missing. */
  readonly gapBefore: 'torn' | 'damaged' | undefined
  readonly damaged: boolean
}

export interface RepairTailOptions {
  readonly files: Files
  readonly folder: string
  readonly limits: SpoolLimits
  readonly epoch: number
  readonly newest: SegmentState
  readonly state: FolderState
  readonly onEvent: ((event: SpoolEvent) => void) | undefined
}

export async function repairTail({ files, folder, limits, epoch, newest, state, onEvent }: RepairTailOptions): Promise<RepairedTail> {
  const { firstSequence, bytes, header, file: name } = newest
  const { watermark, cursor } = state
  const target = path.join(folder, name)
  const scan = await scanTail(files, folder, firstSequence, epoch)
  const segmentBytes = header?.segmentBytes ?? limits.segmentBytes
  const { keepBytes, nextSequence, skip, lostSynced } = planTail({ firstSequence, bytes, segmentBytes, scan, watermark, cursor })
  const cutBytes = bytes - keepBytes
  const isWhole = header !== undefined && scan.damagedAt === undefined && skip === undefined && cutBytes === 0
  const skipped = skip && { first: scan.expected, last: nextSequence - 1, reason: skip }
  const damaged = lostSynced || header === undefined
  if (skipped !== undefined) onEvent?.({ event: 'sequences_skipped', ...skipped })
  if (lostSynced)
    onEvent?.({ event: 'damage_found', file: name, offset: scan.damagedAt ?? scan.goodBytes, reason: 'synced, and unreadable' })

  if (nextSequence === firstSequence && !isWhole) {
    // Nothing was ever in it, and the one that takes its place has its name. If sequences are missing before it, it was a cut that did it.
    await files.remove(target)
    return { file: undefined, bytes: undefined, nextSequence, cutBytes: 0, skipped, gapBefore: 'torn', damaged: lostSynced }
  }
  const file = await files.open(target, 'write')
  try {
    await rewrite(file, watermark?.segmentFirst === firstSequence ? watermark.syncedBytes : 0, keepBytes)
    if (cutBytes > 0) await file.truncate(keepBytes)
    await file.sync()
  } catch (error) {
    await file.close()
    throw error
  }
  if (cutBytes > 0) onEvent?.({ event: 'tail_cut', file: name, offset: keepBytes, bytes: cutBytes })
  if (!isWhole) await file.close()
  return { file: isWhole ? file : undefined, bytes: keepBytes, nextSequence, cutBytes, skipped, gapBefore: skip, damaged }
}

async function rewrite(file: OpenFile, from: number, to: number): Promise<void> {
  const chunk = Buffer.allocUnsafeSlow(Math.max(0, Math.min(readChunkBytes, to - from)))
  for (let position = from; position < to; ) {
    const length = await file.read(chunk, 0, Math.min(chunk.length, to - position), position)
    if (length === 0) return
    await file.write(chunk, 0, length, position)
    position += length
  }
}
