// Alerts between a region and its nodes, and from node to node by the region.
import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { outrider } from '@outrider/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EdgeNode, origin } from '../edge/edge-node.js'
import { positionAt, type TestVehicle } from '../edge/test-vehicle.js'
import type { ServiceClient } from '../region/region-clients.js'
import { createTiers, type Tiers } from './tiers.js'

const { EndReason } = outrider.v1
/** The border between the two nodes' footprints, metres east of the origin. */
const borderM = Math.round(0.1 * 111_195.08 * Math.cos((origin.latitudeE7 * 1e-7 * Math.PI) / 180))

let tiers: Tiers
let west: EdgeNode
let east: EdgeNode
let operator: ServiceClient

beforeAll(async () => {
  tiers = await createTiers()
  const region = await tiers.startRegion()
  west = await tiers.startNode('edge-1')
  east = await tiers.startNode('edge-2')
  operator = tiers.operator(region)
})
afterAll(() => tiers.remove())

/** A vehicle that stands there. */
async function parked(node: EdgeNode, eastM: number): Promise<TestVehicle> {
  const vehicle = await tiers.join(node, randomUUID())
  vehicle.drive('telemetry', 1, [{ eastM, northM: 0, speedMps: 0 }])
  await vehicle.settled()
  return vehicle
}

/** A vehicle that drives north, and is at its last 20 m south of where others brake. */
async function following(node: EdgeNode, eastM: number): Promise<TestVehicle> {
  const vehicle = await tiers.join(node, randomUUID())
  const samples = [0, 1, 2, 3].map(second => ({ eastM, northM: 20 * second - 80, speedMps: 20 }))
  vehicle.drive('telemetry', 1, samples)
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

/** A vehicle there brakes at 8 m/s2, northward. */
async function brakeAt(node: EdgeNode, eastM: number): Promise<TestVehicle> {
  const braker = await tiers.join(node, randomUUID())
  const samples = [20, 20, 20, 12].map((speedMps, second) => ({ eastM, northM: Math.min(20 * second, 56), speedMps }))
  braker.drive('telemetry', 1, samples)
  return braker
}

describe('an alert issued at the region', () => {
  it('reaches the vehicles of the zone it is in, and ends there when it is ended there', async () => {
    const [near, elsewhere] = [await parked(west, 0), await parked(east, 2 * borderM)]
    const issued = await operator.call('Issue', { requestId: randomUUID(), validityMs: 60_000, alert: roadworksAt(0) })
    const { id } = issued.alert.alert
    const live = await near.next('alert', ({ alert }) => alert?.id?.sequence === id.sequence)
    expect(live.alert).toMatchObject({ id: { node: 'region-1' }, revision: 1, issuerRole: outrider.v1.IssuerRole.ISSUER_ROLE_OPERATOR })
    expect(live.remainingMs).toBeGreaterThan(0)
    expect(live.remainingMs).toBeLessThanOrEqual(60_000)

    await operator.call('End', { requestId: randomUUID(), alertId: id })
    const { reason } = await near.next('end', ({ alertId }) => alertId?.sequence === id.sequence)
    expect(reason).toBe(EndReason.END_REASON_CANCELLED)
    await elsewhere.settled()
    expect(elsewhere.count('alert')).toBe(0)
  })

  it('near the border reaches the vehicles of both zones', async () => {
    const vehicles = [await parked(west, borderM - 30), await parked(east, borderM + 30)]
    await operator.call('Issue', { requestId: randomUUID(), validityMs: 60_000, alert: roadworksAt(borderM) })
    for (const vehicle of vehicles) expect((await vehicle.next('alert')).alert?.cause?.code).toBe(3)
  })
})

describe('an alert detected by a node', () => {
  it('crosses to the vehicles of the next zone by the region, less the time it took', async () => {
    const beyond = await following(east, borderM + 5)
    await brakeAt(west, borderM - 5)
    const live = await beyond.next('alert', ({ alert }) => alert?.cause?.code === 99)
    expect(live.alert).toMatchObject({ id: { node: 'edge-1' }, cause: { code: 99, subCause: 1 } })
    expect(live.remainingMs).toBeGreaterThan(0)
    expect(live.remainingMs).toBeLessThan(live.alert!.validUntilMs! - live.alert!.referenceTimeMs!)
  })

  it('is revised on request by the node that issued it, once for each request, and ended by whoever may', async () => {
    const behind = await following(west, -3_000)
    await brakeAt(west, -3_000)
    const { alert } = await behind.next('alert', ({ alert: found }) => found?.cause?.code === 99)
    const id = alert!.id!
    // The region knows it by the record.
    await expect.poll(() => operator.call('Get', { alertId: id }).catch(() => undefined), { timeout: 20_000 }).toBeDefined()
    const content = { ...roadworksAt(-3_000), cause: { code: 'CAUSE_CODE_DANGEROUS_SITUATION', subCause: 1 }, id, advice: 'ADVICE_STOP' }
    const request = { requestId: randomUUID(), alert: content, expectedRevision: 1, validityMs: 30_000 }
    const updated = await operator.call('Update', request)
    expect(updated.alert.alert).toMatchObject({ id: { node: 'edge-1' }, revision: 2, advice: 'ADVICE_STOP' })
    expect((await behind.next('alert', ({ alert: found }) => found?.revision === 2)).alert).toMatchObject({ id })
    await expect.poll(async () => (await operator.call('Get', { alertId: id })).alert.alert.revision, { timeout: 20_000 }).toBe(2)
    // By a caller who did not hear the answer; and by one who builds on what is no more.
    expect((await operator.call('Update', request)).alert.alert.revision).toBe(2)
    await expect(operator.call('Update', { ...request, requestId: randomUUID() })).rejects.toMatchObject({ code: status.ABORTED })

    await operator.call('End', { requestId: randomUUID(), alertId: id })
    const { reason } = await behind.next('end', ({ alertId }) => alertId?.sequence === id.sequence)
    expect(reason).toBe(EndReason.END_REASON_NEGATED)
  })
})
