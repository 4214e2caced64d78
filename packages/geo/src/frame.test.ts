import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  courseDeg,
  createExtent,
  createFrame,
  distanceM,
  eastMPerUnit,
  frameReachUnits,
  inFrame,
  northMPerUnit,
  toLatitudeE7,
  toLongitudeE7,
  toX,
  toY,
} from './frame.js'
import { GeoError } from './geo-error.js'
import { headingDifferenceDeg } from './heading.js'
import { bearingDeg, earthRadiusM, haversineM } from './sphere.js'

const fraction = fc.double({ min: -1, max: 1, noNaN: true })

/** Largest difference to the haversine of two points up to 10 km apart in a zone of 100 by 100 km. */
function worstErrorM(originLatitudeMaxE7: number, seed: number): number {
  let worst = 0
  fc.assert(
    fc.property(
      fc.integer({ min: -originLatitudeMaxE7, max: originLatitudeMaxE7 }),
      fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
      fc.tuple(fraction, fraction, fraction, fraction),
      (latitude, longitude, [east, north, eastOn, northOn]) => {
        const frame = createFrame(latitude, longitude)
        const x = Math.round((east * 50_000) / frame.east0)
        const y = Math.round((north * 50_000) / northMPerUnit)
        const onX = x + Math.round((eastOn * 7000) / frame.east0)
        const onY = y + Math.round((northOn * 7000) / northMPerUnit)
        const at = (px: number, py: number) => [toLatitudeE7(frame, py) * 1e-7, toLongitudeE7(frame, px) * 1e-7] as const
        const exactM = haversineM(...at(x, y), ...at(onX, onY))
        worst = Math.max(worst, Math.abs(distanceM(frame, x, y, onX, onY) - exactM))
        if (exactM > 100) {
          // A course half-way differs from the one at the start by half of what a great circle turns.
          const turnDeg = Math.abs(eastOn) * (7000 / earthRadiusM) * 180 * Math.tan(((Math.abs(latitude) + 5e6) * 1e-7 * Math.PI) / 180)
          expect(headingDifferenceDeg(courseDeg(frame, x, y, onX, onY), bearingDeg(...at(x, y), ...at(onX, onY)))).toBeLessThan(
            turnDeg / 2 + 0.01,
          )
        }
      },
    ),
    { seed, numRuns: 3000 },
  )
  return worst
}

test('distance in the frame is the haversine within 2 cm up to 70°, 20 cm up to 85°', () => {
  expect(worstErrorM(700_000_000, 5)).toBeLessThan(0.02)
  expect(worstErrorM(850_000_000, 6)).toBeLessThan(0.2)
})

test('the series for the scale holds to the edge of the frame', () => {
  for (const latitude of [-850_000_000, -535_500_000, 0, 481_234_567, 850_000_000]) {
    const frame = createFrame(latitude, 0)
    for (const y of [-frameReachUnits, -1e6, 0, 12_345, frameReachUnits]) {
      const exact = northMPerUnit * Math.cos(((latitude + y) * 1e-7 * Math.PI) / 180)
      expect(Math.abs(eastMPerUnit(frame, y) - exact) / northMPerUnit).toBeLessThan(7e-9)
    }
  }
})

test('positions come back as they went in, over the antimeridian too', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
      fc.integer({ min: -1_799_999_999, max: 1_800_000_000 }),
      (origin, longitude) => {
        const frame = createFrame(0, origin)
        const x = toX(frame, longitude)
        expect(Math.abs(x)).toBeLessThanOrEqual(1_800_000_000)
        expect((toLongitudeE7(frame, x) - longitude) % 3_600_000_000).toBe(0)
      },
    ),
    { seed: 7 },
  )
  const fiji = createFrame(-170_000_000, 1_799_000_000)
  expect(toX(fiji, -1_799_000_000)).toBe(2_000_000)
  expect(toY(fiji, -170_000_001)).toBe(-1)
  expect(inFrame(frameReachUnits, -frameReachUnits)).toBe(true)
  expect(inFrame(frameReachUnits + 1, 0)).toBe(false)
  expect(inFrame(Number.NaN, 0)).toBe(false)
})

test('an extent reaches as far as asked', () => {
  const frame = createFrame(535_500_000, 100_000_000)
  const { maxX, maxY } = createExtent(frame, 10_000, 5000)
  expect(distanceM(frame, 0, 0, maxX, 0)).toBeCloseTo(10_000, 1)
  expect(distanceM(frame, 0, 0, 0, maxY)).toBeCloseTo(5000, 1)
})

test.each([
  [850_000_001, 0],
  [0.5, 0],
  [Number.NaN, 0],
  [0, 1_800_000_001],
  [0, Number.NaN],
])('no frame at %d, %d', (latitude, longitude) => {
  expect(() => createFrame(latitude, longitude)).toThrow(GeoError)
})
