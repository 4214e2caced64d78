import { PGlite, type Transaction } from '@electric-sql/pglite'
import type { Files } from '@outrider/spool'
import type { Queries, SqlValue, Store } from './store.js'
import { StoreError, toStoreError } from './store-error.js'

export interface PgliteStoreOptions {
  /** Folder of the embedded database, made if it is missing; undefined: in memory, for tests. */
  readonly folder: string | undefined
  readonly files: Files
}

/**
 * PostgreSQL inside this process. One connection, so that queries wait for the transaction in hand; a folder has one process, kept by a
 * lock, as two would destroy it. It does not fsync: a power cut may cost the folder, never what the event log holds (docs/central.md).
 */
export function createPgliteStore({ folder, files }: PgliteStoreOptions): Store {
  let database: PGlite | undefined
  let release: (() => Promise<void>) | undefined
  let stopped = false

  async function start(): Promise<void> {
    if (database !== undefined) return
    if (folder !== undefined && release === undefined) {
      await files.makeFolder(folder)
      const lock = await files.lock(folder)
      if (!lock.locked) throw new StoreError('store_in_use', `process ${lock.pid} has the store in ${folder}; stop it first`)
      release = lock.release
    }
    try {
      database = await PGlite.create(folder === undefined ? 'memory://' : `${folder}/pg`)
    } catch (error) {
      await unlock()
      const hint = 'if it stays so, move the folder away: central rebuilds its store from the event log'
      throw new StoreError('unavailable', `the embedded store in ${folder} cannot be opened: ${String(error)}; ${hint}`, { cause: error })
    }
  }

  async function unlock(): Promise<void> {
    await release?.()
    release = undefined
  }

  function opened(): PGlite {
    if (stopped || database === undefined) throw new StoreError('unavailable', 'the store is not open')
    return database
  }

  return {
    place: folder === undefined ? 'memory' : `embedded in ${folder}`,
    start,
    query: async (sql, parameters = []) => run(opened(), sql, parameters),
    async transaction(job) {
      let thrown: { readonly error: unknown } | undefined
      try {
        return await opened().transaction(async transaction => {
          const queries: Queries = { query: (sql, parameters = []) => run(transaction, sql, parameters) }
          try {
            return await job(queries)
          } catch (error) {
            thrown = { error }
            throw error
          }
        })
      } catch (error) {
        throw thrown === undefined ? toStoreError(error) : thrown.error
      }
    },
    async stop() {
      if (stopped) return
      stopped = true
      await database?.close()
      await unlock()
    },
  }
}

async function run<Row>(connection: PGlite | Transaction, sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
  try {
    return (await connection.query<Row>(sql, [...parameters])).rows
  } catch (error) {
    throw toStoreError(error)
  }
}
