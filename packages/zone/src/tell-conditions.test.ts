import { latLngToCell } from 'h3-js'
import { expect, it } from 'vitest'
import { createTestZone, identityOf, origin } from './test-zone.js'

it('what the road is like is recorded by cell, once a minute, and names nobody', () => {
  const zone = createTestZone()
  // Of two names of one enrolment one counts.
  const vehicles = [0, 1, 2].map(at => zone.vehicle(`vehicle ${at}`).connect({}, at === 2 ? 'vehicle 1' : `vehicle ${at}`))
  const toldOf = () => zone.records('telemetry').flatMap(({ condition }) => (condition == null ? [] : [condition]))
  const drive = (second: number) => {
    for (const [at, vehicle] of vehicles.entries()) {
      const report = vehicle.reportOf({ eastM: 100 + at, northM: 20 + (second % 10), speedMps: 1, headingDeg: 0 })
      Object.assign(report.samples![0]!, { frictionPercent: [80, 60, 60][at], airTemperatureDecidegc: 15, rainPercent: 10 })
      vehicle.send('telemetry', report)
    }
    zone.pass(1_000)
  }
  for (let second = 0; second < 59; second++) drive(second)
  expect(toldOf()).toEqual([])
  for (let second = 59; second < 65; second++) drive(second)
  const told = toldOf()
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({
    sources: 2,
    frictionLowestPercent: 60,
    frictionPercent: 70,
    airTemperatureDecidegc: 15,
    rainPercent: 10,
    speedCmps: 100,
  })
  expect(told[0]!.untilTimeMs).toBeLessThanOrEqual(zone.wallMs())
  expect(told[0]!.fromTimeMs).toBeGreaterThan(zone.wallMs() - 70_000)
  expect(told[0]!.cell).toHaveLength(15)
  expect(told[0]!.cell).toBe(latLngToCell(origin.latitudeDeg + 0.0009, origin.longitudeDeg + 0.0015, 10))
  expect(JSON.stringify(told)).not.toContain(identityOf('vehicle 1').pseudonym)
  // Nobody drives there any more: nothing more is said.
  zone.pass(200_000)
  expect(toldOf()).toHaveLength(2)
})
