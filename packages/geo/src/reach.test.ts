import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distanceToAreaM } from './area.js'
import type { AreaInput } from './area-input.js'
import { compileArea } from './compile-area.js'
import { blocksPerFenceMax, createFenceIndex } from './fence-index.js'
import { createExtent, createFrame, distanceM, eastMPerUnit, type Frame, northMPerUnit, toLatitudeE7, toLongitudeE7 } from './frame.js'
import { createReach, placeIn, places, type Reach } from './reach.js'
import { createVehicleGrid } from './vehicle-grid.js'

const sideM = 6000

interface Zone {
  readonly frame: Frame
  position(
    eastM: number,
    northM: number,
  ): { readonly x: number; readonly y: number; readonly latitudeE7: number; readonly longitudeE7: number }
}

function createZone(latitudeE7: number): Zone {
  const frame = createFrame(latitudeE7, 1_799_900_000)
  return {
    frame,
    position(eastM, northM) {
      const x = Math.round(eastM / eastMPerUnit(frame, 0))
      const y = Math.round(northM / northMPerUnit)
      return { x, y, latitudeE7: toLatitudeE7(frame, y), longitudeE7: toLongitudeE7(frame, x) }
    },
  }
}

const metres = fc.double({ min: -sideM * 1.3, max: sideM * 1.3, noNaN: true })
const place = fc.tuple(metres, metres)
const radii = fc.array(fc.double({ min: 0.2, max: 1, noNaN: true }), { minLength: 3, maxLength: 30 })

/** An area of any kind and size, with awareness and points or without. */
const reachShape = fc.record({
  kind: fc.constantFrom('circle' as const, 'polygons' as const, 'corridor' as const),
  middle: place,
  sizeM: fc.oneof(fc.double({ min: 20, max: 500, noNaN: true }), fc.double({ min: 500, max: 30_000, noNaN: true })),
  radii,
  awarenessM: fc.constantFrom(0, 0, 50, 1000, 5000),
  history: fc.array(place, { maxLength: 3 }),
})
type ReachShape = typeof reachShape extends fc.Arbitrary<infer T> ? T : never

function build(zone: Zone, { kind, middle: [eastM, northM], sizeM, radii: shares, awarenessM, history }: ReachShape): Reach {
  const corners = shares.map((share, i) => {
    const angle = (2 * Math.PI * i) / shares.length
    return zone.position(eastM + sizeM * share * Math.cos(angle), northM + sizeM * share * Math.sin(angle))
  })
  const input: AreaInput =
    kind === 'circle'
      ? { circle: { center: zone.position(eastM, northM), radiusCm: Math.round(sizeM * 100) } }
      : kind === 'corridor'
        ? { corridor: { line: corners, widthCm: 3000 } }
        : { polygons: { polygons: [{ outer: { points: corners } }] } }
  const result = compileArea(input, zone.frame)
  if (!result.ok || result.area.kind === 'moving') throw new Error(JSON.stringify(result))
  return createReach(
    result.area,
    awarenessM,
    history.map(([e, n]) => zone.position(e, n)),
  )
}

const latitude = fc.constantFrom(0, 535_500_000, -700_000_000, 820_000_000)

test('a point is inside, near or outside as the distances say', () => {
  fc.assert(
    fc.property(latitude, reachShape, fc.array(place, { minLength: 20, maxLength: 20 }), (latitudeE7, shape, spots) => {
      const zone = createZone(latitudeE7)
      const reach = build(zone, shape)
      for (const [eastM, northM] of spots) {
        const { x, y } = zone.position(eastM, northM)
        const areaM = distanceToAreaM(reach.area, x, y)
        const points = shape.awarenessM > 0 ? shape.history.map(([e, n]) => zone.position(e, n)) : []
        const nearestM = Math.min(areaM, ...points.map(p => distanceM(zone.frame, x, y, p.x, p.y)))
        const expected = areaM === 0 ? places.inside : nearestM <= shape.awarenessM ? places.near : places.outside
        expect(placeIn(reach, x, y)).toBe(expected)
      }
    }),
    { seed: 18, numRuns: 300 },
  )
})

test('the fence index answers as a test of every fence does, whatever is set, replaced and deleted', () => {
  const turn = fc.record({ id: fc.integer({ min: 0, max: 11 }), shape: fc.option(reachShape, { freq: 4 }) })
  fc.assert(
    fc.property(
      latitude,
      fc.constantFrom(60, 125, 900),
      fc.array(turn, { maxLength: 25 }),
      fc.array(place, { minLength: 40, maxLength: 40 }),
      (latitudeE7, cellM, turns, spots) => {
        const zone = createZone(latitudeE7)
        const extent = createExtent(zone.frame, sideM, sideM)
        const index = createFenceIndex({ frame: zone.frame, extent, cellM, fencesMax: 12 })
        const fences = new Map<number, Reach>()
        for (const { id, shape } of turns) {
          if (shape === null) expect(index.delete(id)).toBe(fences.delete(id))
          else {
            const reach = build(zone, shape)
            index.set(id, reach)
            fences.set(id, reach)
          }
          expect(index.blocksOf(id)).toBeLessThanOrEqual(blocksPerFenceMax)
        }
        expect(index.size).toBe(fences.size)
        const out = new Int32Array(12)
        for (const [eastM, northM] of spots) {
          const { x, y } = zone.position(eastM, northM)
          const isServed = x >= extent.minX && x <= extent.maxX && y >= extent.minY && y <= extent.maxY
          const expected = [...fences].flatMap(([id, reach]) => {
            const found = placeIn(reach, x, y)
            return !isServed || found === places.outside ? [] : [id * 2 + (found === places.inside ? 1 : 0)]
          })
          const found = index.query(x, y, out)
          expect([...out.subarray(0, found)].sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b))
        }
        for (const id of fences.keys()) index.delete(id)
        expect(index.size).toBe(0)
        expect(spots.every(([e, n]) => index.query(zone.position(e, n).x, zone.position(e, n).y, out) === 0)).toBe(true)
      },
    ),
    { seed: 19, numRuns: 150 },
  )
})

test('an area that would need too many blocks keeps larger ones, and the answers stay', () => {
  const zone = createZone(535_500_000)
  const extent = createExtent(zone.frame, 50_000, 50_000)
  const index = createFenceIndex({ frame: zone.frame, extent, cellM: 125, fencesMax: 2 })
  // 400 km of border in cells of 125 m would be 3,200 and more.
  const shares = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 0.9 : 0.7))
  const reach = build(zone, { kind: 'polygons', middle: [0, 0], sizeM: 45_000, radii: shares, awarenessM: 0, history: [] })
  index.set(1, reach)
  expect(index.blocksOf(1)).toBeGreaterThan(64)
  expect(index.blocksOf(1)).toBeLessThanOrEqual(blocksPerFenceMax)
  const out = new Int32Array(2)
  for (let i = 0; i < 5000; i++) {
    const { x, y } = zone.position(49_000 * Math.cos(i), 49_000 * Math.sin(i * 1.7))
    expect(index.query(x, y, out)).toBe(placeIn(reach, x, y) === places.inside ? 1 : 0)
  }
})

test('out too short is reported, and what does not fit is not written', () => {
  const zone = createZone(0)
  const extent = createExtent(zone.frame, sideM, sideM)
  const reach = build(zone, { kind: 'circle', middle: [0, 0], sizeM: 100, radii: [], awarenessM: 0, history: [] })
  const index = createFenceIndex({ frame: zone.frame, extent, fencesMax: 5 })
  const grid = createVehicleGrid({ frame: zone.frame, extent, rows: 5 })
  for (let i = 0; i < 5; i++) {
    index.set(i, reach)
    grid.place(i, i, i)
  }
  const out = new Int32Array(3)
  expect(index.query(0, 0, out)).toBe(5)
  expect(grid.queryReach(reach, out)).toBe(5)
  expect(grid.queryCircle(0, 0, 10, out)).toBe(5)
  expect(grid.queryBox(0, 0, 4, 4, out)).toBe(5)
})
