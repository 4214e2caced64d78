// The scorer's own truth, by cases worked out by hand, one for each sentence of evaluation.md.
import { readdirSync, readFileSync } from 'node:fs'
import booleanPointInPolygon from '@turf/boolean-point-in-polygon'
import distance from '@turf/distance'
import pointToLineDistance from '@turf/point-to-line-distance'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cornersAt, metresInside, starRing, type TrueArea } from './area-truth.js'
import { afterSample, isConcernedTruly, reckoned, type TrueRevision, type TrueVehicle } from './concerned-truth.js'
import { bearingOf, degreesBetween, metresBetween, type Place, placeOff } from './earth.js'

const origin: Place = { latDeg: 53.55, lonDeg: 9.99 }
const at = (eastM: number, northM: number): Place => placeOff(origin, eastM, northM)
const lonLat = ({ latDeg, lonDeg }: Place): [number, number] => [lonDeg, latDeg]

const breakdown: TrueRevision = {
  area: { kind: 'circle', centre: origin, radiusM: 20 },
  event: origin,
  history: [],
  awarenessM: 1_000,
  direction: 'upstream',
  headingDeg: 0,
}
const driver = (eastM: number, northM: number, courseDeg: number | undefined): TrueVehicle => ({
  atMs: 0,
  place: at(eastM, northM),
  speedMps: 15,
  courseDeg,
  courseAtMs: 0,
})
const is = (revision: Partial<TrueRevision>, vehicle: TrueVehicle, slackM = 0, slackDeg = 0) =>
  isConcernedTruly({ ...breakdown, ...revision }, vehicle, 0, slackM, slackDeg)

describe('the scorer', () => {
  it('imports nothing of ours', () => {
    const folder = new URL('.', import.meta.url)
    const own = ['earth.ts', 'area-truth.ts', 'concerned-truth.ts', 'scorer.ts', 'ledger-truth.ts']
    for (const name of readdirSync(folder).filter(each => own.includes(each))) {
      for (const [, from] of readFileSync(new URL(name, folder), 'utf8').matchAll(/ from '([^']+)'/g)) {
        expect(own.map(each => `./${each.replace('.ts', '.js')}`)).toContain(from)
      }
    }
  })
})

describe('whom a revision concerns', () => {
  it('(i) who is in the area, whatever its course, and the boundary belongs to it', () => {
    for (const courseDeg of [0, 90, 180, undefined]) {
      expect(is({}, driver(0, 19, courseDeg))).toBe(true)
      expect(is({ awarenessM: 0 }, driver(14, 14, courseDeg))).toBe(true)
      expect(is({ awarenessM: 0 }, driver(15, 15, courseDeg))).toBe(false)
    }
    expect(
      is({ awarenessM: 0, area: { kind: 'circle', centre: origin, radiusM: metresBetween(origin, at(0, 20)) } }, driver(0, 20, 180)),
    ).toBe(true)
  })

  it('(ii) who is within the awareness distance of the event, of its history or of the area', () => {
    expect(is({}, driver(0, -999, 0))).toBe(true)
    expect(is({}, driver(0, -1_019, 0))).toBe(true)
    expect(is({}, driver(0, -1_021, 0))).toBe(false)
    expect(is({ awarenessM: 0 }, driver(0, -21, 0))).toBe(false)
    expect(is({ history: [at(0, -1_500)] }, driver(0, -2_499, 0))).toBe(true)
    expect(is({ history: [at(0, -1_500)] }, driver(0, -2_501, 0))).toBe(false)
    expect(is({ area: { kind: 'circle', centre: origin, radiusM: 500 } }, driver(0, -1_499, 0))).toBe(true)
  })

  it('with a course within 45° of the reference heading', () => {
    expect(is({}, driver(0, -500, 44.9))).toBe(true)
    expect(is({}, driver(0, -500, 45.1))).toBe(false)
    expect(is({}, driver(0, -500, 315.1))).toBe(true)
    expect(is({}, driver(0, -500, 314.9))).toBe(false)
    expect(is({ headingDeg: 350 }, driver(0, -500, 34.9))).toBe(true)
  })

  it('opposite: of its reverse', () => {
    expect(is({ direction: 'opposite' }, driver(0, 500, 180))).toBe(true)
    expect(is({ direction: 'opposite' }, driver(0, 500, 225.1))).toBe(false)
    expect(is({ direction: 'opposite' }, driver(0, -500, 0))).toBe(false)
    expect(is({ direction: 'opposite' }, driver(0, -500, 180))).toBe(false)
  })

  it('with the event within ±60° of its course, upstream and opposite', () => {
    // 100 m east of the line and 57.7 m before it: the bearing is -60°.
    expect(is({}, driver(100, -58, 0))).toBe(true)
    expect(is({}, driver(100, -57, 0))).toBe(false)
    expect(is({}, driver(0, 500, 0))).toBe(false)
  })

  it('downstream: of the reverse of its course', () => {
    expect(is({ direction: 'downstream' }, driver(0, 500, 0))).toBe(true)
    expect(is({ direction: 'downstream' }, driver(0, -500, 0))).toBe(false)
    expect(is({ direction: 'downstream' }, driver(100, 58, 0))).toBe(true)
    expect(is({ direction: 'downstream' }, driver(100, 57, 0))).toBe(false)
  })

  it('all: whatever its course, and without one', () => {
    for (const courseDeg of [0, 90, 180, undefined]) {
      expect(is({ direction: 'all' }, driver(0, 500, courseDeg))).toBe(true)
      expect(is({ headingDeg: undefined }, driver(0, 500, courseDeg))).toBe(true)
    }
  })

  it('below 1 m/s by the last course of the past ten minutes; without one only in the area', () => {
    const moving = afterSample(undefined, { atMs: 0, place: at(0, -500), speedMps: 1, courseDeg: 10 })
    const stands = (atMs: number, speedMps = 0.9) => afterSample(moving, { atMs, place: at(0, -500), speedMps, courseDeg: 180 })
    expect(stands(600_000).courseDeg).toBe(10)
    expect(is({}, stands(600_000))).toBe(true)
    expect(stands(600_001).courseDeg).toBeUndefined()
    expect(is({}, stands(600_001))).toBe(false)
    expect(is({}, { ...stands(600_001), place: at(0, -19) })).toBe(true)
    expect(stands(5, 1).courseDeg).toBe(180)
    expect(afterSample(undefined, { atMs: 0, place: origin, speedMps: 0, courseDeg: 90 }).courseDeg).toBeUndefined()
  })

  it('a silent vehicle is further along its course, and less and less surely', () => {
    const vehicle = driver(0, -100, 0)
    const { vehicle: later, uncertaintyM } = reckoned(vehicle, 4_000)
    expect(metresBetween(later.place, at(0, -40))).toBeLessThan(0.1)
    expect(uncertaintyM).toBe(16)
    expect(reckoned(vehicle, 20_000).uncertaintyM).toBe(100)
    expect(reckoned({ ...vehicle, speedMps: 0 }, 4_000).vehicle.place).toBe(vehicle.place)
  })

  it('margins: 15 m and 10° to spare, or added', () => {
    expect([is({}, driver(0, -1_004, 0), -15, -10), is({}, driver(0, -1_006, 0), -15, -10)]).toEqual([true, false])
    expect([is({}, driver(0, -1_034, 0), 15, 10), is({}, driver(0, -1_036, 0), 15, 10)]).toEqual([true, false])
    expect([is({}, driver(0, -500, 34.9), -15, -10), is({}, driver(0, -500, 35.1), -15, -10)]).toEqual([true, false])
    expect([is({}, driver(0, -500, 54.9), 15, 10), is({}, driver(0, -500, 55.1), 15, 10)]).toEqual([true, false])
    expect(is({ awarenessM: 0 }, driver(0, 4, 90), -15, -10)).toBe(true)
    expect(is({ awarenessM: 0 }, driver(0, 6, 90), -15, -10)).toBe(false)
  })
})

describe('areas', () => {
  const square = [at(-100, -100), at(100, -100), at(100, 100), at(-100, 100)]
  const hole = [at(-20, -20), at(20, -20), at(20, 20), at(-20, 20)]

  it('a polygon is its inside less its holes; several are taken together', () => {
    const area: TrueArea = {
      kind: 'polygons',
      polygons: [[square, hole], [square.map(({ latDeg, lonDeg }) => ({ latDeg, lonDeg: lonDeg + 0.01 }))]],
    }
    expect(metresInside(area, at(60, 0), 0)).toBeCloseTo(40, 1)
    expect(metresInside(area, at(0, 0), 0)).toBeCloseTo(-20, 1)
    expect(metresInside(area, at(130, 0), 0)).toBeCloseTo(-30, 1)
    expect(metresInside(area, at(661, 0), 0)).toBeGreaterThan(50)
  })

  it('a corridor is half its width around its line, round at its ends, and may ask for its direction of travel', () => {
    const area: TrueArea = { kind: 'corridor', line: [at(0, -500), at(0, 500), at(500, 500)], widthM: 30, travel: 'along' }
    expect(metresInside(area, at(10, 0), 0)).toBeCloseTo(5, 1)
    expect(metresInside(area, at(0, -510), 0)).toBeCloseTo(5, 1)
    expect(metresInside(area, at(20, 0), 0)).toBeCloseTo(-5, 1)
    const road = { area, awarenessM: 0, direction: 'all' } as const
    expect(is(road, driver(0, 0, 40))).toBe(true)
    expect(is(road, driver(0, 0, 50))).toBe(false)
    expect(is(road, driver(0, 0, undefined))).toBe(true)
    expect(is(road, driver(250, 500, 90))).toBe(true)
    expect(is({ ...road, area: { ...area, travel: 'against' } }, driver(0, 0, 180))).toBe(true)
    expect(is({ ...road, area: { ...area, travel: 'both' } }, driver(0, 0, 90))).toBe(true)
  })

  it('a moving area travels, and covers crossing traffic', () => {
    const area: TrueArea = {
      kind: 'moving',
      start: origin,
      startMs: 1_000,
      courseDeg: 90,
      speedMps: 20,
      aheadM: 300,
      behindM: 10,
      widthM: 100,
    }
    expect(metresInside(area, at(250, 40), 1_000)).toBeCloseTo(10, 0)
    expect(metresInside(area, at(450, 0), 11_000)).toBeCloseTo(50, 0)
    expect(metresInside(area, at(100, 0), 11_000)).toBeCloseTo(-90, 0)
    const siren = { area, event: origin, awarenessM: 0, direction: 'all' } as const
    expect(isConcernedTruly({ ...breakdown, ...siren }, driver(400, 0, 180), 11_000, 0, 0)).toBe(true)
    expect(cornersAt(area, 1_000).map(corner => Math.round(metresBetween(corner, origin)))).toEqual([304, 304, 51, 51])
  })

  it('are what turf makes of them, and distances and bearings too', () => {
    const radii = fc.array(fc.integer({ min: 40, max: 400 }), { minLength: 3, maxLength: 20 })
    const metres = fc.double({ min: -600, max: 600, noNaN: true })
    let inside = 0
    fc.assert(
      fc.property(radii, metres, metres, (radiiM, eastM, northM) => {
        const ring = starRing(origin, radiiM)
        const place = at(eastM, northM)
        const closed = [...ring, ring[0]!].map(lonLat)
        const insideM = metresInside({ kind: 'polygons', polygons: [[ring]] }, place, 0)
        if (insideM > 0) inside++
        const inTurf = booleanPointInPolygon(lonLat(place), { type: 'Polygon', coordinates: [closed] })
        if (Math.abs(insideM) > 0.05) expect(insideM > 0).toBe(inTurf)
        const line = { type: 'LineString' as const, coordinates: closed }
        expect(Math.abs(insideM)).toBeCloseTo(pointToLineDistance(lonLat(place), line, { units: 'meters', method: 'geodesic' }), 0)
        expect(metresBetween(origin, place)).toBeCloseTo(distance(lonLat(origin), lonLat(place), { units: 'meters' }), 3)
        const bearingDeg = (Math.atan2(eastM, northM) * 180) / Math.PI
        if (metresBetween(origin, place) > 10) expect(degreesBetween(bearingOf(origin, place), bearingDeg)).toBeLessThan(0.02)
      }),
      { seed: 11, numRuns: 500 },
    )
    expect(inside).toBeGreaterThan(50)
  })
})
