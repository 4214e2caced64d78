import pg from 'pg'
import type { Queries, SqlValue, Store } from './store.js'
import { StoreError, toStoreError } from './store-error.js'

export interface PgStoreOptions {
  /** postgres://user:password@host:port/database, with whatever else libpq's URLs have (sslmode …). */
  readonly url: string
  /** A connection that broke while nothing was asked of it; the pool has already let go of it. */
  readonly onEvent: (event: { readonly event: 'store_connection_lost'; readonly cause: Error }) => void
}

/** One applies, one keeps the retention, the rest answer. */
const connectionsMax = 8
const connectMsMax = 5_000
/** No statement of ours takes this long; one that does holds a lock or a connection for nothing. */
const statementMsMax = 60_000

/** PostgreSQL 14 or newer by its own protocol. */
export function createPgStore({ url, onEvent }: PgStoreOptions): Store {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: connectMsMax,
    statement_timeout: statementMsMax,
    // The server's own limit cannot speak when the connection is dead.
    query_timeout: statementMsMax + connectMsMax,
    idle_in_transaction_session_timeout: statementMsMax,
    keepAlive: true,
    application_name: 'outrider-central',
  })
  pool.on('error', cause => onEvent({ event: 'store_connection_lost', cause }))
  // The pool listens to idle connections only. One that breaks between two statements of a transaction would end the process; the next
  // statement fails and tells of it.
  pool.on('connect', client => client.on('error', () => {}))
  let stopping: Promise<void> | undefined

  async function connect(): Promise<pg.PoolClient> {
    if (stopping !== undefined) throw new StoreError('unavailable', 'the store is not open')
    try {
      return await pool.connect()
    } catch (error) {
      throw toStoreError(error)
    }
  }

  return {
    place: placeOf(url),
    async start() {
      const client = await connect()
      client.release()
    },
    async query<Row>(sql: string, parameters: readonly SqlValue[] = []) {
      const client = await connect()
      let broken = false
      try {
        return await run<Row>(client, sql, parameters)
      } catch (error) {
        broken = (error as StoreError).code === 'unavailable'
        throw error
      } finally {
        client.release(broken)
      }
    },
    async transaction(job) {
      const client = await connect()
      const queries: Queries = { query: (sql, parameters = []) => run(client, sql, parameters) }
      let broken = false
      try {
        await queries.query('BEGIN')
        const result = await job(queries)
        await queries.query('COMMIT')
        return result
      } catch (error) {
        // Whatever went wrong, the transaction must not live on in the pool; a connection that cannot even roll back is closed.
        await queries.query('ROLLBACK').catch(() => {
          broken = true
        })
        throw error
      } finally {
        client.release(broken)
      }
    },
    stop() {
      stopping ??= pool.end()
      return stopping
    },
  }
}

async function run<Row>(client: pg.PoolClient, sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
  try {
    return (await client.query(sql, parameters.map(asBuffer))).rows
  } catch (error) {
    throw toStoreError(error)
  }
}

/** pg takes other typed arrays for lists. */
function asBuffer(value: SqlValue): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `PostgreSQL at ${host}${pathname}`
  } catch {
    return 'PostgreSQL as DATABASE_URL says'
  }
}
