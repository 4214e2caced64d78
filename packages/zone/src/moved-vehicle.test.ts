import { closeCodes, outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { createTestZone, positionAt, type TestVehicle } from './test-zone.js'

const { AlertStatus, DeliveryState, DropReason, IssuerRole, LinkRole } = outrider.v1
type TestZone = ReturnType<typeof createTestZone>
const here = { eastM: 0, northM: 0, speedMps: 10, headingDeg: 0 }

function issueHere(zone: TestZone, validityMs = 60_000): outrider.v1.AlertId.$Properties {
  const content = {
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 3 },
    eventPosition: positionAt(0, 0),
    area: { circle: { center: positionAt(0, 0), radiusCm: 50_000 } },
    issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
  }
  const outcome = zone.core.issue({ content, validityMs, renewable: false })
  if (outcome.outcome !== 'changed') throw new Error(outcome.reason)
  return outcome.changes[0]!.entry.id
}

/** The vehicle says that another node is its primary one. */
function leave(vehicle: TestVehicle, eastM: number, held: outrider.v1.HeldAlert.$Properties[] = []): void {
  const lastPosition = { position: positionAt(eastM, 0), timeMs: vehicle.zone.wallMs() }
  vehicle.send('hello', { sdkStart: 7, role: LinkRole.LINK_ROLE_STANDBY, lastPosition, held })
}

describe('a vehicle that says standby on a link that was primary', () => {
  it.each([
    ['the node that has its position', 3_000, 'node-b'],
    ['a node that it does not name', 0, ''],
  ])('has moved to %s: the link is closed, what it still was to get is moved', (_what, eastM, to) => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    vehicle.answers = false
    vehicle.report(here)
    issueHere(zone)
    zone.turn()
    leave(vehicle, eastM)
    zone.pass(500)
    expect(vehicle.closedWith).toBe(closeCodes.moved.code)
    expect(zone.core.counts.closed.moved).toBe(1)
    expect(zone.core.totals()).toMatchObject({ targeted: 1, moved: 1, pending: 0 })
    expect(zone.records('urgent').at(-1)?.delivery).toMatchObject({ state: DeliveryState.DELIVERY_STATE_MOVED, movedTo: to })
    // Nothing is looked for it any more, and nothing is left to drop when it is forgotten.
    issueHere(zone)
    zone.pass(200_000)
    expect(zone.core.totals()).toMatchObject({ targeted: 1, moved: 1 })
    expect(zone.core.gauges().sessions).toBe(0)
  })
  it('has what it says it holds: acknowledged, not moved', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    vehicle.answers = false
    vehicle.report(here)
    const id = issueHere(zone)
    zone.turn()
    leave(vehicle, 0, [{ alertId: id, revision: 1 }])
    expect(zone.core.totals()).toMatchObject({ targeted: 1, acknowledged: 1, moved: 0 })
  })
  it('is told first what became of its reports, for half a second at most', async () => {
    for (const syncs of [true, false]) {
      const zone = createTestZone({ syncsItself: false })
      const vehicle = zone.vehicle('one').connect()
      vehicle.report({ ...here, flags: ['hazard_lights'] })
      leave(vehicle, 0)
      expect(vehicle.closedWith).toBeUndefined()
      if (syncs) zone.lanes.urgent.sync()
      await zone.synced()
      zone.pass(500)
      expect(vehicle.closedWith).toBe(closeCodes.moved.code)
      expect(vehicle.gotten('reportAck')).toMatchObject(syncs ? [{ through: 1 }] : [])
    }
  })
  it('and comes back without the alert is sent it, the same delivery; with it, nothing', () => {
    for (const holds of [false, true]) {
      const zone = createTestZone()
      const vehicle = zone.vehicle('one').connect()
      vehicle.answers = false
      vehicle.report(here)
      const id = issueHere(zone)
      zone.turn()
      leave(vehicle, 0)
      zone.pass(1_000)
      vehicle.answers = true
      vehicle.connect({ held: holds ? [{ alertId: id, revision: 1 }] : [] })
      vehicle.report({ ...here, northM: 10 })
      zone.pass(1_000)
      expect(vehicle.alerts()).toHaveLength(holds ? 1 : 2)
      expect(zone.core.totals()).toMatchObject({ targeted: 1, pending: 0, ...(holds ? { moved: 1 } : { acknowledged: 1, moved: 0 }) })
    }
  })
  it('and is primary again before the link is closed, stays', async () => {
    const zone = createTestZone({ syncsItself: false })
    const vehicle = zone.vehicle('one').connect()
    vehicle.report({ ...here, flags: ['hazard_lights'] })
    leave(vehicle, 0)
    vehicle.send('hello', { sdkStart: 7 })
    zone.pass(5_000)
    expect(vehicle.closedWith).toBeUndefined()
  })
})

describe('a reader that is gone for good after its socket was stalled', () => {
  it('did not acknowledge; one that just went was disconnected', () => {
    const zone = createTestZone()
    for (const [name, isStalled] of [
      ['stalled', true],
      ['gone', false],
    ] as const) {
      const vehicle = zone.vehicle(name).connect()
      vehicle.answers = false
      vehicle.report(here)
      if (isStalled) issueHere(zone, 600_000)
      zone.turn()
      zone.core.closed(vehicle.row, isStalled)
    }
    zone.pass(130_000)
    const { dropped } = zone.core.totals()
    expect(dropped[DropReason.DROP_REASON_UNACKNOWLEDGED]).toBe(1)
    expect(dropped[DropReason.DROP_REASON_DISCONNECTED]).toBe(1)
  })
})
