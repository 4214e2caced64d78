// One loop from the event log to the store. Whatever fails, the store or the event log, ends the consumer, is told, and after a pause
// reading begins again where the store says: there is no other memory of how far it came.
import { type ConsumedBatch, type EventLog, EventLogError, type LogRecord, topicSpecs } from '@outrider/event-log'
import { topics } from '@outrider/protocol'
import { type Applied, noneApplied, sumOf } from './apply/applied.js'
import { applyRecords, nextOffsetIn } from './apply/apply-records.js'
import { migrate } from './store/migrations.js'
import type { Store } from './store/store.js'
import { StoreError } from './store/store-error.js'

export type IngestEvent =
  | { readonly event: 'ingest_failed'; readonly cause: unknown; readonly retryMs: number }
  | { readonly event: 'ingest_recovered' }
  | { readonly event: 'dead_letters_written'; readonly topic: string; readonly reasons: Applied['dead'] }

export interface IngestCounts {
  readonly applied: Applied
  readonly batches: number
  readonly failures: number
  /** Records lost to retention or damage before they were read, offsets counted. */
  readonly missedOffsets: number
  /** All batches together, and the longest one. */
  readonly applyMs: number
  readonly applyMsMax: number
}

export interface Ingest {
  start(): void
  /** What keeps it from going on; undefined while nothing does. */
  readonly problem: { readonly part: 'store' | 'eventLog'; readonly text: string } | undefined
  counts(): IngestCounts
  /** Waits for the batch in hand. Idempotent. */
  stop(): Promise<void>
}

export interface IngestOptions {
  readonly store: Store
  readonly eventLog: EventLog
  readonly authority: string
  readonly wallMs: () => number
  readonly monotonicMs: () => number
  readonly onEvent: (event: IngestEvent) => void
  readonly onApplied?: (counts: IngestCounts) => void
}

/** All that regions write; what central itself writes, the folded state, it does not read. */
export const readTopics: readonly string[] = Object.values(topics)
  .filter(({ name }) => name !== topics.alertState.name)
  .map(({ name }) => name)

/** Records in a transaction: enough that its commit is shared (a few hundred do), few enough that a restart repeats little. */
const recordsPerTransaction = 1_000
const retryMsMin = 200
const retryMsMax = 10_000

export function createIngest({ store, eventLog, authority, wallMs, monotonicMs, onEvent, onApplied }: IngestOptions): Ingest {
  const stopping = new AbortController()
  const applyOptions = {
    store,
    authority,
    wallMs,
    writeLetters: async (records: Parameters<EventLog['append']>[0]['records']) => {
      await eventLog.append({ topic: topics.deadLetters.name, records }, stopping.signal)
    },
  }
  let counts: IngestCounts = { applied: noneApplied, batches: 0, failures: 0, missedOffsets: 0, applyMs: 0, applyMsMax: 0 }
  let problem: Ingest['problem'] = { part: 'store', text: 'not started' }
  let retryMs = retryMsMin
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await session()
      } catch (cause) {
        if (stopping.signal.aborted) return
        counts = { ...counts, failures: counts.failures + 1 }
        problem = { part: cause instanceof EventLogError ? 'eventLog' : 'store', text: textOf(cause) }
        onEvent({ event: 'ingest_failed', cause, retryMs })
        await pause(retryMs)
        retryMs = Math.min(retryMsMax, retryMs * 2)
      }
    }
  }

  /** From contact to the first failure. */
  async function session(): Promise<void> {
    await store.start()
    await migrate(store)
    await eventLog.start()
    await eventLog.ensureTopics(topicSpecs)
    goesOn()
    /** Where each partition's next batch begins, as the store had it when the partition was given to us. */
    const positions = new Map<string, number | undefined>()
    const stored = nextOffsetIn(store)
    const consumer = eventLog.consume({
      topics: readTopics,
      async from(partition) {
        const next = await stored(partition)
        positions.set(`${partition.topic}/${partition.partition}`, next)
        return next
      },
      onBatch: batch => apply(batch, positions),
      signal: stopping.signal,
    })
    await consumer.finished
  }

  async function apply({ topic, partition, records, gap }: ConsumedBatch, positions: Map<string, number | undefined>): Promise<void> {
    const name = `${topic}/${partition}`
    for (const chunk of chunksOf(records, gap?.toOffset)) {
      const startedMs = monotonicMs()
      const applied = await applyRecords(applyOptions, { topic, partition, ...chunk, fromOffset: positions.get(name) })
      positions.set(name, chunk.nextOffset)
      const tookMs = monotonicMs() - startedMs
      counts = {
        ...counts,
        applied: sumOf(counts.applied, applied),
        batches: counts.batches + 1,
        applyMs: counts.applyMs + tookMs,
        applyMsMax: Math.max(counts.applyMsMax, tookMs),
      }
      if (Object.keys(applied.dead).length > 0) onEvent({ event: 'dead_letters_written', topic, reasons: applied.dead })
      goesOn()
      onApplied?.(counts)
      if (stopping.signal.aborted) break // The rest comes again from its place; the batch is not committed anywhere but in the store.
    }
    if (gap !== undefined) counts = { ...counts, missedOffsets: counts.missedOffsets + gap.toOffset - gap.fromOffset }
  }

  function goesOn(): void {
    if (problem !== undefined && counts.failures > 0) onEvent({ event: 'ingest_recovered' })
    problem = undefined
    retryMs = retryMsMin
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        stopping.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delayMs)
      stopping.signal.addEventListener('abort', done)
    })
  }

  return {
    start() {
      running ??= run()
    },
    get problem() {
      return problem
    },
    counts: () => counts,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

interface Chunk {
  readonly records: readonly LogRecord[]
  readonly nextOffset: number
}

/** A batch in transactions; one that is only a loss moves the position past it. */
function chunksOf(records: readonly LogRecord[], afterGap: number | undefined): Chunk[] {
  if (records.length === 0) return afterGap === undefined ? [] : [{ records: [], nextOffset: afterGap }]
  const chunks: Chunk[] = []
  for (let at = 0; at < records.length; at += recordsPerTransaction) {
    const chunk = records.slice(at, at + recordsPerTransaction)
    chunks.push({ records: chunk, nextOffset: chunk.at(-1)!.offset + 1 })
  }
  return chunks
}

function textOf(cause: unknown): string {
  if (cause instanceof EventLogError || cause instanceof StoreError) return `${cause.code}: ${cause.message}`
  return cause instanceof Error ? cause.message : String(cause)
}
