import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distanceToAreaM } from './area.js'
import type { AreaInput } from './area-input.js'
import { compileArea } from './compile-area.js'
import { createFrame, toX, toY } from './frame.js'
import { pointShape, shapeOf, touches } from './shape.js'

const e7 = (degrees: number) => Math.round(degrees * 1e7)
const at = (latitude: number, longitude: number) => ({ latitudeE7: e7(latitude), longitudeE7: e7(longitude) })
const box = (south: number, west: number, north: number, east: number) => ({
  points: [at(south, west), at(south, east), at(north, east), at(north, west)],
})
const polygons = (...all: { outer: ReturnType<typeof box>; holes?: ReturnType<typeof box>[] }[]): AreaInput => ({
  polygons: { polygons: all },
})
const footprint = polygons({ outer: box(60.1, 24.9, 60.2, 25.1) })
const shape = (area: AreaInput) => shapeOf(area, 60_000)

test('a circle touches a footprint when its distance, as packages/geo measures it, is no more than its radius; with 5 % to spare it does not', () => {
  const frame = createFrame(e7(60.15), e7(25))
  const compiled = compileArea(footprint, frame)
  if (!compiled.ok || compiled.area.kind === 'moving') throw new Error('the footprint is valid')
  const area = compiled.area
  fc.assert(
    fc.property(
      fc.double({ min: 59.9, max: 60.4, noNaN: true }),
      fc.double({ min: 24.6, max: 25.4, noNaN: true }),
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (latitude, longitude, radiusCm, withinM) => {
        const center = at(latitude, longitude)
        const awayM = distanceToAreaM(area, toX(frame, center.longitudeE7), toY(frame, center.latitudeE7))
        const reachM = radiusCm / 100 + withinM
        const found = touches(shape({ circle: { center, radiusCm } }), shape(footprint), withinM)
        if (awayM <= reachM) expect(found).toBe(true)
        if (awayM > reachM * 1.05 + 1) expect(found).toBe(false)
      },
    ),
    { numRuns: 500, seed: 1 },
  )
})

test.each<[string, AreaInput, boolean]>([
  ['a polygon across the border', polygons({ outer: box(60.19, 24.95, 60.21, 24.96) }), true],
  ['a polygon inside', polygons({ outer: box(60.14, 24.95, 60.15, 24.96) }), true],
  ['a polygon around it', polygons({ outer: box(60, 24, 61, 26) }), true],
  ['a polygon that crosses it without a corner inside', polygons({ outer: box(60.14, 24, 60.15, 26) }), true],
  ['a polygon elsewhere', polygons({ outer: box(60.3, 24.95, 60.4, 24.96) }), false],
  ['a polygon whose hole it lies in', polygons({ outer: box(60, 24, 61, 26), holes: [box(60.05, 24.8, 60.25, 25.2)] }), false],
  ['overlapping polygons around it', polygons({ outer: box(60, 24, 61, 26) }, { outer: box(59, 23, 62, 27) }), true],
  ['a circle inside', { circle: { center: at(60.15, 25), radiusCm: 100 } }, true],
  ['a corridor that passes through', { corridor: { line: [at(60.15, 24), at(60.15, 26)], widthCm: 1_000 } }, true],
  ['a corridor that ends before it', { corridor: { line: [at(60.15, 24), at(60.15, 24.8)], widthCm: 1_000 } }, false],
  [
    'a vehicle that will be there in time',
    { moving: { position: at(60.15, 24.89), timeMs: 1, headingDecideg: 900, speedCmps: 2_000, aheadCm: 0, widthCm: 100 } },
    true,
  ],
  [
    'a vehicle too far away',
    { moving: { position: at(60.15, 24.8), timeMs: 1, headingDecideg: 900, speedCmps: 2_000, aheadCm: 0, widthCm: 100 } },
    false,
  ],
])('%s', (_, area, expected) => {
  expect(touches(shape(area), shape(footprint))).toBe(expected)
  expect(touches(shape(footprint), shape(area))).toBe(expected)
})

test('across the antimeridian is near, not half the world away', () => {
  const fiji = polygons({ outer: box(-18, 179.9, -17, 180) })
  expect(touches(pointShape([at(-17.5, -179.99)], 0), shape(fiji), 2_000)).toBe(true)
  expect(touches(pointShape([at(-17.5, -179.9)], 0), shape(fiji), 2_000)).toBe(false)
})

test('nothing touches nothing', () => {
  expect(touches(pointShape([], 1e9), shape(footprint))).toBe(false)
  expect(touches(shape(footprint), shape(polygons()))).toBe(false)
})
