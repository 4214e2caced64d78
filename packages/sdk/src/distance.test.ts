import { expect, test } from 'vitest'
import { distanceM, isInPolygons } from './distance.js'

test('distances of known places', () => {
  const hamburg = { latitude: 53.5511, longitude: 9.9937 }
  expect(distanceM(hamburg, { latitude: 52.52, longitude: 13.405 })).toBeCloseTo(255_300, -3)
  expect(distanceM(hamburg, hamburg)).toBe(0)
  expect(distanceM({ latitude: 0, longitude: 179.9995 }, { latitude: 0, longitude: -179.9995 })).toBeCloseTo(111.2, 0)
})

const ring = (corners: readonly (readonly [number, number])[]) => ({
  points: corners.map(([latitude, longitude]) => ({ latitudeE7: latitude * 1e7, longitudeE7: longitude * 1e7 })),
})
const square = (south: number, west: number, size: number) =>
  ring([
    [south, west],
    [south + size, west],
    [south + size, west + size],
    [south, west + size],
  ])

test('a hole is outside, and the antimeridian no border', () => {
  const area = { polygons: [{ outer: square(50, 9, 2), holes: [square(50.5, 9.5, 1)] }] }
  expect(isInPolygons(area, { latitude: 50.2, longitude: 9.2 })).toBe(true)
  expect(isInPolygons(area, { latitude: 51, longitude: 10 })).toBe(false)
  expect(isInPolygons(area, { latitude: 49, longitude: 10 })).toBe(false)
  const fiji = { polygons: [{ outer: ring([[-18, 179], [-16, 179], [-16, -179], [-18, -179]]) }] } // biome-ignore format: four corners
  expect(isInPolygons(fiji, { latitude: -17, longitude: 179.9 })).toBe(true)
  expect(isInPolygons(fiji, { latitude: -17, longitude: -179.5 })).toBe(true)
  expect(isInPolygons(fiji, { latitude: -17, longitude: 178 })).toBe(false)
  expect(isInPolygons(undefined, { latitude: 0, longitude: 0 })).toBe(false)
})
