// The contract of the port to the database, on both.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyStore, migrate } from '../../apps/central/src/store/migrations.js'
import { applyLock, type Store } from '../../apps/central/src/store/store.js'
import { describeStores } from './databases.js'

describeStores('store', createStore => {
  let store: Store

  beforeAll(async () => {
    store = await createStore()
    await store.start()
    await migrate(store)
    await store.query('CREATE TABLE thing (id bigint PRIMARY KEY, bytes bytea, time_ms double precision, name text, flag boolean)')
  })

  afterAll(() => store.stop())

  test('values come back as they went in', async () => {
    const bytes = Uint8Array.from([0, 1, 127, 128, 255])
    await store.query('INSERT INTO thing VALUES ($1, $2, $3, $4, $5)', [
      Number.MAX_SAFE_INTEGER,
      bytes,
      1_700_000_000_000.25,
      'Ä\\"𝄞',
      true,
    ])
    await store.query('INSERT INTO thing VALUES ($1, $2, $3, $4, $5)', [1, null, -0.5, '', false])
    const rows = await store.query<{ bytes: Uint8Array | null }>(
      'SELECT id::float8 AS id, bytes, time_ms, name, flag FROM thing ORDER BY id DESC',
    )
    expect(rows.map(row => ({ ...row, bytes: row.bytes && [...row.bytes] }))).toEqual([
      { id: Number.MAX_SAFE_INTEGER, bytes: [...bytes], time_ms: 1_700_000_000_000.25, name: 'Ä\\"𝄞', flag: true },
      { id: 1, bytes: null, time_ms: -0.5, name: '', flag: false },
    ])
  })

  test('many rows as one JSON text', async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => ({
      id: 1_000 + index,
      name: `"${index}" ö`,
      bytes: Buffer.from([index & 255]).toString('base64'),
    }))
    await store.query(
      `INSERT INTO thing (id, name, bytes) SELECT id, name, decode(bytes, 'base64')
       FROM json_to_recordset($1::text::json) AS r(id bigint, name text, bytes text)`,
      [JSON.stringify(rows)],
    )
    const [count] = await store.query('SELECT count(*)::float8 AS count, max(name) AS name FROM thing WHERE id BETWEEN 1000 AND 2999')
    expect(count).toEqual({ count: 2_000, name: '"999" ö' })
  })

  test('a transaction is whole or not at all, and tells its own error', async () => {
    const failure = new Error('ours')
    const failing = store.transaction(async queries => {
      await queries.query("INSERT INTO thing (id, name) VALUES (500, 'never')")
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
    await expect(
      store.transaction(async queries => {
        await queries.query("INSERT INTO thing (id, name) VALUES (500, 'never')")
        await queries.query("INSERT INTO thing (id, name) VALUES (500, 'twice')")
      }),
    ).rejects.toMatchObject({ code: 'data_refused', retriable: false })
    expect(await store.query('SELECT 1 FROM thing WHERE id = 500')).toEqual([])
    await store.transaction(queries => queries.query("INSERT INTO thing (id, name) VALUES (500, 'once')"))
    expect(await store.query('SELECT name FROM thing WHERE id = 500')).toEqual([{ name: 'once' }])
  })

  test('what the database does not take is the data’s fault; what it does not know is not', async () => {
    await expect(store.query('SELECT $1::text', ['a\0b'])).rejects.toMatchObject({ code: 'data_refused' })
    await expect(store.query('SELECT x FROM json_to_recordset($1::text::json) AS r(x smallint)', ['[{"x":70000}]'])).rejects.toMatchObject({
      code: 'data_refused',
    })
    await expect(store.query('SELECT nothing FROM nowhere')).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('under the lock one transaction at a time', async () => {
    await store.query('INSERT INTO thing (id, time_ms) VALUES (700, 0)')
    const addOne = () =>
      store.transaction(async queries => {
        await queries.query('SELECT pg_advisory_xact_lock($1)', [applyLock])
        const [row] = await queries.query<{ time_ms: number }>('SELECT time_ms FROM thing WHERE id = 700')
        await queries.query('UPDATE thing SET time_ms = $1 WHERE id = 700', [row!.time_ms + 1])
      })
    await Promise.all(Array.from({ length: 20 }, addOne))
    expect(await store.query('SELECT time_ms FROM thing WHERE id = 700')).toEqual([{ time_ms: 20 }])
  })

  test('migrations are done once; tables of a later version are refused', async () => {
    await store.query("INSERT INTO tally VALUES ('kept', 1)")
    await Promise.all([migrate(store), migrate(store)])
    expect(await store.query("SELECT 1 AS kept FROM tally WHERE name = 'kept'")).toEqual([{ kept: 1 }])
    await emptyStore(store)
    expect(await store.query('SELECT 1 FROM tally')).toEqual([])
    await store.query('INSERT INTO migration (number) VALUES (999)')
    await expect(migrate(store)).rejects.toMatchObject({ code: 'newer_version' })
    await store.query('DELETE FROM migration WHERE number = 999')
  })

  test('stopped, it says so', async () => {
    const other = await createStore()
    await other.start()
    await other.start()
    await Promise.all([other.stop(), other.stop()])
    await expect(other.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable', retriable: true })
    await expect(other.transaction(async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  })
})
