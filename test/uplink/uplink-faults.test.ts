// Region and nodes are killed while vehicles drive: warnings go on, and what was accepted arrives, once.
import { randomUUID } from 'node:crypto'
import { topics } from '@outrider/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type EdgeNode, makeFolder } from '../edge/edge-node.js'
import { readTopic, untilDrained } from '../region/region-topics.js'
import { createTiers, readyOf, type Tiers, untilDrainedUp } from './tiers.js'

let tiers: Tiers
beforeEach(async () => {
  tiers = await createTiers()
})
afterEach(() => tiers.remove())

const standing = [{ eastM: 3_000, northM: 0, speedMps: 0 }]

/** As many as a vehicle may send at once without being shed. */
const reportsMax = 15

/** A new vehicle sends urgent reports until they are accepted, which is when the node has them on disk. */
async function report(node: EdgeNode): Promise<void> {
  const vehicle = await tiers.join(node, randomUUID())
  for (let number = 1; number <= reportsMax; number++) vehicle.drive('urgent', number, standing)
  await vehicle.next('reportAck', ({ through }) => through === reportsMax)
}

/** Who drives behind a vehicle that brakes hears of it, by this node alone. */
async function expectWarning(node: EdgeNode): Promise<void> {
  const [braker, behind] = await Promise.all([tiers.join(node, randomUUID()), tiers.join(node, randomUUID())])
  behind.drive('telemetry', 1, [{ eastM: 0, northM: -60, speedMps: 20 }])
  await behind.settled()
  braker.brakeHard()
  expect((await behind.next('alert')).alert).toMatchObject({ cause: { code: 99 } })
}

/** What is in the event log: all reports of so many vehicles, each as one record; what a kill made come again is the same record. */
async function expectReportsOnce(vehicles: number): Promise<void> {
  const reports = new Map<string, string>()
  for (const { lane, epoch, sequence, report: accepted } of await readTopic(tiers.place, topics.reports.name)) {
    if (accepted?.urgent !== true) continue
    const record = `${lane}/${epoch}/${sequence}`
    const identity = `${accepted.vehicle}/${accepted.sdkStart}/${accepted.report?.number}`
    expect(reports.get(identity) ?? record).toBe(record)
    reports.set(identity, record)
  }
  expect(new Set(reports.values()).size).toBe(reports.size)
  expect(reports.size).toBe(vehicles * reportsMax)
}

it('a region killed and back on another port: vehicles are warned meanwhile, and afterwards all is there once', async () => {
  const region = await tiers.startRegion()
  const node = await tiers.startNode('edge-1')
  await report(node)
  await region.kill()
  tiers.relay.target = undefined
  await report(node)
  await expectWarning(node)
  await expect
    .poll(async () => (await readyOf(node)).checks.uplink.detail, { timeout: 30_000 })
    .toMatch(/^an island: urgent lane not connected since \d.*records wait/)
  expect((await readyOf(node)).ready).toBe(true)

  const again = await tiers.startRegion()
  await report(node)
  await untilDrainedUp(node)
  expect((await readyOf(node)).checks.uplink.detail).toMatch(/^urgent lane connected, no record waits; telemetry lane connected/)
  await untilDrained(again)
  expect(await again.stop()).toBe(0)
  await expectReportsOnce(3)
  const alerts = await readTopic(tiers.place, topics.alerts.name)
  expect(alerts.some(({ alert }) => alert?.cause?.code === 99)).toBe(true)
})

it('a region killed again and again under load loses nothing and repeats nothing', async () => {
  let region = await tiers.startRegion()
  const node = await tiers.startNode('edge-1')
  for (let round = 0; round < 3; round++) {
    await report(node)
    // Killed with what came last under way.
    const reporting = report(node)
    await region.kill()
    await reporting
    region = await tiers.startRegion()
  }
  await untilDrainedUp(node)
  await untilDrained(region)
  expect(await region.stop()).toBe(0)
  await expectReportsOnce(6)
})

it('a node killed and started on the same disk: what it had accepted is there once', async () => {
  const region = await tiers.startRegion()
  const at = makeFolder()
  for (let round = 0; round < 3; round++) {
    const node = await tiers.startNode('edge-1', {}, at)
    await report(node)
    node.process.kill('SIGKILL')
    await node.ended
  }
  const node = await tiers.startNode('edge-1', {}, at)
  await untilDrainedUp(node)
  await untilDrained(region)
  expect(await region.stop()).toBe(0)
  await expectReportsOnce(3)
})

it('a region that hangs is noticed, and found again', async () => {
  await tiers.startRegion()
  const node = await tiers.startNode('edge-1')
  await report(node)
  await untilDrainedUp(node)
  tiers.relay.freeze(true)
  await report(node)
  await expectWarning(node)
  await expect.poll(async () => (await readyOf(node)).checks.uplink.detail, { timeout: 60_000 }).toMatch(/^an island: .*records wait/)
  expect((await readyOf(node)).ready).toBe(true)
  tiers.relay.freeze(false)
  await untilDrainedUp(node)
  expect((await readyOf(node)).checks.uplink.detail).toMatch(/^urgent lane connected/)
})
