// The region's own log: what it took from nodes and what it wrote itself, in one order.
//
//   append ─▶ log (fsync) ─▶ apply to the app's state ─▶ acknowledge          drain: follow ─▶ event log ─▶ drained ─▶ checkpoint ─▶ cursor
//
// What is known beyond the log's content is a function of it: ranges of what was taken, and the app's state. It is rebuilt at a start
// from the newest checkpoint and the entries after it. The cursor, which lets segments go, never passes a checkpoint on disk.

import { outrider } from '@outrider/protocol'
import type { Spool, SpoolItem, SpoolOpening, SpoolRefused } from '@outrider/spool'
import { readCheckpoint, writeCheckpoint } from './checkpoint-log.js'
import { decodeEntry, type EntryKind, encodeEntry, entryKinds, type JournalEntry } from './journal-entry.js'
import type { UplinkTime } from './link.js'
import type { LogIdentity } from './log-identity.js'
import { createReceivedLogs, type ReceivedLog } from './received-logs.js'
import { toSequence } from './safe-sequence.js'
import { UplinkError } from './uplink-error.js'

const { Lane, Record } = outrider.v1

/** What an app keeps besides; applying an entry twice must be the same as once, since a checkpoint may hold a little more than it says. */
export interface JournalState {
  /** An entry of the urgent lane, gaps too, or of the region's own that is durable now, in order; `replayed` at a start. */
  apply(entry: JournalEntry, replayed: boolean): void
  /** All of it in pieces of at most a spool's record, for a checkpoint. Not called between an entry and its `apply`. */
  store(): Uint8Array[]
  restore(item: Uint8Array): void
}

export type JournalEvent =
  /** The log opened; replayed entries came after the checkpoint. */
  | {
      readonly event: 'journal_opened'
      readonly logs: number
      readonly checkpointThrough: number
      readonly replayed: number
      readonly waiting: number
    }
  /** Entries after the checkpoint are damaged: nodes will be asked for them once more, and central sees what is missing. */
  | { readonly event: 'journal_damaged'; readonly first: number; readonly last: number }
  /** There is no complete checkpoint, though entries went: repeats of older records are not recognised here, but by central. */
  | { readonly event: 'checkpoint_lost'; readonly firstSequence: number }
  /** A checkpoint could not be written: segments stay until one can. */
  | { readonly event: 'checkpoint_failed'; readonly cause: unknown }
  /** The log takes nothing more: no acknowledgement until a restart. */
  | { readonly event: 'journal_failed'; readonly cause: unknown }

export interface RegionJournalOptions {
  /** The region's name, the node of its own records. */
  readonly region: string
  readonly authority: string
  /** Not started; `retain: 'until-drained'`, records of `regionUplinkLimits.recordBytesMax` and `entryOverheadBytesMax` more. */
  readonly log: Spool
  /** Not started; `retain: 'until-drained'`. */
  readonly checkpoints: Spool
  readonly state: JournalState
  readonly time: UplinkTime
  readonly onEvent: (event: JournalEvent) => void
  /** Least pause between checkpoints, ms; default 100. A crash makes the event log get what was drained since then once more. */
  readonly checkpointEveryMs?: number
}

export interface RegionJournal {
  /** Opens both logs and rebuilds what is known. @throws SpoolError, UplinkError `entry_unreadable` */
  start(): Promise<SpoolOpening>
  /** Takes a record of a node. 'repeated': it is in the log, though perhaps not yet synced. */
  appendRecord(identity: LogIdentity, sequence: number, record: Uint8Array): 'taken' | 'repeated' | SpoolRefused
  /** Closes what is missing of a range by gap records. */
  appendGap(identity: LogIdentity, first: number, last: number, reason: outrider.v1.GapReason): 'taken' | 'repeated' | SpoolRefused
  /** Writes a record of the region's own. Its place in the log, for `whenDurable`. */
  appendOwn(record: Uint8Array, extra: Uint8Array): number | SpoolRefused
  /** The last of the unbroken run from `first` on that was taken. */
  throughFrom(identity: LogIdentity, first: number): number
  /** Resolves when all entries up to this place are on disk and applied. @throws UplinkError `log_failed`, `closed` */
  whenDurable(place: number): Promise<void>
  readonly appendedThrough: number
  readonly drainedThrough: number
  readonly heldBytes: number
  /** Why nothing would be taken now, if so. */
  readonly refusing: SpoolRefused['refused'] | undefined
  /** Entries from `drainedThrough + 1` on, as they become durable. */
  follow(signal: AbortSignal): AsyncIterableIterator<SpoolItem>
  /** All up to here is in the event log. */
  drained(place: number): void
  /** Writes a last checkpoint and closes both logs. Idempotent. */
  stop(): Promise<void>
}

const checkpointEveryMsDefault = 100
/** A large state is written less often: no more than this goes to the disk for checkpoints. */
const checkpointBytesPerMs = 4 * 1024

export function createRegionJournal(options: RegionJournalOptions): RegionJournal {
  const { region, authority, log, checkpoints, state, time, onEvent, checkpointEveryMs = checkpointEveryMsDefault } = options
  const logs = createReceivedLogs()
  let own: ReceivedLog | undefined
  /** Entries to apply when they are durable: those of the urgent lane within the spool's pending bytes. */
  const unapplied: { readonly place: number; readonly entry: JournalEntry }[] = []
  const waiters: { readonly place: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
  let appliedThrough = 0
  let settling = false
  let failure: UplinkError | undefined
  let drainedThrough = 0
  let checkpointed = { through: 0, drained: 0 }
  let checkpointing: Promise<void> | undefined
  let cancelCheckpoint: (() => void) | undefined
  let stopped = false

  async function start(): Promise<SpoolOpening> {
    const opening = await log.start()
    await checkpoints.start()
    const checkpoint = await readCheckpoint(checkpoints)
    if (checkpoint === undefined && opening.firstSequence > 1) onEvent({ event: 'checkpoint_lost', firstSequence: opening.firstSequence })
    for (const stored of checkpoint?.logs ?? []) logs.restore(stored)
    for (const item of checkpoint?.items ?? []) state.restore(item)
    own = logs.get({ node: region, lane: Lane.LANE_URGENT, epoch: opening.epoch })
    const through = checkpoint?.through ?? 0
    let replayed = 0
    for await (const item of log.read({ from: Math.max(through + 1, log.firstSequence) })) {
      if (item.kind === 'record') {
        replay(decodeEntry(item.bytes))
        replayed++
      } else if (item.reason === 'damaged') onEvent({ event: 'journal_damaged', first: item.first, last: item.last })
    }
    appliedThrough = log.appendedThrough
    drainedThrough = log.cursor
    checkpointed = { through, drained: drainedThrough }
    onEvent({
      event: 'journal_opened',
      logs: logs.size,
      checkpointThrough: through,
      replayed,
      waiting: log.appendedThrough - drainedThrough,
    })
    return opening
  }

  function replay(entry: JournalEntry): void {
    const { ranges } = logs.get(entry)
    if (entry.kind === entryKinds.gap) {
      const gap = Record.decode(entry.record).gap
      ranges.add(toSequence(gap?.firstSequence), toSequence(gap?.lastSequence))
    } else ranges.add(entry.sequence)
    if (isForState(entry)) state.apply(entry, true)
  }

  function append(
    kind: EntryKind,
    { identity, prefix }: ReceivedLog,
    sequence: number,
    record: Uint8Array,
    extra?: Uint8Array,
  ): number | SpoolRefused {
    if (failure !== undefined) return { refused: 'failed' }
    const bytes = encodeEntry(kind, record, prefix, sequence, extra)
    const place = log.append(bytes)
    if (typeof place !== 'number') return place
    if (isForState({ kind, lane: identity.lane })) unapplied.push({ place, entry: decodeEntry(bytes) })
    if (!settling) void settle()
    planCheckpoint()
    return place
  }

  /** Applies what has become durable, group by group, and then tells who waits for it. */
  async function settle(): Promise<void> {
    settling = true
    try {
      while (appliedThrough < log.appendedThrough) {
        await log.whenSynced(appliedThrough + 1)
        appliedThrough = log.syncedThrough
        while (unapplied.length > 0 && unapplied[0]!.place <= appliedThrough) state.apply(unapplied.shift()!.entry, false)
        while (waiters.length > 0 && waiters[0]!.place <= appliedThrough) waiters.shift()!.resolve()
      }
    } catch (cause) {
      fail(cause)
    }
    settling = false
  }

  function fail(cause: unknown): void {
    failure = stopped
      ? new UplinkError('closed', 'the region is stopping', cause)
      : new UplinkError(
          'log_failed',
          'the region’s log failed; nothing is acknowledged until the disk is mended and the region restarted',
          cause,
        )
    if (!stopped) onEvent({ event: 'journal_failed', cause })
    for (const waiter of waiters.splice(0)) waiter.reject(failure)
  }

  function planCheckpoint(delayMs = checkpointEveryMs): void {
    if (cancelCheckpoint !== undefined || checkpointing !== undefined || stopped) return
    cancelCheckpoint = time.schedule(delayMs, () => {
      cancelCheckpoint = undefined
      checkpointing = checkpoint().then(bytes => {
        checkpointing = undefined
        if (isCheckpointDue()) planCheckpoint(Math.max(checkpointEveryMs, bytes / checkpointBytesPerMs))
      })
    })
  }

  function isCheckpointDue(): boolean {
    return failure === undefined && (log.appendedThrough > checkpointed.through || drainedThrough > checkpointed.drained)
  }

  /** @returns bytes written */
  async function checkpoint(): Promise<number> {
    const through = log.appendedThrough
    // The ranges of this very moment: later ones could name entries that a crash takes. The app's state may be of later.
    const stored = logs.store()
    try {
      await whenDurable(through)
      const bytes = await writeCheckpoint(checkpoints, { through, logs: stored, items: state.store() })
      if (bytes === undefined) throw new Error(`the checkpoint's log refuses: ${checkpoints.refusing}`)
      const drained = Math.min(drainedThrough, through)
      await log.commitCursor(drained)
      checkpointed = { through, drained }
      return bytes
    } catch (cause) {
      if (failure === undefined) onEvent({ event: 'checkpoint_failed', cause })
      return checkpointBytesPerMs * 1_000 // the next attempt in a second
    }
  }

  function whenDurable(place: number): Promise<void> {
    if (place <= appliedThrough) return Promise.resolve()
    if (failure !== undefined) return Promise.reject(failure)
    return new Promise((resolve, reject) => {
      let at = waiters.length
      while (at > 0 && waiters[at - 1]!.place > place) at--
      waiters.splice(at, 0, { place, resolve, reject })
    })
  }

  return {
    start,
    appendRecord(identity, sequence, record) {
      const received = logs.get(identity)
      if (received.ranges.has(sequence)) return 'repeated'
      const place = append(entryKinds.record, received, sequence, record)
      if (typeof place !== 'number') return place
      received.ranges.add(sequence)
      return 'taken'
    },
    appendGap(identity, first, last, reason) {
      const received = logs.get(identity)
      const missing = received.ranges.missing(first, last)
      for (const range of missing) {
        const gap = { firstSequence: range.first, lastSequence: range.last, reason }
        const clock = { recordedTimeMs: time.wallMs(), clockTimeMs: time.rawWallMs() }
        const record = Record.encode({ schema: 1, authority, ...clock, gap }).finish()
        const place = append(entryKinds.gap, received, range.first, record)
        if (typeof place !== 'number') return place
        received.ranges.add(range.first, range.last)
      }
      return missing.length === 0 ? 'repeated' : 'taken'
    },
    appendOwn(record, extra) {
      if (own === undefined) return { refused: 'closed' }
      // Dense, since what a crash takes was seen by nobody: readers and repliers wait for the sync.
      const sequence = own.ranges.throughFrom(1) + 1
      const place = append(entryKinds.own, own, sequence, record, extra)
      if (typeof place === 'number') own.ranges.add(sequence)
      return place
    },
    throughFrom: (identity, first) => logs.get(identity).ranges.throughFrom(first),
    whenDurable,
    get appendedThrough() {
      return log.appendedThrough
    },
    get drainedThrough() {
      return drainedThrough
    },
    get heldBytes() {
      return log.heldBytes
    },
    get refusing() {
      return failure === undefined ? log.refusing : 'failed'
    },
    follow: signal => log.follow({ from: drainedThrough + 1, signal }),
    drained(place) {
      drainedThrough = Math.max(drainedThrough, place)
      planCheckpoint()
    },
    async stop() {
      if (stopped) return
      cancelCheckpoint?.()
      await checkpointing
      if (isCheckpointDue()) await checkpoint()
      stopped = true
      await log.stop()
      await checkpoints.stop()
    },
  }
}

function isForState({ kind, lane }: { readonly kind: EntryKind; readonly lane: number }): boolean {
  return kind === entryKinds.own || lane === Lane.LANE_URGENT
}
