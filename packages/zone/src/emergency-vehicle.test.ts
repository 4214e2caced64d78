import { outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { createTestZone, type TestVehicle } from './test-zone.js'

const emergency = outrider.v1.VehicleRole.VEHICLE_ROLE_EMERGENCY

/** An ambulance drives east at 15 m/s for 12 s, its siren on; others drive as they do. */
function scene(role: 'emergency' | 'default') {
  const zone = createTestZone()
  const ambulance = zone.vehicle('ambulance').connect({}, 'ambulance', role)
  const ahead = zone.vehicle('ahead').connect()
  const crossing = zone.vehicle('crossing').connect()
  const behind = zone.vehicle('behind').connect()
  const oncoming = zone.vehicle('oncoming far').connect()
  const other: readonly [TestVehicle, number, number, number, number][] = [
    [ahead, 250, 0, 8, 90],
    [crossing, 280, -60, 2, 0],
    [behind, -120, 0, 10, 90],
    [oncoming, 1_500, 5, 10, 270],
  ]
  for (let second = 0; second <= 12; second++) {
    for (const [vehicle, eastM, northM, speedMps, headingDeg] of other) {
      const rad = (headingDeg * Math.PI) / 180
      const wayM = speedMps * second
      vehicle.report({ eastM: eastM + Math.sin(rad) * wayM, northM: northM + Math.cos(rad) * wayM, speedMps, headingDeg })
    }
    ambulance.report({ eastM: second * 15, northM: 0, speedMps: 15, headingDeg: 90, flags: ['siren'] }, { role: emergency })
    zone.turn()
    zone.pass(1_000)
  }
  return { zone, ahead, crossing, behind, oncoming }
}

describe('an emergency vehicle approaches', () => {
  it('and those ahead and on the crossing street are told, those behind and far are not', () => {
    const { ahead, crossing, behind, oncoming } = scene('emergency')
    expect(ahead.alerts()[0]).toBe('95/1 r1')
    expect(crossing.alerts()[0]).toMatch(/^95\/1 /)
    expect(behind.alerts()).toEqual([])
    expect(oncoming.alerts()).toEqual([])
  })
  it('and is one alert whose area travels: told again for its way, not for every report', () => {
    const { zone } = scene('emergency')
    const alerts = zone.records('urgent').flatMap(record => (record.alert == null ? [] : [record.alert]))
    expect(new Set(alerts.map(alert => alert.id!.sequence)).size).toBe(1)
    const told = alerts.filter(alert => !alert.renewal)
    expect(told.length).toBeLessThanOrEqual(2)
    expect(told[0]).toMatchObject({ eventSpeedCmps: 1_500, area: { moving: { speedCmps: 1_500, headingDecideg: 900 } } })
  })
  it('but who is none by his token is believed by nobody', () => {
    const { zone, ahead } = scene('default')
    expect(ahead.alerts()).toEqual([])
    expect(zone.core.counts.evidenceRefused.unentitled).toBeGreaterThan(5)
  })
})

describe('two vehicles crash at one place', () => {
  it('is one alert, an accident of several vehicles, and stays one', () => {
    const zone = createTestZone()
    const [one, two, near] = ['one', 'two', 'near'].map(name => zone.vehicle(name).connect())
    near!.report({ eastM: 0, northM: -200, speedMps: 10, headingDeg: 0 })
    for (let second = 0; second < 4; second++) {
      one!.report({ eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, flags: ['airbag'] })
      two!.report({ eastM: 3, northM: 6, speedMps: 0, headingDeg: 0, flags: ['ecall_auto'] })
      zone.turn()
      zone.pass(1_000)
    }
    expect(near!.alerts().filter(alert => alert.startsWith('2/1'))).toHaveLength(1)
    expect(near!.alerts().at(-1)).toMatch(/^2\/1 /)
    expect(zone.core.gauges().activeAlerts).toBe(1)
  })
})
