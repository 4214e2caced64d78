// Removes what is past its time, a bounded piece at a time, so that it never holds up the records that come in.
import type { Store } from './store/store.js'

interface KeepMs {
  readonly reports: number
  readonly deliveries: number
  readonly alerts: number
}

type RetentionEvent =
  | { readonly event: 'retention_removed'; readonly rows: number }
  | { readonly event: 'retention_failed'; readonly cause: unknown }

export interface Retention {
  start(): void
  removedRows(): number
  /** Waits for the piece in hand. Idempotent. */
  stop(): Promise<void>
}

export interface RetentionOptions {
  readonly store: Store
  readonly keepMs: KeepMs
  readonly wallMs: () => number
  readonly onEvent: (event: RetentionEvent) => void
  /** False: the store is away or has no tables yet, and is not asked. */
  readonly isStoreReady: () => boolean
  /** How soon after the start it looks, or looks whether the store is ready; and how often from then on. */
  readonly firstMs?: number
  readonly everyMs?: number
}

const everyMsDefault = 60_000
/** A central that never lives for a minute removes what is past its time too; after the burst of a start. */
const firstMsDefault = 2_000
/** Rows of a piece: tens of ms. */
const rowsPerPiece = 2_000
/** Pieces of a run and table: 200,000 rows a minute and table, twice what a region of 1,500 reports/s brings. The rest is the next run's. */
const piecesPerRun = 100
/** Of the first run: 10,000 rows a table, some 0.5 s at most beside what has waited for central in the event log. */
const piecesOfFirstRun = 5

/** What goes when. Known report numbers go a day after their reports, so that no report comes back as new while it might be sent again. */
const rules: readonly { readonly keep: keyof KeepMs; readonly extraMs: number; readonly sql: string }[] = [
  { keep: 'reports', extraMs: 0, sql: removing('report', 'recorded_at_ms') },
  { keep: 'reports', extraMs: 86_400_000, sql: removing('sequence_source', 'newest_at_ms', "kind = 'report' AND") },
  { keep: 'deliveries', extraMs: 0, sql: removing('delivery', 'recorded_at_ms') },
  { keep: 'deliveries', extraMs: 0, sql: removing('dead_letter', 'recorded_at_ms') },
  { keep: 'alerts', extraMs: 0, sql: removing('alert', 'recorded_at_ms') },
  { keep: 'alerts', extraMs: 86_400_000, sql: removing('sequence_source', 'newest_at_ms', "kind <> 'report' AND") },
]

function removing(table: string, column: string, condition = ''): string {
  return `WITH gone AS (DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table} WHERE ${condition} ${column} < $1::float8 LIMIT ${rowsPerPiece})) RETURNING 1)
    SELECT count(*)::float8 AS rows FROM gone`
}

export function createRetention({
  store,
  keepMs,
  wallMs,
  onEvent,
  isStoreReady,
  firstMs = firstMsDefault,
  everyMs = everyMsDefault,
}: RetentionOptions): Retention {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let removed = 0
  let pieces = piecesOfFirstRun

  async function run(): Promise<void> {
    try {
      const rows = await removeExpired(store, keepMs, wallMs(), () => stopped, pieces)
      pieces = piecesPerRun
      removed += rows
      if (rows > 0) onEvent({ event: 'retention_removed', rows })
    } catch (cause) {
      onEvent({ event: 'retention_failed', cause }) // the next run tries again
    }
    if (!stopped) timer = setTimeout(look, everyMs)
  }

  function look(): void {
    if (isStoreReady()) running = run()
    else timer = setTimeout(look, firstMs)
  }

  return {
    start() {
      timer = setTimeout(look, firstMs)
    },
    removedRows: () => removed,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** One run; returns how many rows went. @param piecesMax of each rule @throws StoreError */
export async function removeExpired(
  store: Store,
  keepMs: KeepMs,
  nowMs: number,
  isStopped: () => boolean = () => false,
  piecesMax = piecesPerRun,
): Promise<number> {
  let all = 0
  for (const { keep, extraMs, sql } of rules) {
    for (let piece = 0; piece < piecesMax && !isStopped(); piece++) {
      const [found] = await store.query<{ rows: number }>(sql, [nowMs - keepMs[keep] - extraMs])
      all += found!.rows
      if (found!.rows < rowsPerPiece) break
    }
  }
  return all
}
