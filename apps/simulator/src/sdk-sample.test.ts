import { flagBits, type TrafficSample } from '@outrider/traffic'
import { expect, it } from 'vitest'
import { toVehicleSample } from './sdk-sample.js'

const bare: TrafficSample = { timeS: 1, vehicleId: 'v1', enrolment: 'v1', lat: 53.55, lon: 9.99 }

function converted(sample: TrafficSample) {
  const leftOut: string[] = []
  return { sample: toVehicleSample(sample, 5, field => leftOut.push(field)), leftOut }
}

it('missing stays missing', () => {
  const { sample, leftOut } = converted(bare)
  expect(leftOut).toEqual([])
  const { timeMs, latitude, longitude, flags, ...others } = sample
  expect({ timeMs, latitude, longitude, flags }).toEqual({ timeMs: 5, latitude: 53.55, longitude: 9.99, flags: [] })
  expect(Object.values(others).filter(value => value !== undefined)).toEqual([])
})

it('flags, surface and what a driver saw, by the SDK’s names', () => {
  const { sample } = converted({
    ...bare,
    flags: flagBits.hazard_lights | flagBits.ignition_off,
    roadSurface: 'WET_ICE',
    report: { cause: 10, subCause: 1, aheadM: 40 },
  })
  expect(sample.flags).toEqual(['hazard_lights', 'ignition_off'])
  expect(sample.roadSurface).toBe('wet_ice')
  expect(sample.observations).toEqual([{ cause: 10, subCause: 1, distanceM: 40, source: 'driver' }])
})

it('what the wire cannot say is left out and told, never clamped', () => {
  const { sample, leftOut } = converted({
    ...bare,
    accelMps2: -120,
    visibilityM: 50_000,
    vertAccelRmsMps2: 2,
    report: { cause: 0, subCause: 0 },
  })
  expect(leftOut.sort()).toEqual(['accelMps2', 'report', 'visibilityM'])
  expect(sample).toMatchObject({ accelMps2: undefined, visibilityM: undefined, roughnessMps2: 2, observations: undefined })
})
