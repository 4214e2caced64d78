/*
 * The writer of one log. `append` frames records into memory; one loop writes and syncs them in groups; everything else (cursor,
 * watermark, free space, removal) goes on beside it and never holds it up.
 */
import { delay } from './clock.js'
import { type CursorWriter, createCursorWriter } from './cursor-writer.js'
import { isDiskFull } from './files.js'
import { createFreeSpace } from './free-space.js'
import { createGroupWriter, type GroupWriter, SyncFailure } from './group-writer.js'
import { completeLimits, diskRetryMsMax, diskRetryMsMin, housekeepingMs } from './limits.js'
import { type OpenLog, openLog } from './open-log.js'
import { createPendingRecords, type Group, type PendingRecords } from './pending-records.js'
import { frameHeaderBytes } from './record-frame.js'
import { type ReadablePosition, readRecords, type SyncedPosition } from './record-reader.js'
import { checkRetention, createRemover, segmentMsMax } from './removal.js'
import { segmentFile } from './segment-files.js'
import { segmentHeaderBytes } from './segment-header.js'
import type { AppendResult, ReadOptions, Spool, SpoolItem, SpoolOpening, SpoolOptions, SpoolRefusal, SpoolRefused } from './spool.js'
import { SpoolError } from './spool-error.js'
import { createSyncWaiters } from './sync-waiters.js'
import { createWatermarkWriter, type WatermarkWriter } from './watermark-writer.js'

/** One frozen object per reason: a refusal costs nothing either. */
const refusals = Object.freeze({
  closed: Object.freeze({ refused: 'closed' }),
  failed: Object.freeze({ refused: 'failed' }),
  too_large: Object.freeze({ refused: 'too_large' }),
  pending_full: Object.freeze({ refused: 'pending_full' }),
  full: Object.freeze({ refused: 'full' }),
  disk_reserve: Object.freeze({ refused: 'disk_reserve' }),
  disk_full: Object.freeze({ refused: 'disk_full' }),
}) satisfies Record<SpoolRefusal, SpoolRefused>

/** What exists while the log is open. */
interface OpenState extends OpenLog {
  readonly pending: PendingRecords
  readonly writer: GroupWriter
  readonly watermark: WatermarkWriter
  readonly cursor: CursorWriter
  readonly removeOld: () => Promise<void>
}

/** A log on disk with one writer; `Spool` is the contract. @throws {SpoolError} `limit_invalid` */
export function createSpool(options: SpoolOptions): Spool {
  const { folder, files, clock, retain = 'until-drained', onEvent } = options
  const limits = completeLimits(options.limits)
  checkRetention(retain, limits)

  let phase: 'new' | 'open' | 'failed' | 'stopped' = 'new'
  let failure: unknown
  let log: OpenState | undefined
  let position: ReadablePosition = { epoch: 0, segmentFirst: 1, syncedBytes: segmentHeaderBytes, syncedThrough: 0 }
  const waiters = createSyncWaiters()

  let heldBytes = 0
  let isCapTold = false
  const freeSpace = createFreeSpace({ files, folder, reserveBytes: limits.reserveBytes, onEvent })
  let isDiskFullNow = false

  /** True once the oldest record that waits has waited long enough. */
  let isDue = false
  let wake = () => {}
  let loop: Promise<void> | undefined
  let starting: Promise<SpoolOpening> | undefined
  let stopping: Promise<void> | undefined
  const stopSignal = new AbortController()
  let cancelHousekeeping = () => {}

  function refusalFor(payloadBytes: number): SpoolRefusal | undefined {
    if (phase !== 'open' || stopping !== undefined) return phase === 'failed' ? 'failed' : 'closed'
    if (payloadBytes > limits.recordBytesMax) return 'too_large'
    if (isDiskFullNow) return 'disk_full'
    // The record may begin a segment.
    const bytes = payloadBytes + frameHeaderBytes + segmentHeaderBytes
    if (!freeSpace.allows(bytes)) return 'disk_reserve'
    if (heldBytes + bytes > limits.capBytes) return 'full'
    return undefined
  }

  function append(bytes: Uint8Array): AppendResult {
    const refusal = refusalFor(bytes.length)
    if (refusal !== undefined) {
      if (refusal === 'full') tellCap()
      return refusals[refusal]
    }
    const { pending } = log!
    const isFirst = pending.bytes === 0
    const diskBytes = pending.append(bytes)
    if (diskBytes === 0) return refusals.pending_full
    heldBytes += diskBytes
    freeSpace.spend(diskBytes)
    if (isFirst) clock.schedule(limits.syncWithinMs, becomeDue)
    else if (pending.isHalfFull && !isDue) becomeDue()
    return pending.lastSequence
  }

  /** Whether what is drained has to make room, however young it is. */
  function isShort(): boolean {
    return isDiskFullNow || heldBytes > limits.capBytes / 2 || !freeSpace.allows(limits.segmentBytes)
  }

  function becomeDue() {
    isDue = true
    wake()
  }

  function tellCap() {
    if (isCapTold) return
    isCapTold = true
    onEvent?.({ event: 'cap_reached', heldBytes })
    void log!.removeOld()
  }

  /** The one writer: whatever has gathered while a group was on its way is the next group. */
  async function run({ pending, writer }: OpenState) {
    while (phase === 'open') {
      const group = isDue || stopping !== undefined ? pending.take() : undefined
      isDue = false
      if (group === undefined) {
        if (stopping !== undefined) return
        await new Promise<void>(resolve => {
          wake = resolve
        })
        continue
      }
      try {
        if (!(await writeGroup(writer, group))) return
        await writer.sync()
      } catch (error) {
        return fail(error)
      }
      publish(group)
    }
  }

  /** Writes until it is done; a full disk is waited for. False if the log is stopped meanwhile. */
  async function writeGroup(writer: GroupWriter, group: Group): Promise<boolean> {
    for (let pauseMs = diskRetryMsMin; ; pauseMs = Math.min(2 * pauseMs, diskRetryMsMax)) {
      try {
        await writer.write(group)
        if (isDiskFullNow) onEvent?.({ event: 'disk_recovered' })
        isDiskFullNow = false
        return true
      } catch (error) {
        if (!isDiskFull(error)) throw error
        if (!isDiskFullNow) onEvent?.({ event: 'disk_filled', cause: error })
        isDiskFullNow = true
      }
      if (stopping !== undefined) return false
      await delay(clock, pauseMs, stopSignal.signal)
    }
  }

  function publish({ lastSequence }: Group) {
    const { segments, pending, watermark } = log!
    const { firstSequence: segmentFirst, bytes: syncedBytes } = segments.at(-1)!
    pending.release()
    position = { epoch: position.epoch, segmentFirst, syncedBytes, syncedThrough: lastSequence }
    waiters.resolveThrough(lastSequence)
    watermark.publish(position)
  }

  function fail(cause: unknown) {
    if (phase !== 'open') return
    phase = 'failed'
    failure = cause instanceof SyncFailure ? cause.cause : cause
    waiters.rejectAll(failedError())
    onEvent?.({ event: 'log_failed', cause: failure })
  }

  /** Once a second: free space, the age of the newest segment, removal. */
  async function housekeep({ segments, pending, removeOld }: OpenState) {
    await freeSpace.look(pending.bytes)
    if (phase !== 'open' || stopping !== undefined) return
    const newest = segments.at(-1)!
    if (clock.wallMs() - newest.createdAtMs > segmentMsMax(retain)) {
      heldBytes += pending.roll()
      becomeDue()
    }
    await removeOld()
    if (stopping === undefined) cancelHousekeeping = clock.schedule(housekeepingMs, () => void housekeep(log!))
  }

  async function open(): Promise<SpoolOpening> {
    const opened = await openLog({ ...options, limits })
    const { opening, segments, tail, cursorSlots, watermarkSlots } = opened
    const { epoch, nextSequence } = opening
    const { firstSequence: segmentFirst, bytes: segmentBytes } = segments.at(-1)!
    position = { epoch, segmentFirst, syncedBytes: segmentBytes, syncedThrough: nextSequence - 1 }
    heldBytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
    const cursor = createCursorWriter({ slots: cursorSlots, cursor: opening.cursor, onFailure: fail })
    const { wallMs } = clock
    const state: OpenState = {
      ...opened,
      pending: createPendingRecords({ limits, epoch, segmentFirst, segmentBytes, nextSequence }),
      writer: createGroupWriter({ files, folder, epoch, segmentBytes: limits.segmentBytes, wallMs, segments, tail, onSegmentOpened }),
      watermark: createWatermarkWriter({ slots: watermarkSlots, onEvent }),
      cursor,
      removeOld: createRemover({
        files,
        folder,
        segments,
        facts: () => ({ retain, cursor: cursor.durable, wallMs: wallMs(), isShort: isShort() }),
        mayGoOn: () => phase === 'open' && stopping === undefined,
        onRemoved,
        onEvent,
      }),
    }
    log = state
    phase = 'open'
    await housekeep(state)
    loop = run(state)
    return opening
  }

  function onSegmentOpened({ firstSequence }: { firstSequence: number }) {
    onEvent?.({ event: 'segment_opened', file: segmentFile(firstSequence), firstSequence })
  }

  function onRemoved({ bytes }: { bytes: number }) {
    heldBytes -= bytes
    isCapTold = false
  }

  /** The stop list. */
  async function shutDown() {
    await Promise.allSettled([starting])
    cancelHousekeeping()
    stopSignal.abort()
    wake()
    await loop
    await log?.removeOld()
    const isFailed = phase === 'failed'
    phase = 'stopped'
    waiters.rejectAll(isFailed ? failedError() : new SpoolError('closed', `${folder}: stopped before all was on disk.`))
    if (log === undefined) return
    await log.cursor.close()
    await log.watermark.close(isFailed ? undefined : position)
    await log.writer.close()
    await log.release()
  }

  const synced: SyncedPosition = {
    current: () => position,
    async beyond(through, signal) {
      while (position.syncedThrough <= through) {
        if (phase === 'stopped' || signal?.aborted) return false
        await waiters.news(signal)
      }
      return true
    },
  }

  function read(follow: boolean, { from, signal }: ReadOptions): AsyncIterableIterator<SpoolItem> {
    if (log === undefined) throw new SpoolError('closed', 'The spool is not started.')
    return readRecords({ files, folder, position: synced, from, follow, signal })
  }

  /** Why nothing can become durable any more; `undefined` if it can. */
  function obstacle(): SpoolError | undefined {
    if (phase === 'failed') return failedError()
    return phase === 'open' ? undefined : new SpoolError('closed', `${folder}: the spool is not running.`)
  }

  function failedError(): SpoolError {
    return new SpoolError(
      'failed',
      `${folder}: the disk failed, so this log takes nothing more. Check the disk, then start again.`,
      failure,
    )
  }

  function notAppended(sequence: number): SpoolError {
    return new SpoolError('not_appended', `${folder}: sequence ${sequence} names no record; synced through ${position.syncedThrough}.`)
  }

  return {
    start() {
      if (phase !== 'new' || starting !== undefined || stopping !== undefined) {
        return Promise.reject(new SpoolError('closed', `${folder}: a spool is started once.`))
      }
      starting = open().finally(() => {
        starting = undefined
      })
      return starting
    },
    append,
    async whenSynced(sequence) {
      if (sequence <= position.syncedThrough) return
      const stands = obstacle()
      if (stands !== undefined) throw stands
      if (!(sequence <= log!.pending.lastSequence)) throw notAppended(sequence)
      await waiters.when(sequence)
    },
    get syncedThrough() {
      return position.syncedThrough
    },
    get appendedThrough() {
      return log?.pending.lastSequence ?? 0
    },
    get cursor() {
      return log?.cursor.latest ?? 0
    },
    get firstSequence() {
      return log?.segments[0]?.firstSequence ?? 1
    },
    get heldBytes() {
      return heldBytes
    },
    get refusing() {
      return refusalFor(0) ?? (log!.pending.hasRoom ? undefined : 'pending_full')
    },
    read: readOptions => read(false, readOptions),
    follow: readOptions => read(true, readOptions),
    async commitCursor(sequence) {
      const stands = obstacle()
      if (stands !== undefined) throw stands
      if (!Number.isSafeInteger(sequence) || sequence > position.syncedThrough) throw notAppended(sequence)
      await log!.cursor.commit(sequence)
      void log!.removeOld()
    },
    stop() {
      stopping ??= shutDown()
      return stopping
    },
  }
}
