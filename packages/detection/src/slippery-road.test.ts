import { describe, expect, it } from 'vitest'
import { createHazardTable } from './hazard-table.js'
import { createScene, frame, type SceneSample } from './test-scene.js'

const ice = 4
const wet = 2
const driving: SceneSample = { atMs: 1_000, eastM: 0, northM: 0, speedMps: 12, headingDeg: 0 }
const find = (sample: Partial<SceneSample>) => createScene().drive(0, { ...driving, ...sample }).findings

describe('slippery road', () => {
  it('is friction as on ice, as what the surface is, for all traffic, and never alone', () => {
    const [found] = find({ friction: 0.15, roadSurface: ice })
    expect(found).toMatchObject({ detector: 'slippery_road', cause: 6, subCause: 5, alone: false, subject: false, headingDeg: Number.NaN })
  })
  it.each(['abs', 'esc', 'tcs'] as const)('is %s in the cold or where friction is low, and not on a road that holds', flag => {
    expect(find({ flags: [flag], airTemperatureC: 1 })).toMatchObject([{ cause: 6, subCause: 0 }])
    expect(find({ flags: [flag], friction: 0.45 })).toMatchObject([{ cause: 6 }])
    expect(find({ flags: [flag] })).toEqual([])
    expect(find({ flags: [flag], airTemperatureC: 12 })).toEqual([])
    expect(find({ flags: [flag], airTemperatureC: 1, friction: 0.8 })).toEqual([])
  })
  it('is not measured by who stands', () => {
    expect(find({ friction: 0.1, speedMps: 0.5 })).toEqual([])
  })
  it('takes the temperature from others of the cell, and their word that the road holds', () => {
    const cold = createScene()
    cold.drive(1, { ...driving, airTemperatureC: -2 })
    expect(cold.drive(0, { ...driving, flags: ['abs'] }).findings).toMatchObject([{ cause: 6 }])
    const firm = createScene()
    firm.drive(1, { ...driving, airTemperatureC: -2, friction: 0.8 })
    expect(firm.drive(0, { ...driving, flags: ['abs'] }).findings).toEqual([])
  })
  it('is aquaplaning on water, at speed, above freezing', () => {
    const rain = { speedMps: 25, roadSurface: wet, airTemperatureC: 12 }
    expect(find({ ...rain, flags: ['esc'], friction: 0.4 })).toMatchObject([{ cause: 7 }])
    expect(find({ ...rain, friction: 0.2, speedMps: 10 })).toMatchObject([{ cause: 6 }])
    expect(find({ ...rain, friction: 0.2, airTemperatureC: 1 })).toMatchObject([{ cause: 6 }])
  })
  it('is public with the second independent vehicle, and not with a hundred names of one enrolment', () => {
    const scene = createScene()
    const table = createHazardTable({ frame, policy: scene.policy })
    const tell = (row: number, link: string, atMs: number) =>
      scene
        .drive(row, { ...driving, atMs, northM: (atMs * 12) / 1_000, friction: 0.12 })
        .findings.map(({ detector: _, ...finding }) =>
          table.add({ ...finding, detector: 'slippery_road', row, vehicle: { links: [{ day: 1, link }] }, atMs }, 0),
        )
    for (let name = 0; name < 100; name++) expect(tell(name % 60, 'one', 1_000 + name * 100)).toMatchObject([{ kind: 'joined' }])
    expect(tell(61, 'another', 12_000)).toMatchObject([{ kind: 'public' }])
  })
})
