/*
 * Opens a log for its one writer: creates it, or repairs the end of it. In order:
 *
 *  1  the lock, then what the folder holds
 *  2  what lies beyond the watermark is written once more, in place: after a failed fsync the kernel may call pages clean that never
 *     reached the disk, and the sync below must vouch for them
 *  3  the torn tail is cut, the newest segment synced
 *  4  a new segment begins where sequences are skipped or the newest one is damaged, so that within a segment they are dense
 *  5  cursor and watermark are written anew, both slots; in an empty folder before the first segment, so that a creation that was cut
 *     short is not taken for damage
 */
import path from 'node:path'
import { createSlotFile, type SlotFile } from './checked-slots.js'
import { errnoOf, type Files, isDiskFull, type OpenFile } from './files.js'
import { type FolderState, readFolder } from './folder-state.js'
import { readChunkBytes, type SpoolLimits } from './limits.js'
import { createSegment, cursorFile, segmentFile, watermarkFile } from './segment-files.js'
import { segmentHeaderBytes } from './segment-header.js'
import type { SpoolOpening, SpoolOptions } from './spool.js'
import { SpoolError } from './spool-error.js'
import { planTail, scanTail } from './tail-state.js'

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
  const epoch = state.epoch ?? options.randomUint32() >>> 0
  const created = state.epoch === undefined
  const segments: HeldSegment[] = state.segments.map(({ firstSequence, bytes, header }) => ({
    firstSequence,
    bytes,
    createdAtMs: header?.createdAtMs ?? clock.wallMs(),
  }))
  const known = Math.max(state.watermark?.syncedThrough ?? 0, state.cursor ?? 0)
  const slotsDamaged = !created && state.cursorSlots.damagedAt.length + state.watermarkSlots.damagedAt.length > 0
  const segmentsGone = segments.length === 0 && known > 0
  let opening = {
    nextSequence: known + 1,
    cutBytes: 0,
    skipped: undefined as SpoolOpening['skipped'],
    damaged: slotsDamaged || segmentsGone,
  }
  let tail: OpenFile | undefined
  let gapBefore: 'torn' | 'damaged' | undefined = segmentsGone ? 'damaged' : undefined

  const newest = state.segments.at(-1)
  if (newest !== undefined) {
    const { firstSequence, bytes, header, file } = newest
    const scan = await scanTail(files, folder, firstSequence, epoch)
    const segmentBytes = header?.segmentBytes ?? limits.segmentBytes
    const plan = planTail({ firstSequence, bytes, segmentBytes, scan, watermark: state.watermark, cursor: state.cursor })
    const cutBytes = bytes - plan.keepBytes
    const isUsable = header !== undefined && scan.damagedAt === undefined && plan.skip === undefined && cutBytes === 0
    if (plan.nextSequence === firstSequence && !isUsable) {
      // Its creation did not finish, and nothing was ever in it.
      await files.remove(path.join(folder, file))
      segments.pop()
      gapBefore = 'torn'
    } else {
      tail = await files.open(path.join(folder, file), 'write')
      opened.push(tail)
      const rewriteFrom = state.watermark?.segmentFirst === firstSequence ? state.watermark.syncedBytes : 0
      await rewrite(tail, rewriteFrom, plan.keepBytes)
      if (cutBytes > 0) await tail.truncate(plan.keepBytes)
      await tail.sync()
      segments.at(-1)!.bytes = plan.keepBytes
      if (cutBytes > 0) onEvent?.({ event: 'tail_cut', file, offset: plan.keepBytes, bytes: cutBytes })
      if (!isUsable) {
        await tail.close()
        opened.pop()
        tail = undefined
      }
    }
    gapBefore = plan.skip ?? gapBefore
    const skipped = plan.skip && { first: scan.expected, last: plan.nextSequence - 1, reason: plan.skip }
    if (skipped !== undefined) onEvent?.({ event: 'sequences_skipped', ...skipped })
    if (plan.lostSynced)
      onEvent?.({ event: 'damage_found', file, offset: scan.damagedAt ?? scan.goodBytes, reason: 'synced bytes do not fit their check' })
    opening = { nextSequence: plan.nextSequence, cutBytes, skipped, damaged: opening.damaged || plan.lostSynced || header === undefined }
  }
  await files.syncFolder(folder)
  const { nextSequence } = opening
  const cursor = state.cursor ?? (segments[0]?.firstSequence ?? nextSequence) - 1
  const cursorSlots = createSlotFile(
    await openSlots(files, folder, cursorFile, opened),
    'cursor',
    epoch,
    state.cursorSlots.newest?.count ?? 0,
  )
  const count = state.watermarkSlots.newest?.count ?? 0
  const watermarkSlots = createSlotFile(await openSlots(files, folder, watermarkFile, opened), 'watermark', epoch, count)
  await cursorSlots.writeBoth([cursor, 0, 0])
  if (segments.length === 0) await watermarkSlots.writeBoth([nextSequence, segmentHeaderBytes, nextSequence - 1])
  if (tail === undefined) {
    const header = { epoch, firstSequence: nextSequence, createdAtMs: clock.wallMs(), segmentBytes: limits.segmentBytes, gapBefore }
    tail = await createSegment(files, folder, header)
    opened.push(tail)
    segments.push({ firstSequence: nextSequence, createdAtMs: header.createdAtMs, bytes: segmentHeaderBytes })
    onEvent?.({ event: 'segment_opened', file: segmentFile(nextSequence), firstSequence: nextSequence })
  }
  const { firstSequence: segmentFirst, bytes } = segments.at(-1)!
  await watermarkSlots.writeBoth([segmentFirst, bytes, nextSequence - 1])
  if (created) onEvent?.({ event: 'log_created', epoch })
  return {
    opening: { ...opening, created, epoch, firstSequence: segments[0]!.firstSequence, cursor },
    segments,
    tail,
    cursorSlots,
    watermarkSlots,
  }
}

async function openSlots(files: Files, folder: string, name: string, opened: OpenFile[]): Promise<OpenFile> {
  const target = path.join(folder, name)
  let file: OpenFile
  try {
    file = await files.open(target, 'write')
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    file = await files.open(target, 'create')
    await files.syncFolder(folder)
  }
  opened.push(file)
  return file
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
