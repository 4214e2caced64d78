/**
 * The port to the database: PostgreSQL's SQL, over a server (pg-store.ts) or embedded (pglite-store.ts). What is stored and read is written
 * once above it; one suite (test/central/store-contract.ts) holds both to the same behaviour.
 *
 * - Parameters are `$1`, `$2` … and of the types below; many rows at once go as one JSON text through `json_to_recordset`, so that neither
 *   adapter has arrays of its own to get right. 64-bit integers are read as `::float8`: a sequence fits a double exactly.
 * - A transaction commits when its job resolves and is rolled back when it rejects. Serialisation is the job's: it takes `applyLock` first.
 */
export type SqlValue = string | number | boolean | Uint8Array | null

export interface Queries {
  /** @throws StoreError */
  query<Row = Readonly<Record<string, unknown>>>(sql: string, parameters?: readonly SqlValue[]): Promise<Row[]>
}

export interface Store extends Queries {
  /** Opens the database. May be called again after it failed, and does nothing once it is open. @throws StoreError */
  start(): Promise<void>
  /** @throws StoreError, or what the job threw */
  transaction<T>(job: (queries: Queries) => Promise<T>): Promise<T>
  /** Idempotent; calls after it reject. */
  stop(): Promise<void>
  /** Where it is, for a person, without a password. */
  readonly place: string
}

/** Key of the advisory lock under which records are applied, one batch at a time for the whole database. */
export const applyLock = 7447
