// What a stream sends, in its order, into the journal. Where the journal has no room for a moment, the batch waits, and behind it at most
// a window of further ones.
import type { outrider } from '@outrider/protocol'
import type { SpoolRefused } from '@outrider/spool'
import type { RegionUplinkLimits } from './limits.js'
import type { LogIdentity } from './log-identity.js'
import type { RegionJournal } from './region-journal.js'
import { toSequence } from './safe-sequence.js'

type Batch = outrider.v1.UplinkBatch.$Properties
type Gap = outrider.v1.Gap.$Properties

/** A log that a stream drains, from its open on. */
export interface OpenedLog extends LogIdentity {
  /** First sequence the node holds: acknowledgements count from it. */
  readonly first: number
  /** The sequence that has to come next. */
  expected: number
}

/** Why streams are refused, as they are counted. */
export const streamRefusals = {
  /** The peer may not drain this log, or says of it what cannot be. */
  notAllowed: 'not_allowed',
  /** Nothing came that opens it. */
  notOpened: 'not_opened',
  /** A record or gap that has no place here: before an open, of another epoch, not where one was due, too long. */
  wrongRecords: 'wrong_records',
  /** More than the window. */
  overWindow: 'over_window',
  /** The region's log takes nothing now. */
  logRefuses: 'log_refuses',
  /** Another stream of the node and lane came. */
  replaced: 'replaced',
  tooMany: 'too_many',
  stopping: 'stopping',
} as const
export type StreamRefusal = (typeof streamRefusals)[keyof typeof streamRefusals]

/** Why a stream cannot go on, and when it may come again. */
export interface StreamProblem {
  readonly reason: StreamRefusal
  readonly message: string
  readonly afterMs: number
}

export interface RecordIntakeOptions {
  readonly journal: RegionJournal
  readonly limits: RegionUplinkLimits
  readonly counts: { records: number; repeats: number; gaps: number }
  /** All of a message is in the journal: to be acknowledged when it is durable. */
  readonly onTaken: (log: OpenedLog) => void
  readonly onProblem: (problem: StreamProblem) => void
}

export interface RecordIntake {
  take(log: OpenedLog, message: { readonly batch: Batch } | { readonly gap: Gap }): void
  /** Forgets what waits. */
  close(): void
}

interface Work {
  readonly log: OpenedLog
  readonly batch?: Batch
  readonly gap?: Gap
  readonly bytes: number
}

/** A full or failing log is looked at again after this long. */
export const refusedAfterMs = 2_000
/** After something that no right node does. */
export const wrongAfterMs = 60_000
/** What a waiting message costs besides its records. */
const workOverheadBytes = 64

export function createRecordIntake({ journal, limits, counts, onTaken, onProblem }: RecordIntakeOptions): RecordIntake {
  // A node keeps to the window by the bytes of its records; with what their messages cost besides, this is never less.
  const queuedBytesMax = 2 * limits.windowBytes + limits.recordBytesMax
  const queue: Work[] = []
  let queuedBytes = 0
  let working = false
  let closed = false

  async function workOff(): Promise<void> {
    working = true
    for (let work = queue.shift(); work !== undefined && !closed; work = queue.shift()) {
      const problem = work.batch !== undefined ? await takeBatch(work.log, work.batch) : await takeGap(work.log, work.gap!)
      queuedBytes -= work.bytes
      if (problem !== undefined) onProblem(problem)
      else onTaken(work.log)
    }
    working = false
  }

  async function takeBatch(log: OpenedLog, { firstSequence, records }: Batch): Promise<StreamProblem | undefined> {
    const first = toSequence(firstSequence)
    if (!(first >= 1 && first <= log.expected))
      return { reason: streamRefusals.wrongRecords, message: `a batch from ${first} came where ${log.expected} was due`, afterMs: 0 }
    let sequence = first
    for (const record of records ?? []) {
      if (record.length > limits.recordBytesMax) {
        return {
          reason: streamRefusals.wrongRecords,
          message: `record ${sequence} has ${record.length} bytes; at most ${limits.recordBytesMax}`,
          afterMs: wrongAfterMs,
        }
      }
      const result = await appended(() => journal.appendRecord(log, sequence, record))
      if (typeof result === 'object') return refusalOf(result)
      counts[result === 'taken' ? 'records' : 'repeats']++
      sequence++
    }
    log.expected = Math.max(log.expected, sequence)
    return undefined
  }

  async function takeGap(log: OpenedLog, { firstSequence, lastSequence, reason }: Gap): Promise<StreamProblem | undefined> {
    const first = toSequence(firstSequence)
    const last = toSequence(lastSequence)
    if (!(first >= 1 && first <= log.expected && last >= first)) {
      return {
        reason: streamRefusals.wrongRecords,
        message: `a gap from ${first} to ${last} came where ${log.expected} was due`,
        afterMs: 0,
      }
    }
    const result = await appended(() => journal.appendGap(log, first, last, reason ?? 0))
    if (typeof result === 'object') return refusalOf(result)
    if (result === 'taken') counts.gaps++
    log.expected = Math.max(log.expected, last + 1)
    return undefined
  }

  /** A journal whose buffers are full for a moment is waited for; any other refusal is handed on. */
  async function appended<Result extends string>(append: () => Result | SpoolRefused): Promise<Result | SpoolRefused> {
    for (;;) {
      const result = append()
      if (typeof result !== 'object' || result.refused !== 'pending_full') return result
      try {
        await journal.whenDurable(journal.appendedThrough)
      } catch {
        return { refused: 'failed' } // the journal tells why; here the stream ends
      }
    }
  }

  return {
    take(log, message) {
      const batch = 'batch' in message ? message.batch : undefined
      const bytes = (batch?.records ?? []).reduce((sum, record) => sum + record.length, workOverheadBytes)
      queuedBytes += bytes
      if (queuedBytes > queuedBytesMax) {
        onProblem({
          reason: streamRefusals.overWindow,
          message: `more than the window of ${limits.windowBytes} bytes waits`,
          afterMs: refusedAfterMs,
        })
        return
      }
      queue.push({ log, bytes, ...message })
      if (!working) void workOff()
    },
    close() {
      closed = true
      queue.length = 0
    },
  }
}

export function refusalOf({ refused }: SpoolRefused): StreamProblem {
  return { reason: streamRefusals.logRefuses, message: `the region’s log takes nothing now: ${refused}`, afterMs: refusedAfterMs }
}
