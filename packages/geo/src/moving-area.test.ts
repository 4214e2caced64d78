import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contains, distanceToAreaM } from './area.js'
import { compileArea } from './compile-area.js'
import { createFrame, toLatitudeE7, toLongitudeE7, toX, toY } from './frame.js'
import { areaAt } from './moving-area.js'
import { destination } from './sphere.js'

test('the rectangle lies ahead of where the vehicle has come to, as the great circle says', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -700_000_000, max: 700_000_000 }),
      fc.integer({ min: 0, max: 3599 }),
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 0, max: 120 }),
      fc.double({ min: -400, max: 700, noNaN: true }),
      fc.double({ min: -100, max: 100, noNaN: true }),
      (latitudeE7, headingDecideg, speedCmps, seconds, aheadM, rightM) => {
        const frame = createFrame(latitudeE7, 1_799_999_990)
        const moving = {
          position: { latitudeE7, longitudeE7: 1_799_999_990 },
          timeMs: 5e11,
          headingDecideg,
          speedCmps,
          aheadCm: 50_000,
          behindCm: 20_000,
          widthCm: 8000,
        }
        const result = compileArea({ moving }, frame)
        if (!result.ok) throw new Error(result.problems[0].text)
        const area = areaAt(result.area, 5e11 + seconds * 1000)
        const heading = headingDecideg / 10
        const vehicle = destination(latitudeE7 * 1e-7, 179.999999, heading, (speedCmps / 100) * seconds)
        const along = destination(vehicle.latitudeDeg, vehicle.longitudeDeg, aheadM < 0 ? (heading + 180) % 360 : heading, Math.abs(aheadM))
        const place = destination(
          along.latitudeDeg,
          along.longitudeDeg,
          rightM < 0 ? (heading + 270) % 360 : (heading + 90) % 360,
          Math.abs(rightM),
        )
        const x = toX(frame, Math.round(place.longitudeDeg * 1e7))
        const y = toY(frame, Math.round(place.latitudeDeg * 1e7))
        // A constant course leaves the great circle by up to 8 m in 6 km at 70°.
        const inside = Math.min(500 - aheadM, aheadM + 200, 40 - Math.abs(rightM))
        if (Math.abs(inside) > 10) expect(contains(area, x, y)).toBe(inside > 0)
      },
    ),
    { seed: 17, numRuns: 500 },
  )
})

test('it neither runs backwards before its time nor further than ten minutes, and a fixed area is as it is', () => {
  const frame = createFrame(0, 0)
  const result = compileArea(
    {
      moving: {
        position: { latitudeE7: 0, longitudeE7: 0 },
        timeMs: 1000,
        headingDecideg: 900,
        speedCmps: 1000,
        aheadCm: 100,
        behindCm: 100,
        widthCm: 100,
      },
    },
    frame,
  )
  if (!result.ok) throw new Error(result.problems[0].text)
  expect(contains(areaAt(result.area, 0), 0, 0)).toBe(true)
  expect(areaAt(result.area, 601_000)).toEqual(areaAt(result.area, 1e12))
  const placed = areaAt(result.area, 11_000)
  expect(distanceToAreaM(placed, 0, 0)).toBeCloseTo(99, 1)
  expect(areaAt(placed, 5)).toBe(placed)
  expect([toLatitudeE7(frame, 5), toLongitudeE7(frame, 5)]).toEqual([5, 5])
})
