import turfBearing from '@turf/bearing'
import turfDestination from '@turf/destination'
import turfDistance from '@turf/distance'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headingDifferenceDeg, reverseHeadingDeg } from './heading.js'
import { bearingDeg, compassDeg, destination, haversineM } from './sphere.js'

const latitude = fc.double({ min: -89.9, max: 89.9, noNaN: true })
const longitude = fc.double({ min: -180, max: 180, noNaN: true })

test('distance and bearing are those of turf, anywhere on earth', () => {
  fc.assert(
    fc.property(latitude, longitude, latitude, longitude, (latA, lonA, latB, lonB) => {
      const metres = turfDistance([lonA, latA], [lonB, latB], { units: 'meters' })
      // Nearly opposite points lie where the arc sine is flat: there turf's arc tangent keeps more digits.
      if (metres < 19_900_000) expect(haversineM(latA, lonA, latB, lonB)).toBeCloseTo(metres, 3)
      const bearing = bearingDeg(latA, lonA, latB, lonB)
      expect(bearing).toBeGreaterThanOrEqual(0)
      expect(bearing).toBeLessThan(360)
      if (metres > 1) expect(headingDifferenceDeg(bearing, turfBearing([lonA, latA], [lonB, latB]))).toBeLessThan(1e-6)
    }),
    { seed: 1 },
  )
})

test('destination is that of turf, and lies at the distance and bearing it was asked for', () => {
  const bearing = fc.double({ min: 0, max: 359.999, noNaN: true })
  const metres = fc.double({ min: 10, max: 1_000_000, noNaN: true })
  fc.assert(
    fc.property(fc.double({ min: -75, max: 75, noNaN: true }), longitude, bearing, metres, (lat, lon, asked, distance) => {
      const to = destination(lat, lon, asked, distance)
      const [turfLon, turfLat] = turfDestination([lon, lat], distance, asked, { units: 'meters' }).geometry.coordinates as [number, number]
      expect(haversineM(to.latitudeDeg, to.longitudeDeg, turfLat, turfLon)).toBeLessThan(0.001)
      expect(Math.abs(to.longitudeDeg)).toBeLessThanOrEqual(180)
      expect(haversineM(lat, lon, to.latitudeDeg, to.longitudeDeg)).toBeCloseTo(distance, 3)
      expect(headingDifferenceDeg(bearingDeg(lat, lon, to.latitudeDeg, to.longitudeDeg), asked)).toBeLessThan(1e-4)
    }),
    { seed: 2 },
  )
})

test('a heading is never 360, and headings compare over north', () => {
  expect(compassDeg(-1e-20, 1)).toBe(0)
  expect(compassDeg(0, 0)).toBe(0)
  expect(compassDeg(-1, 0)).toBe(270)
  expect(headingDifferenceDeg(350, 10)).toBe(20)
  expect(headingDifferenceDeg(10, 350)).toBe(20)
  expect(headingDifferenceDeg(0, 180)).toBe(180)
  expect(headingDifferenceDeg(720, 0)).toBe(0)
  expect([reverseHeadingDeg(0), reverseHeadingDeg(180), reverseHeadingDeg(270)]).toEqual([180, 0, 90])
})
