// The pure test against a second one that shares no code with it: haversine on degrees, angles by vectors, straight from the words of evaluation.md.
import { compileArea, createReach } from '@outrider/geo'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isConcerned } from './concerned.js'
import type { Direction, Relevance } from './relevance.js'
import { frame, origin, positionAt } from './test-zone.js'

const rad = Math.PI / 180
const earthM = 6_371_008.8

interface Scene {
  readonly direction: Direction
  readonly headingDeg: number
  readonly awarenessM: number
  readonly radiusM: number
  readonly history: readonly { readonly eastM: number; readonly northM: number }[]
  readonly vehicle: { readonly eastM: number; readonly northM: number; readonly courseDeg: number | undefined }
}

const metres = fc.double({ min: -1_500, max: 1_500, noNaN: true })
const scenes: fc.Arbitrary<Scene> = fc.record({
  direction: fc.constantFrom<Direction>('all', 'upstream', 'downstream', 'opposite'),
  headingDeg: fc.nat(3_599).map(decideg => decideg / 10),
  awarenessM: fc.constantFrom(0, 50, 200, 500, 1_000),
  radiusM: fc.integer({ min: 20, max: 300 }),
  history: fc.array(fc.record({ eastM: metres, northM: metres }), { maxLength: 3 }),
  vehicle: fc.record({
    eastM: metres,
    northM: metres,
    courseDeg: fc.option(
      fc.nat(3_599).map(decideg => decideg / 10),
      { nil: undefined },
    ),
  }),
})

/** Degrees of a place. */
function degOf({ eastM, northM }: { readonly eastM: number; readonly northM: number }): { readonly lat: number; readonly lon: number } {
  const { latitudeE7, longitudeE7 } = positionAt(eastM, northM)
  return { lat: latitudeE7 / 1e7, lon: longitudeE7 / 1e7 }
}

function haversine(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const half =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2
  return 2 * earthM * Math.asin(Math.sqrt(half))
}

/** Cosine of the angle between two courses, and of a course and the way from a to b: no wrap-around to get wrong. */
function cosine(aDeg: number, bDeg: number): number {
  return Math.cos(aDeg * rad) * Math.cos(bDeg * rad) + Math.sin(aDeg * rad) * Math.sin(bDeg * rad)
}
function bearing(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const y = Math.sin((b.lon - a.lon) * rad) * Math.cos(b.lat * rad)
  const x = Math.cos(a.lat * rad) * Math.sin(b.lat * rad) - Math.sin(a.lat * rad) * Math.cos(b.lat * rad) * Math.cos((b.lon - a.lon) * rad)
  return Math.atan2(y, x) / rad
}

/** The rule, with a slack in metres and degrees: positive is generous, negative is strict. */
function bruteForce({ direction, headingDeg, awarenessM, radiusM, history, vehicle }: Scene, slackM: number, slackDeg: number): boolean {
  const event = { lat: origin.latitudeDeg, lon: origin.longitudeDeg }
  const here = degOf(vehicle)
  const eventM = haversine(here, event)
  if (eventM <= radiusM + slackM) return true
  if (awarenessM === 0) return false
  const pointsM = [eventM, eventM - radiusM, ...history.map(point => haversine(here, degOf(point)))]
  if (Math.min(...pointsM) > awarenessM + slackM) return false
  if (direction === 'all') return true
  const { courseDeg } = vehicle
  if (courseDeg === undefined) return false
  const reference = direction === 'opposite' ? headingDeg + 180 : headingDeg
  if (cosine(courseDeg, reference) < Math.cos((45 + slackDeg) * rad)) return false
  const look = direction === 'downstream' ? courseDeg + 180 : courseDeg
  return cosine(look, bearing(here, event)) >= Math.cos((60 + slackDeg) * rad)
}

function relevanceOf({ direction, headingDeg, awarenessM, radiusM, history }: Scene): Relevance {
  const area = compileArea({ circle: { center: positionAt(0, 0), radiusCm: radiusM * 100 } }, frame)
  if (!area.ok || area.area.kind === 'moving') throw new Error('area')
  const points = [{ x: 0, y: 0 }, ...history.map(point => unitsOf(point))]
  const reach = createReach(area.area, awarenessM, points)
  return {
    reach,
    wide: reach,
    eventX: 0,
    eventY: 0,
    direction,
    headingDeg,
    otherWayM: Number.POSITIVE_INFINITY,
    eventSpeedMps: 0,
    isImminent: false,
    moves: false,
  }
}

function unitsOf(place: { readonly eastM: number; readonly northM: number }): { readonly x: number; readonly y: number } {
  const { latitudeE7, longitudeE7 } = positionAt(place.eastM, place.northM)
  return { x: longitudeE7 - frame.originLongitudeE7, y: latitudeE7 - frame.originLatitudeE7 }
}

describe('who is concerned', { timeout: 60_000 }, () => {
  it('is who the rule says, but for the last 0.1 m and 0.1 degree, in which two ways of reckoning may differ', () => {
    let yes = 0
    fc.assert(
      fc.property(scenes, scene => {
        const { x, y } = unitsOf(scene.vehicle)
        const found = isConcerned(relevanceOf(scene), x, y, scene.vehicle.courseDeg ?? Number.NaN, 0, 0)
        if (found) yes++
        if (bruteForce(scene, -0.1, -0.1)) expect(found).toBe(true)
        if (!bruteForce(scene, 0.1, 0.1)) expect(found).toBe(false)
      }),
      { seed: 53, numRuns: 10_000 },
    )
    expect(yes).toBeGreaterThan(500)
  })

  it('is, for a vehicle that may be off by some metres, everyone it would be at any place within them', () => {
    const offset = fc.record({ awayM: fc.double({ min: 0, max: 99, noNaN: true }), towardsDeg: fc.nat(359) })
    fc.assert(
      fc.property(scenes, offset, (scene, { awayM, towardsDeg }) => {
        const { vehicle } = scene
        const seeming = {
          eastM: vehicle.eastM + Math.sin(towardsDeg * rad) * awayM,
          northM: vehicle.northM + Math.cos(towardsDeg * rad) * awayM,
        }
        const { x, y } = unitsOf(seeming)
        if (!bruteForce(scene, -0.1, -0.1)) return
        expect(isConcerned(relevanceOf(scene), x, y, vehicle.courseDeg ?? Number.NaN, awayM + 0.1, 0)).toBe(true)
      }),
      { seed: 59, numRuns: 10_000 },
    )
  })

  it('in a corridor with a direction is who drives that way, and who has no course', () => {
    const line = [positionAt(0, -500), positionAt(0, 500)]
    for (const [direction, northbound, southbound] of [
      [1, true, true],
      [2, true, false],
      [3, false, true],
    ] as const) {
      const area = compileArea({ corridor: { line, widthCm: 2_000, direction } }, frame)
      if (!area.ok || area.area.kind === 'moving') throw new Error('area')
      const reach = createReach(area.area, 0, [])
      const relevance: Relevance = {
        reach,
        wide: reach,
        eventX: 0,
        eventY: 0,
        direction: 'all',
        headingDeg: Number.NaN,
        otherWayM: Number.POSITIVE_INFINITY,
        eventSpeedMps: 0,
        isImminent: false,
        moves: false,
      }
      expect(isConcerned(relevance, 0, 0, 10, 0, 0)).toBe(northbound)
      expect(isConcerned(relevance, 0, 0, 190, 0, 0)).toBe(southbound)
      expect(isConcerned(relevance, 0, 0, Number.NaN, 0, 0)).toBe(true)
    }
  })

  it('beside a detected hazard is not who drives the other way, but nobody is left out who must be warned with 15 m to spare', () => {
    const scene = { direction: 'upstream', headingDeg: 0, awarenessM: 1_000, radiusM: 20, history: [] } as const
    const relevanceWith = (otherWayM: number) => ({
      ...relevanceOf({ ...scene, vehicle: { eastM: 0, northM: 0, courseDeg: 0 } }),
      otherWayM,
    })
    const concerned = (eastM: number, courseDeg: number, marginM = 0) => {
      const { x, y } = unitsOf({ eastM, northM: 0 })
      return isConcerned(relevanceWith(7), x, y, courseDeg, marginM, 0)
    }
    expect([concerned(12, 180), concerned(12, 220), concerned(-12, 180)]).toEqual([false, false, false])
    // On his own side, crossing, turning, without a course; and who is off by some metres.
    expect([concerned(12, 0), concerned(12, 90), concerned(12, 130), concerned(12, Number.NaN)]).toEqual([true, true, true, true])
    expect([concerned(6, 180), concerned(12, 180, 6)]).toEqual([true, true])
    fc.assert(
      fc.property(scenes, given => {
        const vehicle = { ...given.vehicle, eastM: given.vehicle.eastM / 10, northM: given.vehicle.northM / 10 }
        const near = { ...given, vehicle }
        const { x, y } = unitsOf(vehicle)
        const relevance = { ...relevanceOf(near), otherWayM: near.radiusM - 13 }
        if (bruteForce(near, -15, -10)) expect(isConcerned(relevance, x, y, vehicle.courseDeg ?? Number.NaN, 0, 0)).toBe(true)
      }),
      { seed: 61, numRuns: 10_000 },
    )
  })
})
