import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { traceCsvRow, truthCsvRow } from '../trace/write-csv.js'
import { TrafficError } from '../traffic-error.js'
import type { CityOptions } from './city-options.js'
import { buildCity, createCity } from './create-city.js'
import { placeOf } from './world.js'

vi.setConfig({ testTimeout: 60_000 })

const small: CityOptions = { seed: 7, vehicles: 60, originLat: 60.17, originLon: 24.94, hazardEveryS: 5, decoyEveryS: 5 }

/** Hash of everything a city says in two minutes. */
function fingerprint(options: CityOptions, stepsS: readonly number[]): string {
  const city = createCity(options)
  const hash = createHash('sha256')
  for (let turn = 0; city.timeS < 119.95; turn++) {
    for (const sample of city.step(Math.min(stepsS[turn % stepsS.length]!, 120 - city.timeS))) hash.update(`${traceCsvRow(sample)}\n`)
  }
  for (const row of city.truth()) hash.update(`${truthCsvRow(row, 120)}\n`)
  return hash.digest('hex')
}

test('the same seed gives the same bytes, however the time is cut; another seed gives others', () => {
  const hash = fingerprint(small, [0.1])
  expect(fingerprint(small, [0.1])).toBe(hash)
  expect(fingerprint(small, [1, 0.04, 0.26, 3])).toBe(hash)
  expect(fingerprint({ ...small, seed: 8 }, [0.1])).not.toBe(hash)
})

test('samples come in order of time, each vehicle at its interval, and faster or slower when asked', () => {
  const city = createCity({ ...small, hazardEveryS: 0, decoyEveryS: 0 })
  const [fast, slow] = city.vehicleIds()
  expect(city.askInterval(fast!, 0.01)).toBe(true)
  expect(city.askInterval(slow!, 60)).toBe(true)
  expect(city.askInterval('nobody', 1)).toBe(false)
  const samples = city.step(50)
  const count = (id: string) => samples.filter(({ vehicleId }) => vehicleId === id).length
  expect([count(fast!), count(slow!)]).toEqual([500, 10])
  expect(new Set(city.vehicleIds().slice(2).map(count))).toEqual(new Set([50]))
  expect(samples.every(({ timeS }, at) => at === 0 || timeS >= samples[at - 1]!.timeS)).toBe(true)
})

test('vehicles are as many and have as much as asked for', () => {
  const city = createCity({ ...small, vehicles: 500, conditionShare: 0.2, hazardEveryS: 0 })
  expect(city.vehicleIds()).toHaveLength(500)
  const samples = city.step(1)
  const conditions = samples.filter(({ friction }) => friction !== undefined)
  expect(conditions.length).toBeGreaterThan(65)
  expect(conditions.length).toBeLessThan(140)
  expect(conditions.every(({ airTempC, wiper, rain, roadSurface }) => ![airTempC, wiper, rain, roadSurface].includes(undefined))).toBe(true)
})

test('the stated accuracy holds: 95 % of positions lie within it, and errors of successive samples are alike', () => {
  const { world, step } = buildCity({ ...small, vehicles: 300, hazardEveryS: 0, decoyEveryS: 0 })
  let within = 0
  let all = 0
  let alike = 0
  const errors = new Map<string, number>()
  const errorEast = (id: string, lon: number) => world.metres.x(lon) - placeOf(world, world.vehicles.find(vehicle => vehicle.id === id)!).x
  for (let second = 0; second < 120; second++) {
    for (let tenth = 0; tenth < 10; tenth++) {
      for (const { vehicleId, lat, lon, hAccM } of step(0.1)) {
        const { y } = placeOf(world, world.vehicles.find(({ id }) => id === vehicleId)!)
        const east = errorEast(vehicleId, lon)
        if (Math.hypot(east, world.metres.y(lat) - y) <= hAccM!) within++
        if (Math.abs(east - (errors.get(vehicleId) ?? Number.NaN)) < 0.5 * hAccM!) alike++
        errors.set(vehicleId, east)
        all++
      }
    }
  }
  expect(within / all).toBeGreaterThan(0.92)
  expect(within / all).toBeLessThan(0.98)
  expect(alike / all).toBeGreaterThan(0.97)
})

test.each([
  [{ seed: -1 }],
  [{ seed: 1.5 }],
  [{ vehicles: 0 }],
  [{ vehicles: Number.NaN }],
  [{ originLat: 90 }],
  [{ size: 4 }],
  [{ conditionShare: 1.1 }],
  [{ intervalS: 0 }],
  [{ hazardEveryS: -1 }],
  [{ hazardEveryS: 0.5 }],
])('%j is refused by name', wrong => {
  expect(() => createCity({ ...small, ...wrong })).toThrow(TrafficError)
  expect(() => createCity({ ...small, ...wrong })).toThrow(new RegExp(`^${Object.keys(wrong)[0]} is `))
})

test.each([[-1], [Number.NaN], [3601]])('a step of %d s is refused', dtS => {
  expect(() => createCity(small).step(dtS)).toThrow(TrafficError)
})
