// One loop from the region's log to the event log; two producers are not allowed (idempotence ends where their batches cross). A batch goes
// until it is through: while the event log is away the region's log grows, up to its cap, and the lag says so.
import { type EventLog, EventLogError, type NewRecord } from '@outrider/event-log'
import type { SpoolItem } from '@outrider/spool'
import { type BatchLimits, decodeEntry, itemBatches, type RegionJournal, type UplinkTime } from '@outrider/uplink'
import { writtenTopics } from './event-topics.js'
import { placeRecord } from './record-topic.js'

type DrainEvent =
  | { readonly event: 'drain_failed'; readonly cause: unknown; readonly retryMs: number }
  | { readonly event: 'drain_recovered' }
  | { readonly event: 'dead_letter_written'; readonly reason: string }

export interface Drain {
  start(): void
  /** Resolves when all up to this place of the journal is in the event log. Rejects when the drain was stopped before. */
  whenDrained(place: number): Promise<void>
  /** Why nothing gets through now; undefined while it does. */
  readonly problem: string | undefined
  counts(): { readonly records: number; readonly deadLetters: number; readonly failures: number }
  /** Goes on until nothing waits, for `graceMs` at most, unless nothing gets through anyway; then ends. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface DrainOptions {
  readonly journal: RegionJournal
  readonly eventLog: EventLog
  readonly time: UplinkTime
  readonly onEvent: (event: DrainEvent) => void
  readonly limits?: BatchLimits
}

/** A batch of the event log's disk or broker: large enough that its sync is shared, small enough to be sent again. */
const limitsDefault: BatchLimits = { recordsMax: 2_000, bytesMax: 1024 * 1024 }
const retryMsMin = 200
const retryMsMax = 5_000

export function createDrain({ journal, eventLog, time, onEvent, limits = limitsDefault }: DrainOptions): Drain {
  const stopping = new AbortController()
  const waiters: { readonly place: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  const counts = { records: 0, deadLetters: 0, failures: 0 }
  let problem: string | undefined = 'not started'
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    await untilThrough(() => openLog())
    for await (const batch of itemBatches(journal.follow(stopping.signal), limits, time)) {
      const byTopic = sort(batch)
      await untilThrough(() => Promise.all(Array.from(byTopic, ([topic, records]) => eventLog.append({ topic, records }, stopping.signal))))
      if (stopping.signal.aborted) return
      const last = batch.at(-1)!
      const place = last.kind === 'record' ? last.sequence : last.last
      journal.drained(place)
      while (waiters.length > 0 && waiters[0]!.place <= place) waiters.shift()!.resolve()
    }
  }

  async function openLog(): Promise<void> {
    await eventLog.start()
    await eventLog.ensureTopics(writtenTopics)
  }

  /** Tries again until it went through, or the drain is stopped. */
  async function untilThrough(job: () => Promise<unknown>): Promise<void> {
    for (let retryMs = retryMsMin; !stopping.signal.aborted; retryMs = Math.min(retryMsMax, retryMs * 2)) {
      try {
        await job()
        if (problem !== undefined) onEvent({ event: 'drain_recovered' })
        problem = undefined
        return
      } catch (cause) {
        if (stopping.signal.aborted) return
        counts.failures++
        problem = cause instanceof EventLogError ? `${cause.code}: ${cause.message}` : String(cause)
        onEvent({ event: 'drain_failed', cause, retryMs })
        await pause(retryMs)
      }
    }
  }

  /** The order within each topic stays. */
  function sort(batch: readonly SpoolItem[]): Map<string, NewRecord[]> {
    const byTopic = new Map<string, NewRecord[]>()
    for (const item of batch) {
      if (item.kind !== 'record') continue // places of the region's log that never held what was acknowledged
      const { topic, record } = placeRecord(decodeEntry(item.bytes), time.wallMs())
      const reason = record.headers?.reason
      if (reason !== undefined) {
        counts.deadLetters++
        onEvent({ event: 'dead_letter_written', reason: String(reason) })
      } else counts.records++
      const records = byTopic.get(topic)
      if (records === undefined) byTopic.set(topic, [record])
      else records.push(record)
    }
    return byTopic
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        cancel()
        stopping.signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = time.schedule(delayMs, done)
      stopping.signal.addEventListener('abort', done)
    })
  }

  function whenDrained(place: number): Promise<void> {
    if (place <= journal.drainedThrough) return Promise.resolve()
    if (stopping.signal.aborted) return Promise.reject(new Error('the drain was stopped'))
    return new Promise((resolve, reject) => {
      let at = waiters.length
      while (at > 0 && waiters[at - 1]!.place > place) at--
      waiters.splice(at, 0, { place, resolve, reject })
    })
  }

  return {
    start() {
      running ??= run().catch(cause => {
        problem = String(cause)
        onEvent({ event: 'drain_failed', cause, retryMs: 0 })
      })
    },
    whenDrained,
    get problem() {
      return problem
    },
    counts: () => ({ ...counts }),
    async stop(graceMs) {
      if (running !== undefined && problem === undefined && !stopping.signal.aborted) {
        await Promise.race([whenDrained(journal.appendedThrough), pause(graceMs)])
      }
      stopping.abort()
      for (const { reject } of waiters.splice(0)) reject(new Error('the drain was stopped'))
      await running
    },
  }
}
