// Empties the store and fills it again from what the event log holds. Beside a running central on the same PostgreSQL that one notices
// that its positions are gone and begins again as well: whoever is first applies a record.
import type { EventLog } from '@outrider/event-log'
import { readLag } from './event-log-lag.js'
import { createIngest, type IngestEvent, readTopics } from './ingest.js'
import { emptyStore, migrate } from './store/migrations.js'
import { applyLock, type Store } from './store/store.js'

export interface RebuildOptions {
  readonly store: Store
  readonly eventLog: EventLog
  readonly authority: string
  readonly wallMs: () => number
  readonly monotonicMs: () => number
  readonly onEvent: (event: IngestEvent) => void
  readonly onProgress: (records: number, left: number) => void
  readonly signal: AbortSignal
}

export interface Rebuilt {
  readonly records: number
  readonly deadLetters: number
  readonly tookMs: number
  /** Records still to come when it was interrupted; 0 when it is done. */
  readonly left: number
}

const lookEveryMs = 500

/** Resolves when all that the log held is in the store, or when it was interrupted. @throws StoreError, EventLogError; at first contact nothing is emptied */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { store, eventLog, monotonicMs, onProgress, signal } = options
  const startedMs = monotonicMs()
  await store.start()
  await migrate(store)
  await eventLog.start()
  // Before anything is emptied: a wrong or foreign event log has no such topics.
  await readLag(eventLog, store, readTopics)
  await store.transaction(async queries => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [applyLock])
    await emptyStore(queries)
  })
  const ingest = createIngest(options)
  ingest.start()
  const applied = () => Object.values(ingest.counts().applied.applied).reduce((sum, count) => sum + (count ?? 0), 0)
  let left = await readLag(eventLog, store, readTopics)
  while (left > 0 && !signal.aborted) {
    onProgress(applied(), left)
    await pause(lookEveryMs, signal)
    left = await readLag(eventLog, store, readTopics)
  }
  await ingest.stop()
  const deadLetters = Object.values(ingest.counts().applied.dead).reduce((sum, count) => sum + (count ?? 0), 0)
  return { records: applied(), deadLetters, tookMs: Math.round(monotonicMs() - startedMs), left }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
