/*
 * Opens a log for its one writer: creates it, or repairs the end of it. In order: the lock; what the folder holds; the newest segment;
 * a new segment where the log cannot go on in that one; cursor and watermark, both slots. In an empty folder the slots come before the
 * segment, so that a creation that was cut short is not taken for damage.
 */
import path from 'node:path'
import { createSlotFile, type SlotFile, type SlotKind, type Slots } from './checked-slots.js'
import { errnoOf, type Files, isDiskFull, type OpenFile } from './files.js'
import { type FolderState, readFolder } from './folder-state.js'
import type { SpoolLimits } from './limits.js'
import { type RepairedTail, repairTail } from './repair-tail.js'
import { createSegment, segmentFile, slotFiles } from './segment-files.js'
import { segmentHeaderBytes } from './segment-header.js'
import type { SpoolOpening, SpoolOptions } from './spool.js'
import { SpoolError } from './spool-error.js'

export interface HeldSegment {
  readonly firstSequence: number
  readonly createdAtMs: number
  bytes: number
}

export interface OpenLog {
  readonly opening: SpoolOpening
  /** Ascending; the last is the one being written. */
  readonly segments: HeldSegment[]
  readonly tail: OpenFile
  readonly cursorSlots: SlotFile
  readonly watermarkSlots: SlotFile
  release(): Promise<void>
}

type OpenLogOptions = Pick<SpoolOptions, 'folder' | 'files' | 'clock' | 'randomUint32' | 'onEvent'> & { readonly limits: SpoolLimits }

/** @throws {SpoolError} as `Spool.start` says */
export async function openLog(options: OpenLogOptions): Promise<OpenLog> {
  const { files, folder, onEvent } = options
  const opened: OpenFile[] = []
  let release = async () => {}
  try {
    await files.makeFolder(folder)
    await readFolder(files, folder)
    const lock = await files.lock(folder)
    if (!lock.locked) {
      throw new SpoolError('locked', `${folder} is being written by process ${lock.pid}. Stop that one first, or name another folder.`)
    }
    release = lock.release
    if (lock.takenOverFromPid !== undefined) onEvent?.({ event: 'lock_taken_over', pid: lock.takenOverFromPid })
    return { ...(await repair(options, await readFolder(files, folder), opened)), release }
  } catch (error) {
    for (const file of opened) await file.close()
    await release()
    if (error instanceof SpoolError) throw error
    const [code, advice] = isDiskFull(error)
      ? (['disk_full', 'Free some space and start again.'] as const)
      : (['disk_failed', 'Check the disk and the rights on the folder.'] as const)
    throw new SpoolError(code, `${folder} cannot be opened: ${(error as Error).message}. ${advice}`, error)
  }
}

async function repair(options: OpenLogOptions, state: FolderState, opened: OpenFile[]): Promise<Omit<OpenLog, 'release'>> {
  const { files, folder, limits, clock, onEvent } = options
  const created = state.epoch === undefined
  const epoch = state.epoch ?? options.randomUint32() >>> 0
  const segments: HeldSegment[] = state.segments.map(({ firstSequence, bytes, header }) => ({
    firstSequence,
    bytes,
    createdAtMs: header?.createdAtMs ?? clock.wallMs(),
  }))
  const newest = state.segments.at(-1)
  const repaired = newest === undefined ? beginning(state) : await repairTail({ files, folder, limits, epoch, newest, state, onEvent })
  const { nextSequence, cutBytes, skipped, gapBefore } = repaired
  if (repaired.file !== undefined) opened.push(repaired.file)
  if (repaired.bytes === undefined) segments.pop()
  else segments.at(-1)!.bytes = repaired.bytes
  await files.syncFolder(folder)

  const openSlots = async (kind: SlotKind, slots: Slots) => {
    const file = await openOrCreate(files, folder, slotFiles[kind])
    opened.push(file)
    return createSlotFile(file, kind, epoch, slots.newest?.count ?? 0)
  }
  const cursor = state.cursor ?? (segments[0]?.firstSequence ?? nextSequence) - 1
  const cursorSlots = await openSlots('cursor', state.cursorSlots)
  const watermarkSlots = await openSlots('watermark', state.watermarkSlots)
  await cursorSlots.writeBoth([cursor, 0, 0])
  if (segments.length === 0) await watermarkSlots.writeBoth([nextSequence, segmentHeaderBytes, nextSequence - 1])
  let tail = repaired.file
  if (tail === undefined) {
    const createdAtMs = clock.wallMs()
    tail = await createSegment(files, folder, {
      epoch,
      firstSequence: nextSequence,
      createdAtMs,
      segmentBytes: limits.segmentBytes,
      gapBefore,
    })
    opened.push(tail)
    segments.push({ firstSequence: nextSequence, createdAtMs, bytes: segmentHeaderBytes })
    onEvent?.({ event: 'segment_opened', file: segmentFile(nextSequence), firstSequence: nextSequence })
  }
  const { firstSequence: segmentFirst, bytes } = segments.at(-1)!
  await watermarkSlots.writeBoth([segmentFirst, bytes, nextSequence - 1])
  if (created) onEvent?.({ event: 'log_created', epoch })
  const slotsDamaged = !created && state.cursorSlots.damagedAt.length + state.watermarkSlots.damagedAt.length > 0
  const damaged = repaired.damaged || slotsDamaged
  const { firstSequence } = segments[0]!
  const opening = { created, epoch, firstSequence, nextSequence, cursor, cutBytes, skipped, damaged }
  return { opening, segments, tail, cursorSlots, watermarkSlots }
}

/** Where a log without segments goes on: at 1, or behind what cursor and watermark know of segments that are gone. */
function beginning({ watermark, cursor }: FolderState): RepairedTail {
  const known = Math.max(watermark?.syncedThrough ?? 0, cursor ?? 0)
  const gapBefore = known > 0 ? 'damaged' : undefined
  return { file: undefined, bytes: undefined, nextSequence: known + 1, cutBytes: 0, skipped: undefined, gapBefore, damaged: known > 0 }
}

async function openOrCreate(files: Files, folder: string, name: string): Promise<OpenFile> {
  const target = path.join(folder, name)
  try {
    return await files.open(target, 'write')
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  const file = await files.open(target, 'create')
  await files.syncFolder(folder)
  return file
}
