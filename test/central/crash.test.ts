// Real processes on the embedded event log and store: killed at any point, every record is applied exactly once.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CentralPlace, type CentralStats, createCentralPlace, until } from './central-process.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { createScene, type Expected } from './records.js'

let place: CentralPlace

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

test('killed several times mid-way, restarted: exactly once; rebuilt from the log: the same answers', async () => {
  const scene = createScene(1, 40, 60, Date.now() - 600_000)
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  const half = scene.records.length >> 1
  await appendAll(writer, scene.records.slice(0, half))
  for (let kills = 1; kills <= 3; kills++) {
    const central = await place.start()
    // Killed as soon as it has taken something since the last time, somewhere in its work.
    const before = (await until(central.stats, () => true)).records.applied
    await until(central.stats, ({ records, eventLog }) => records.applied > before || eventLog.lag === 0)
    await central.kill()
    await appendAll(writer, scene.records.slice(half + ((kills - 1) * half) / 4, half + (kills * half) / 4))
  }
  await appendAll(writer, scene.records.slice(half + (3 * half) / 4))
  const central = await place.start()
  const stats = await until(central.stats, ({ eventLog, deadLetters }) => eventLog.lag === 0 && deadLetters === scene.expected.deadLetters)
  expect(asExpected(stats)).toEqual(scene.expected)
  expect(await central.stop()).toBe(0)

  const rebuilt = await place.run(['--rebuild'])
  expect(rebuilt, rebuilt.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('"rebuilt"') })
  const again = await place.start()
  expect(asExpected(await until(again.stats, ({ eventLog }) => eventLog.lag === 0))).toEqual(scene.expected)
  await writer.stop()
})
