import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { createPgStore } from '../../apps/central/src/store/pg-store.js'
import { createDatabase } from './postgres-server.js'

const postgresUrl = inject('postgresUrl')

test.skipIf(postgresUrl === undefined)('a connection cut between two statements of a transaction fails the transaction alone', async () => {
  const url = await createDatabase(postgresUrl ?? '', `test_${randomBytes(6).toString('hex')}`)
  const store = createPgStore({ url, onEvent: () => {} })
  const admin = new pg.Client({ connectionString: postgresUrl })
  await admin.connect()
  const cut = store.transaction(async queries => {
    const [row] = await queries.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await admin.query('SELECT pg_terminate_backend($1, 5000)', [row!.pid])
    // The news is read from the socket while nothing is asked, which is what ended the process.
    await new Promise(resolve => setTimeout(resolve, 1_000))
    await queries.query('SELECT 1')
  })
  await expect(cut).rejects.toMatchObject({ code: 'unavailable' })
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  admin.end()
  await once(admin, 'end')
  await store.stop()
})
