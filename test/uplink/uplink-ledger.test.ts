// An operator's alert from issue to end, and what the region says became of its deliveries.
import { randomUUID } from 'node:crypto'
import { outrider } from '@outrider/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EdgeNode } from '../edge/edge-node.js'
import { positionAt, type TestVehicle } from '../edge/test-vehicle.js'
import type { ServiceClient } from '../region/region-clients.js'
import type { RegionProcess } from '../region/region-process.js'
import { createTiers, metricOf, type Tiers } from './tiers.js'

const { DeliveryStage, EndScope } = outrider.v1
type AlertId = outrider.v1.AlertId.$Properties

let tiers: Tiers
let region: RegionProcess
let node: EdgeNode
let operator: ServiceClient

beforeAll(async () => {
  tiers = await createTiers()
  region = await tiers.startRegion()
  node = await tiers.startNode('edge-1')
  operator = tiers.operator(region)
})
afterAll(() => tiers.remove())

async function parked(eastM: number): Promise<TestVehicle> {
  const vehicle = await tiers.join(node, randomUUID())
  vehicle.drive('telemetry', 1, [{ eastM, northM: 0, speedMps: 0 }])
  await vehicle.settled()
  return vehicle
}

function roadworksAt(eastM: number) {
  const at = positionAt(eastM, 0)
  return {
    status: 'ALERT_STATUS_ACTUAL',
    cause: { code: 'CAUSE_CODE_ROADWORKS' },
    eventPosition: at,
    area: { circle: { center: at, radiusCm: 10_000 } },
  }
}

async function issueAt(eastM: number): Promise<AlertId> {
  const { alert } = await operator.call('Issue', { requestId: randomUUID(), validityMs: 600_000, alert: roadworksAt(eastM) })
  return alert.alert.id
}

const isOf =
  ({ sequence }: AlertId) =>
  (message: { readonly alertId?: AlertId | null; readonly alert?: { readonly id?: AlertId | null } | null }) =>
    (message.alertId ?? message.alert?.id)?.sequence === sequence

/** Takes the alert, and says how far it came. */
async function take(vehicle: TestVehicle, id: AlertId, ...stages: outrider.v1.DeliveryStage[]): Promise<void> {
  const { alert } = await vehicle.next('alert', isOf(id))
  const entries = stages.map(stage => ({ alertId: id, revision: alert!.revision!, stage, timeMs: Date.now() }))
  vehicle.send('deliveryAck', { entries })
  await vehicle.settled()
}

const { DELIVERY_STAGE_RECEIVED: received, DELIVERY_STAGE_TAKEN: taken, DELIVERY_STAGE_SHOWN: shown } = DeliveryStage

it('an end reaches every connected vehicle that got the alert, and who was away when it comes back', async () => {
  const vehicles = await Promise.all(Array.from({ length: 20 }, () => parked(0)))
  const id = await issueAt(0)
  await Promise.all(vehicles.map(vehicle => take(vehicle, id, received, taken)))
  const [away, ...there] = vehicles as [TestVehicle, ...TestVehicle[]]
  away.socket.terminate()
  await away.closed

  const sinceMs = performance.now()
  const ends = Promise.all(there.map(vehicle => vehicle.next('end', isOf(id)).then(() => performance.now() - sinceMs)))
  await operator.call('End', { requestId: randomUUID(), alertId: id })
  const tookMs = (await ends).sort((a, b) => a - b)
  console.log(
    `end by gRPC at the last of ${there.length} vehicles after ${tookMs.at(-1)!.toFixed(1)} ms, at the first after ${tookMs[0]!.toFixed(1)} ms`,
  )
  // The issue asks for a second; the machine of a test may be busy.
  expect(tookMs.at(-1)!).toBeLessThan(5_000)

  const back = await tiers.join(node, randomUUID(), { hello: { held: [{ alertId: id, revision: 1 }] } })
  expect((await back.next('end', isOf(id))).scope).toBe(EndScope.END_SCOPE_ENDED)
  await Promise.all(there.map(vehicle => vehicle.settled()))
  expect(there.map(vehicle => vehicle.count('end'))).toEqual(there.map(() => 0))
})

it('an update that moves the area withdraws it from those left behind, once, and reaches those it came to', async () => {
  const [left, met] = [await parked(-2_000), await parked(-4_000)]
  const id = await issueAt(-2_000)
  await take(left, id, received, taken)
  await operator.call('Update', { requestId: randomUUID(), expectedRevision: 1, alert: { ...roadworksAt(-4_000), id } })
  expect((await left.next('end', isOf(id))).scope).toBe(EndScope.END_SCOPE_WITHDRAWN)
  expect((await met.next('alert', isOf(id))).alert?.revision).toBe(2)
  for (const [at, vehicle] of [left, met].entries()) {
    vehicle.drive('telemetry', 2, [{ eastM: at === 0 ? -2_000 : -4_000, northM: 0, speedMps: 0 }])
    await vehicle.settled()
  }
  expect([left, met].map(vehicle => vehicle.count('end') + vehicle.count('alert'))).toEqual([0, 0])
})

it('the region says what became of every delivery, and knows it after a kill', async () => {
  const vehicles = await Promise.all(Array.from({ length: 3 }, () => parked(-6_000)))
  const id = await issueAt(-6_000)
  await take(vehicles[0]!, id, received, taken, shown)
  await take(vehicles[1]!, id, received, taken)
  const ledger = () => operator.call('GetLedger', { alertId: id })
  await expect.poll(ledger, { timeout: 60_000 }).toMatchObject({
    rows: [{ revision: 1, node: 'edge-1', targeted: 3, acknowledged: 2, pending: 1, shown: 1 }],
    vehiclesWarned: 2,
    complete: true,
  })
  expect(await metricOf(node, 'alert_deliveries', 'targeted')).toBeGreaterThan(0)

  await region.kill()
  region = await tiers.startRegion()
  operator = tiers.operator(region)
  await operator.call('End', { requestId: randomUUID(), alertId: id })
  await expect
    .poll(ledger, { timeout: 60_000 })
    .toMatchObject({ rows: [{ targeted: 3, acknowledged: 2, ended: 1, pending: 0, shown: 1 }], vehiclesWarned: 2, complete: true })
  expect((await operator.call('GetLedger', { alertId: id, revision: 2 })).rows).toEqual([])
})
