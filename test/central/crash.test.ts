// Real processes on the embedded event log and both stores: killed at any point, every record is applied exactly once.
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { type CentralPlace, type CentralStats, createCentralPlace, until } from './central-process.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { createDatabase } from './postgres-server.js'
import { createScene, type Expected } from './records.js'

let place: CentralPlace
const postgresUrl = inject('postgresUrl')

beforeEach(async () => {
  place = await createCentralPlace()
})

afterEach(() => place.remove())

function asExpected({ reports, records, alerts, deliveries, deadLetters }: CentralStats): Expected {
  return {
    identities: reports.identities,
    applications: reports.applications,
    duplicates: reports.duplicates as 0,
    applied: records.applied,
    repeatsDropped: records.repeatsDropped,
    lost: records.lost,
    alerts: alerts.total,
    ended: alerts.ended,
    targeted: deliveries.targeted,
    acknowledged: deliveries.acknowledged,
    deadLetters,
  }
}

/** Six starts of a database, each seconds long on a busy machine. */
const timeoutMs = 300_000
const kills = 3

async function killAndRebuild(environment: Readonly<Record<string, string>>): Promise<void> {
  const scene = createScene(1, 20, 40, Date.now() - 600_000)
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  const half = scene.records.length >> 1
  const part = Math.ceil((scene.records.length - half) / kills)
  await appendAll(writer, scene.records.slice(0, half))
  for (let kill = 0; kill < kills; kill++) {
    const central = await place.start(environment)
    // Killed as soon as it has taken something since the last time, somewhere in its work, while the log goes on growing.
    const before = (await until(central.stats, () => true)).records.applied
    const growing = appendAll(writer, scene.records.slice(half + kill * part, half + (kill + 1) * part), 50)
    await until(central.stats, ({ records, eventLog }) => records.applied > before || eventLog.lag === 0)
    await central.kill()
    await growing
  }
  const central = await place.start(environment)
  expect(asExpected(await until(central.stats, ({ eventLog }) => eventLog.lag === 0))).toEqual(scene.expected)
  expect(await central.stop()).toBe(0)

  const rebuilt = await place.run(['--rebuild'], environment)
  expect(rebuilt, rebuilt.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('"rebuilt"') })
  const again = await place.start(environment)
  expect(asExpected(await until(again.stats, ({ eventLog }) => eventLog.lag === 0))).toEqual(scene.expected)
  await writer.stop()
}

describe('killed several times mid-way, restarted: exactly once; rebuilt from the log: the same answers', () => {
  test('embedded', () => killAndRebuild({}), timeoutMs)

  test.skipIf(postgresUrl === undefined)(
    'PostgreSQL',
    async () => killAndRebuild({ DATABASE_URL: await createDatabase(postgresUrl!, `crash_${randomBytes(6).toString('hex')}`) }),
    timeoutMs,
  )
})
