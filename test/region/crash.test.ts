// The region process is killed under load, again and again, and started on the same disk: what it acknowledged is in the event log, once by
// identity; what it replied it still knows.
import { status } from '@grpc/grpc-js'
import { lanes, outrider, topics } from '@outrider/protocol'
import { createNodeUplink } from '@outrider/uplink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNodeSpool } from './node-spool.js'
import { createServiceClient, credentialsOf, openRegionLink } from './region-clients.js'
import { createRegionPlace, type RegionPlace, type RegionProcess } from './region-process.js'
import { readTopic, untilDrained } from './region-topics.js'

const { Record } = outrider.v1
let place: RegionPlace

beforeEach(async () => {
  place = await createRegionPlace()
})
afterEach(() => place.remove())

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 10))
}

test('killed under load, it loses nothing it acknowledged, and nothing is in the event log twice but what a crash cut off', async () => {
  let region: RegionProcess = await place.start()
  const spools = await Promise.all([createNodeSpool(), createNodeSpool()])
  const sent = [lanes.urgent, lanes.telemetry].map((lane, index) => ({ lane, spool: spools[index]! }))
  const uplinks = sent.map(({ lane, spool }) =>
    createNodeUplink({
      node: 'north-1',
      zone: 'north',
      lane,
      boot: 1,
      log: spool.log,
      epoch: spool.epoch,
      openLink: openRegionLink(() => region.grpcPort, place, 'north-1'),
      time: spool.time,
      random: Math.random,
      onHanded: () => {},
      onEvent: () => {},
      limits: { retryMsMax: 200 },
    }),
  )
  for (const uplink of uplinks) uplink.start()
  let number = 0
  const writing = setInterval(() => {
    for (const { spool } of sent) {
      for (let i = 0; i < 10; i++) {
        const report = { vehicle: `v${i}`, sdkStart: 1, receivedTimeMs: Date.now(), report: { number: ++number } }
        spool.append(Record.encode({ schema: 1, authority: 'city.example', recordedTimeMs: Date.now(), report }).finish())
      }
    }
  }, 5)
  for (let round = 0; round < 3; round++) {
    const before = spools.map(({ log }) => log.cursor)
    await until(() => spools.every(({ log }, index) => log.cursor > before[index]! + 300))
    await region.kill()
    region = await place.start()
  }
  clearInterval(writing)
  await until(() => spools.every(({ log }) => log.appendedThrough > 0 && log.cursor === log.appendedThrough))
  for (const uplink of uplinks) await uplink.stop()
  await untilDrained(region)
  expect(await region.stop()).toBe(0)

  const records = await readTopic(place, topics.reports.name)
  for (const { lane, spool } of sent) {
    const mine = records.filter(record => record.lane === lane)
    const identities = new Map<number, number>()
    for (const record of mine) {
      expect([record.node, record.epoch]).toEqual(['north-1', spool.epoch])
      const identity = Number(record.sequence)
      const report = record.report!.report!.number!
      // At least once: what was drained and not yet marked so when it was killed comes again, the same.
      expect(identities.get(identity) ?? report).toBe(report)
      identities.set(identity, report)
    }
    expect(identities.size).toBe(spool.log.appendedThrough)
    expect(new Set(identities.values()).size).toBe(identities.size)
    await spool.remove()
  }
}, 60_000)

test('what it replied it knows after a kill: retry, revision and end go on where they were', async () => {
  let region = await place.start()
  let operator = createServiceClient('AlertService', region.grpcPort, credentialsOf(place, 'operator', 'control-room'))
  const at = { latitudeE7: 602_500_000, longitudeE7: 250_000_000 }
  const content = {
    status: 'ALERT_STATUS_ACTUAL',
    cause: { code: 'CAUSE_CODE_ROADWORKS' },
    eventPosition: at,
    area: { circle: { center: at, radiusCm: 5_000 } },
  }
  const requests = Array.from({ length: 20 }, (_, index) => ({ requestId: `r${index}`, validityMs: 600_000, alert: content }))
  const issued = await Promise.all(requests.map(request => operator.call('Issue', request)))
  const [first, second] = issued
  await operator.call('Update', {
    requestId: 'u1',
    alert: { ...content, id: first.alert.alert.id, advice: 'ADVICE_SLOW' },
    expectedRevision: 1,
  })
  await operator.call('End', { requestId: 'e1', alertId: second.alert.alert.id })
  operator.close()
  await region.kill()

  region = await place.start()
  operator = createServiceClient('AlertService', region.grpcPort, credentialsOf(place, 'operator', 'control-room'))
  try {
    const again = await Promise.all(requests.map(request => operator.call('Issue', request)))
    expect(again.map(({ alert }) => alert.alert.id)).toEqual(issued.map(({ alert }) => alert.alert.id))
    expect(again[0].alert.alert).toMatchObject({ revision: 2, advice: 'ADVICE_SLOW' })
    expect(again[0].alert.remainingMs).toBeLessThan(600_000)
    expect(again[1].alert.alert.ending.reason).toBe('END_REASON_CANCELLED')
    const update = { requestId: 'u2', alert: { ...content, id: first.alert.alert.id }, expectedRevision: 1 }
    await expect(operator.call('Update', update)).rejects.toMatchObject({ code: status.ABORTED })
    expect((await operator.call('Update', { ...update, expectedRevision: 2 })).alert.alert.revision).toBe(3)
    const fresh = await operator.call('Issue', { requestId: 'new', validityMs: 1_000, alert: content })
    expect(issued.map(({ alert }) => alert.alert.id)).not.toContainEqual(fresh.alert.alert.id)
  } finally {
    operator.close()
  }
  await region.stop()
  const records = await readTopic(place, topics.alerts.name)
  const own = new Set(records.filter(({ node }) => node === 'region-1').map(({ sequence }) => Number(sequence)))
  expect([...own].sort((a, b) => a - b)).toEqual(Array.from(own, (_, index) => index + 1))
  expect(own.size).toBe(requests.length + 4)
})
