/**
 * The one loop that writes to Kafka. kafkajs keeps its promise of "once" only to a caller that does not hurry it, so:
 * - one batch at a time is under way, for one partition: with several partitions in a send, some may be written and some not, and
 *   the client cannot say which;
 * - a batch that failed stays as it is (same records, same order, same count) at the head of its partition and is sent again until it
 *   succeeds: the broker knows it by its sequence number. A different batch of the same count would be taken for it and lost;
 * - when the sequence numbers no longer agree, or a batch is given up, the producer is replaced before anything else is sent.
 * Meanwhile other partitions go on, and records that arrive gather into larger batches, so a slow broker is asked less often.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { abortedError, stoppedError } from './byte-gate.js'
import type { AppendedBatch, NewRecord } from './event-log.js'
import type { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { recordBytesMax } from './record-limits.js'

export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly NewRecord[]
}

export type SendOutcome =
  | { readonly kind: 'written'; readonly firstOffset: number }
  /** It may or may not be written: the identical batch goes again. */
  | { readonly kind: 'unsure'; readonly reason: string }
  /** The sequence numbers are out of step: the identical batch goes again, from a new producer. */
  | { readonly kind: 'out_of_step'; readonly reason: string }
  | { readonly kind: 'refused'; readonly error: EventLogError }

export interface DrainOptions {
  readonly send: (batch: PartitionBatch) => Promise<SendOutcome>
  /** Replaces the producer before the next send. */
  readonly renewProducer: (reason: string) => void
  /** Bytes that are no longer pending. */
  readonly onReleased: (bytes: number) => void
  readonly onEvent: OnEventLogEvent
  readonly nowMs: () => number
}

interface DrainEntry {
  readonly partition: number
  readonly record: NewRecord
  readonly bytes: number
}

export interface Drain {
  /** Queues the records of one append; resolves when all are written. */
  append(topic: string, entries: readonly DrainEntry[], signal: AbortSignal | undefined): Promise<AppendedBatch>
  /** Resolves when all is written, or `withinMs` later with the rest rejected as `stopped`. */
  stop(withinMs: number): Promise<void>
}

/** The same as the largest record, so that every record fits into some batch; 2,600 reports of 200 bytes. */
const batchBytesMax = recordBytesMax
const retryFirstMs = 100
const retryLastMs = 2_000

interface Append {
  remaining: number
  readonly ranges: { partition: string; firstOffset: number; count: number }[]
  readonly resolve: (appended: AppendedBatch) => void
  readonly reject: (error: Error) => void
}

interface Queued extends DrainEntry {
  readonly append: Append
}

interface PartitionQueue {
  readonly topic: string
  readonly partition: number
  waiting: Queued[]
  /** The batch under way; fixed until its fate is known. */
  sealed: readonly Queued[]
  attempts: number
  retryAtMs: number
}

export function createDrain({ send, renewProducer, onReleased, onEvent, nowMs }: DrainOptions): Drain {
  /** Partitions with something pending, the one to serve next first. No more than there are partitions. */
  const queues = new Map<string, PartitionQueue>()
  let wake = () => {}
  let running: Promise<void> | undefined
  let stopped = false

  async function run(): Promise<void> {
    while (queues.size > 0 && !stopped) {
      const queue = nextReady()
      if (queue === undefined) await untilRetryOrNews()
      else await serve(queue)
    }
  }

  function nextReady(): PartitionQueue | undefined {
    const now = nowMs()
    for (const queue of queues.values()) if (queue.retryAtMs <= now) return queue
    return undefined
  }

  async function untilRetryOrNews(): Promise<void> {
    const waitMs = Math.min(...Array.from(queues.values(), queue => queue.retryAtMs)) - nowMs()
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, Math.max(1, waitMs))
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async function serve(queue: PartitionQueue): Promise<void> {
    if (queue.sealed.length === 0) queue.sealed = seal(queue)
    const { topic, partition, sealed } = queue
    const outcome = await send({ topic, partition, records: sealed.map(entry => entry.record) })
    if (stopped) return
    if (outcome.kind === 'written' || outcome.kind === 'refused') {
      if (outcome.kind === 'written') acknowledge(sealed, partition, outcome.firstOffset)
      else {
        renewProducer(outcome.error.message)
        for (const { append } of sealed) append.reject(outcome.error)
      }
      finish(queue)
      return
    }
    if (outcome.kind === 'out_of_step') renewProducer(outcome.reason)
    queue.retryAtMs = nowMs() + Math.min(retryLastMs, retryFirstMs * 2 ** queue.attempts)
    queue.attempts += 1
    onEvent({ event: 'append_retried', topic, partition: String(partition), attempts: queue.attempts, reason: outcome.reason })
    toTheEnd(queue)
  }

  function finish(queue: PartitionQueue): void {
    onReleased(bytesOf(queue.sealed))
    queue.sealed = []
    queue.attempts = 0
    if (queue.waiting.length > 0) toTheEnd(queue)
    else queues.delete(nameOf(queue))
  }

  /** Every partition gets its turn. */
  function toTheEnd(queue: PartitionQueue): void {
    queues.delete(nameOf(queue))
    queues.set(nameOf(queue), queue)
  }

  /** Takes an append that nobody waits for out of what is not yet under way. */
  function withdraw(append: Append): void {
    for (const queue of queues.values()) {
      const [theirs, others] = [
        queue.waiting.filter(entry => entry.append === append),
        queue.waiting.filter(entry => entry.append !== append),
      ]
      queue.waiting = others
      onReleased(bytesOf(theirs))
      if (others.length === 0 && queue.sealed.length === 0) queues.delete(nameOf(queue))
    }
  }

  return {
    append(topic, entries, signal) {
      return new Promise((resolve, reject) => {
        if (stopped) return reject(stoppedError())
        if (entries.length === 0) return resolve({ ranges: [] })
        const settle = () => signal?.removeEventListener('abort', onAbort)
        const append: Append = {
          remaining: entries.length,
          ranges: [],
          resolve: appended => {
            settle()
            resolve(appended)
          },
          reject: error => {
            settle()
            reject(error)
          },
        }
        const onAbort = () => {
          withdraw(append)
          append.reject(abortedError())
        }
        signal?.addEventListener('abort', onAbort)
        for (const entry of entries) {
          const fresh = { topic, partition: entry.partition, waiting: [], sealed: [], attempts: 0, retryAtMs: 0 }
          const queue = queues.get(nameOf(fresh)) ?? fresh
          queues.set(nameOf(queue), queue)
          queue.waiting.push({ ...entry, append })
        }
        wake()
        running ??= run().finally(() => {
          running = undefined
        })
      })
    },
    async stop(withinMs) {
      const over = new AbortController()
      await Promise.race([running, sleep(withinMs, undefined, { signal: over.signal }).catch(() => {})])
      over.abort()
      stopped = true
      wake()
      for (const queue of queues.values()) {
        for (const entry of [...queue.sealed, ...queue.waiting]) entry.append.reject(stoppedError())
        onReleased(bytesOf(queue.sealed) + bytesOf(queue.waiting))
      }
      queues.clear()
    },
  }
}

/** Fixes the next batch: from the head, in order, up to the limit. */
function seal(queue: PartitionQueue): readonly Queued[] {
  let bytes = 0
  let count = 0
  for (; count < queue.waiting.length; count++) {
    bytes += queue.waiting[count]!.bytes
    if (bytes > batchBytesMax && count > 0) break
  }
  return queue.waiting.splice(0, count)
}

/** Tells each append where its records are; neighbours of one append make one range. */
function acknowledge(sealed: readonly Queued[], partition: number, firstOffset: number): void {
  for (let from = 0; from < sealed.length; ) {
    const { append } = sealed[from]!
    let to = from
    while (to < sealed.length && sealed[to]!.append === append) to++
    append.ranges.push({ partition: String(partition), firstOffset: firstOffset < 0 ? -1 : firstOffset + from, count: to - from })
    append.remaining -= to - from
    if (append.remaining === 0) append.resolve({ ranges: append.ranges })
    from = to
  }
}

function bytesOf(entries: readonly DrainEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0)
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}
