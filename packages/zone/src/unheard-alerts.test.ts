import { outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { createTestZone, positionAt, type TestVehicle } from './test-zone.js'
import { createUnheardAlerts } from './unheard-alerts.js'

const { AlertStatus, EndReason, EndScope, IssuerRole } = outrider.v1
type TestZone = ReturnType<typeof createTestZone>
const id = { node: 'node-b', boot: 7, sequence: 5 }
const held = [{ alertId: id, revision: 1 }]

/** Another node's alert about the middle, 200 m around, and its end. */
function live(zone: TestZone, revision = 1) {
  const alert = {
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 3, subCause: 0 },
    eventPosition: positionAt(0, 0),
    area: { circle: { center: positionAt(0, 0), radiusCm: 20_000 } },
    issuerRole: IssuerRole.ISSUER_ROLE_PARTNER,
    referenceTimeMs: zone.wallMs(),
    detectionTimeMs: zone.wallMs(),
    validUntilMs: zone.wallMs() + 60_000,
    keepUntilMs: zone.wallMs() + 600_000,
    id,
    revision,
  }
  return { alert, remainingMs: 60_000, keepRemainingMs: 600_000 }
}
function liveEnd(zone: TestZone) {
  const ending = { reason: EndReason.END_REASON_CANCELLED, endedTimeMs: zone.wallMs(), endedBy: IssuerRole.ISSUER_ROLE_PARTNER }
  return { end: { alertId: id, revision: 1, ending, keepUntilMs: zone.wallMs() + 600_000 }, keepRemainingMs: 600_000 }
}
const scopes = (vehicle: TestVehicle) => vehicle.gotten('end').map(({ scope }) => scope)

describe('an alert that a vehicle brings and nobody has named here yet', () => {
  it('is unknown only when nobody has named it for a while', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect({ held })
    zone.pass(5_500)
    expect(scopes(vehicle)).toEqual([])
    zone.pass(1_000)
    expect(vehicle.gotten('end')).toMatchObject([{ alertId: id, scope: EndScope.END_SCOPE_UNKNOWN }])
    zone.pass(20_000)
    expect(scopes(vehicle)).toHaveLength(1)
  })
  it.each([1_000, 30_000])('and that comes after %i ms is not sent again to who holds it in its area', afterMs => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect({ held })
    vehicle.report({ eastM: 50, northM: 0, speedMps: 0 })
    zone.pass(afterMs)
    vehicle.report({ eastM: 50, northM: 0, speedMps: 0 })
    zone.core.takeAlert(live(zone))
    zone.pass(1_000)
    expect(vehicle.alerts()).toEqual([])
    expect(scopes(vehicle)).toEqual(afterMs < 6_000 ? [] : [EndScope.END_SCOPE_UNKNOWN])
    expect(zone.core.totals()).toMatchObject({ targeted: 1, acknowledged: 1, alreadyHeld: 1 })
  })
  it('and that this node issued before it was restarted is sent anew once the vehicle was told that it is unknown', () => {
    const zone = createTestZone()
    const own = { ...id, node: 'node-a' }
    const vehicle = zone.vehicle('one').connect({ held: [{ alertId: own, revision: 1 }] })
    zone.pass(8_000)
    expect(scopes(vehicle)).toEqual([EndScope.END_SCOPE_UNKNOWN])
    vehicle.report({ eastM: 50, northM: 0, speedMps: 0 })
    const { alert, ...times } = live(zone)
    zone.core.takeAlert({ alert: { ...alert, id: own }, ...times })
    zone.pass(1_000)
    expect(vehicle.alerts()).toEqual(['3/0 r1'])
  })
  it('and that comes is withdrawn from who holds it elsewhere', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect({ held })
    vehicle.report({ eastM: 900, northM: 0, speedMps: 0 })
    zone.core.takeAlert(live(zone))
    zone.pass(1_000)
    vehicle.report({ eastM: 900, northM: 0, speedMps: 0 })
    zone.pass(10_000)
    expect(scopes(vehicle)).toEqual([EndScope.END_SCOPE_WITHDRAWN])
  })
  it('and that comes before the vehicle has said where it is, is not withdrawn', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect({ held })
    zone.core.takeAlert(live(zone))
    zone.pass(1_000)
    // 10 m beyond the area: within the hysteresis of who is concerned already.
    vehicle.report({ eastM: 210, northM: 0, speedMps: 40, headingDeg: 90 })
    zone.pass(1_000)
    expect([vehicle.alerts(), scopes(vehicle)]).toEqual([[], []])
    vehicle.report({ eastM: 250, northM: 0, speedMps: 40, headingDeg: 90 })
    zone.pass(1_000)
    expect(scopes(vehicle)).toEqual([EndScope.END_SCOPE_WITHDRAWN])
  })
  it('and that comes in a newer revision is sent', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect({ held })
    vehicle.report({ eastM: 50, northM: 0, speedMps: 0 })
    zone.core.takeAlert(live(zone, 2))
    zone.pass(10_000)
    expect(vehicle.alerts()).toEqual(['3/0 r2'])
    expect(scopes(vehicle)).toEqual([])
  })
  it.each(['before', 'after'])('and whose end alone comes, %s the vehicle, has ended', when => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one')
    if (when === 'after') vehicle.connect({ held })
    zone.core.takeEnd(liveEnd(zone))
    if (when === 'before') vehicle.connect({ held })
    zone.pass(10_000)
    expect(vehicle.gotten('end')).toMatchObject([{ scope: EndScope.END_SCOPE_ENDED, reason: EndReason.END_REASON_CANCELLED }])
  })
  it('is told when the socket takes something again', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect({ held })
    zone.sockets.setStalled(vehicle.row, true)
    zone.core.takeEnd(liveEnd(zone))
    zone.pass(8_000)
    expect(scopes(vehicle)).toEqual([])
    zone.sockets.setStalled(vehicle.row, false)
    zone.pass(1_000)
    expect(scopes(vehicle)).toEqual([EndScope.END_SCOPE_ENDED])
  })
  it('is nothing to a standby, nor after the vehicle is gone', () => {
    const zone = createTestZone()
    const standby = zone.vehicle('standby').connect({ held, role: outrider.v1.LinkRole.LINK_ROLE_STANDBY })
    const gone = zone.vehicle('gone').connect({ held })
    zone.core.closed(gone.row)
    zone.pass(20_000)
    expect([...standby.gotten('end'), ...gone.gotten('end')]).toEqual([])
  })
  it('is told at once where there is no room to wait: 64 of a vehicle', () => {
    const zone = createTestZone()
    const many = Array.from({ length: 70 }, (_, index) => ({ alertId: { ...id, sequence: index + 1 }, revision: 1 }))
    const vehicle = zone.vehicle('one').connect({ held: many })
    expect(scopes(vehicle)).toHaveLength(6)
    zone.pass(8_000)
    expect(scopes(vehicle)).toHaveLength(70)
  })
})

it('holds 65,536 at most, and forgets each way', () => {
  const unheard = createUnheardAlerts()
  const entry = (row: number, sequence: number) => ({ row, key: `k${sequence}`, id, revision: 1, dueAtMs: row })
  let added = 0
  for (let at = 0; at < 65_536; at++) if (unheard.add(entry(at >> 4, at & 15))) added++
  expect(added).toBe(65_536)
  expect(unheard.add(entry(5_000, 1))).toBe(false)
  expect(unheard.add({ ...entry(0, 1), dueAtMs: 9_999 })).toBe(true)
  expect(unheard.take('k3')).toHaveLength(4_096)
  unheard.forgetRow(7)
  expect(unheard.size).toBe(65_536 - 4_096 - 15)
  expect(unheard.due(7)).toHaveLength(7 * 15 - 1)
  expect(unheard.due(7)).toEqual([])
  for (let row = 0; row < 4_096; row++) unheard.forgetRow(row)
  expect(unheard.size).toBe(0)
  expect(unheard.due(Number.POSITIVE_INFINITY)).toEqual([])
})
