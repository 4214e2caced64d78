import { describe, expect, it } from 'vitest'
import { createScene, type SceneSample } from './test-scene.js'

const driving: SceneSample = { atMs: 1_000, eastM: 0, northM: 0, speedMps: 12, headingDeg: 0 }
const find = (sample: Partial<SceneSample>) => createScene().drive(0, { ...driving, ...sample }).findings

/** What the last of `vehicles` finds, of which the first `doing` do it. */
function among(vehicles: number, doing: number, what: Partial<SceneSample>, otherwise: Partial<SceneSample>) {
  const scene = createScene()
  for (let row = doing; row < vehicles; row++) scene.drive(row, { ...driving, ...otherwise })
  for (let row = 1; row < doing; row++) scene.drive(row, { ...driving, ...what })
  return scene.drive(0, { ...driving, ...what }).findings
}

describe('weather', () => {
  it.each([
    [18, 0, { visibilityM: 120 }],
    [18, 1, { visibilityM: 80, flags: ['fog_rear'] }],
    [18, 4, { visibilityM: 100, rain: 0.8, airTemperatureC: 9 }],
    [18, 3, { visibilityM: 100, rain: 0.8, airTemperatureC: -1 }],
    [19, 1, { rain: 0.7, visibilityM: 900, airTemperatureC: 9 }],
    [19, 2, { rain: 0.7, airTemperatureC: -3 }],
    [17, 6, { rain: 0.9, visibilityM: 30, airTemperatureC: -3 }],
    [17, 0, { rain: 0.9, visibilityM: 30, airTemperatureC: 14 }],
  ] satisfies [number, number, Partial<SceneSample>][])('is %i/%i of %j, for all traffic and never alone', (cause, subCause, sample) => {
    expect(find(sample)).toMatchObject([{ detector: 'weather', cause, subCause, alone: false, headingDeg: Number.NaN }])
  })
  it.each([{ visibilityM: 1_000, rain: 0.3, wiper: 2 }, { flags: ['fog_rear'] }, { wiper: 3 }] satisfies Partial<SceneSample>[])(
    'is not %j of one vehicle',
    sample => {
      expect(find(sample)).toEqual([])
    },
  )
  it('is fog lights and fast wipers only where nearly everybody has them on', () => {
    const on = { flags: ['fog_rear'] } as const
    expect(among(4, 3, on, {})).toMatchObject([{ cause: 18, subCause: 1 }])
    expect(among(6, 3, on, {})).toEqual([])
    expect(among(3, 3, on, {})).toEqual([])
    expect(among(4, 4, { wiper: 3 }, {})).toMatchObject([{ cause: 19 }])
    expect(among(6, 3, { wiper: 3 }, { wiper: 1 })).toEqual([])
  })
  it('is not the fog light of one vehicle under many names', () => {
    const scene = createScene()
    scene.vehicles.fill(scene.vehicles[0]!)
    for (let row = 1; row < 60; row++) expect(scene.drive(row, { ...driving, flags: ['fog_rear'] }).findings).toEqual([])
  })
})

describe('rough surface', () => {
  it('shakes who drives over it', () => {
    expect(find({ roughnessMps2: 6 })).toMatchObject([{ detector: 'rough_surface', cause: 9, alone: false }])
    expect(find({ roughnessMps2: 3 })).toEqual([])
    expect(find({ roughnessMps2: 6, speedMps: 1 })).toEqual([])
  })
})
