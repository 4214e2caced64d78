// The store or the event log is away: said in /readyz and the log, retried, never an end; afterwards all is as if nothing had been.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { type CentralPlace, type CentralProcess, createCentralPlace, until } from './central-process.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { createDatabase } from './postgres-server.js'
import { createScene } from './records.js'

let place: CentralPlace
const postgresUrl = inject('postgresUrl')

beforeEach(async () => {
  place = await createCentralPlace()
})

afterEach(() => place.remove())

interface Ready {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>
}

async function readiness(central: CentralProcess): Promise<Ready> {
  return (await (await fetch(`http://127.0.0.1:${central.adminPort}/readyz`)).json()) as Ready
}

test.skipIf(postgresUrl === undefined)('the database is away, comes, and breaks every connection', async () => {
  const scene = createScene(2, 20, 30, Date.now() - 600_000)
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  await appendAll(writer, scene.records)
  await writer.stop()
  const name = `late_${randomBytes(6).toString('hex')}`
  const url = postgresUrl!.replace('/postgres?', `/${name}?`)
  const central = await place.start({ DATABASE_URL: url })

  const away = await until(
    () => readiness(central),
    ({ checks }) => checks.store?.detail.includes('unavailable') === true,
  )
  expect(away).toMatchObject({ ready: false, checks: { store: { detail: expect.stringContaining(name) } } })
  expect(away.checks.store!.detail).not.toContain('outrider@')
  const answer = await central.get('/v1/alerts')
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await answer.json()).toMatchObject({ type: 'urn:outrider:problem:store_unavailable' })

  await createDatabase(postgresUrl!, name)
  const admin = new pg.Client({ connectionString: postgresUrl })
  await admin.connect()
  const cut = () => admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
  await until(central.stats, ({ records }) => records.applied > 0)
  for (let times = 0; times < 3; times++) {
    await cut()
    await until(central.stats, () => true)
  }
  const stats = await until(central.stats, ({ eventLog, deadLetters }) => eventLog.lag === 0 && deadLetters === scene.expected.deadLetters)
  expect(stats).toMatchObject({
    reports: { identities: scene.expected.identities, applications: scene.expected.identities, duplicates: 0 },
    records: { applied: scene.expected.applied, lost: scene.expected.lost },
  })
  expect(
    (
      await until(
        () => readiness(central),
        ({ ready }) => ready,
      )
    ).checks.store!.detail,
  ).toMatch(/PostgreSQL/)
  expect(central.log()).toContain('"event":"ingest_failed"')
  expect(central.log()).toContain('"event":"ingest_recovered"')
  expect(await central.stop()).toBe(0)
  await admin.end()
})

test('the event log is away: what is stored is answered, and its problem is told', async () => {
  await writeFile(place.eventLogFolder, 'no folder')
  const central = await place.start()
  const away = await until(
    () => readiness(central),
    ({ checks }) => /^(log_|refused|unreachable)/.test(checks.eventLog?.detail ?? ''),
  )
  expect(away).toMatchObject({ ready: true, checks: { store: { ok: true } } })
  expect((await central.get('/v1/alerts')).status).toBe(200)
  expect((await central.stats()).eventLog.lag).toBeNull()
  await rm(place.eventLogFolder)
  const scene = createScene(3, 5, 5, Date.now() - 600_000)
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  await appendAll(writer, scene.records)
  await until(central.stats, ({ eventLog, records }) => eventLog.lag === 0 && records.applied === scene.expected.applied)
  await writer.stop()
  expect(await central.stop()).toBe(0)
})
