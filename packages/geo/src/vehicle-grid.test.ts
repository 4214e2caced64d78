import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileArea } from './compile-area.js'
import { createFenceIndex } from './fence-index.js'
import { createExtent, createFrame, distanceM, toLatitudeE7, toLongitudeE7 } from './frame.js'
import { GeoError } from './geo-error.js'
import { createReach, placeIn, places } from './reach.js'
import { createVehicleGrid } from './vehicle-grid.js'

const frame = createFrame(600_000_000, -1_799_999_000)
const extent = createExtent(frame, 2000, 2000)
const rows = 60

/** Within the extent, on its border, and well outside it; often in the same cell. */
const coordinate = fc.oneof(
  fc.integer({ min: -400_000, max: 400_000 }),
  fc.integer({ min: -2000, max: 2000 }),
  fc.constantFrom(extent.minX, extent.maxX, extent.minY, extent.maxY, 5_000_000, -5_000_000),
)
const step = fc.record({ row: fc.integer({ min: 0, max: rows - 1 }), to: fc.option(fc.tuple(coordinate, coordinate), { freq: 5 }) })
const question = fc.record({
  x: coordinate,
  y: coordinate,
  radiusM: fc.constantFrom(1, 50, 500, 3000),
  awarenessM: fc.constantFrom(0, 300),
})

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b)

test('whatever is placed, moved and removed, each query finds what a walk through all vehicles finds', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(40, 250, 5000),
      fc.array(step, { maxLength: 400 }),
      fc.array(question, { minLength: 5, maxLength: 5 }),
      (cellM, steps, questions) => {
        const grid = createVehicleGrid({ frame, extent, cellM, rows })
        const model = new Map<number, readonly [number, number]>()
        for (const { row, to } of steps) {
          if (to === null) expect(grid.remove(row)).toBe(model.delete(row))
          else {
            grid.place(row, ...to)
            model.set(row, to)
          }
        }
        expect(grid.size).toBe(model.size)
        for (let row = 0; row < rows; row++) {
          expect(grid.has(row)).toBe(model.has(row))
          if (model.has(row)) expect([grid.xOf(row), grid.yOf(row)]).toEqual(model.get(row))
        }
        const out = new Int32Array(rows)
        for (const { x, y, radiusM, awarenessM } of questions) {
          const near = [...model].filter(([, at]) => distanceM(frame, x, y, ...at) <= radiusM).map(([row]) => row)
          expect(sorted(out.subarray(0, grid.queryCircle(x, y, radiusM, out)))).toEqual(sorted(near))

          const boxed = [...model].filter(([, [vx, vy]]) => Math.abs(vx - x) <= 3000 && Math.abs(vy - y) <= 3000).map(([row]) => row)
          expect(sorted(out.subarray(0, grid.queryBox(x - 3000, y - 3000, x + 3000, y + 3000, out)))).toEqual(sorted(boxed))

          const center = { latitudeE7: toLatitudeE7(frame, y), longitudeE7: toLongitudeE7(frame, x) }
          const result = compileArea({ circle: { center, radiusCm: radiusM * 100 } }, frame)
          if (!result.ok || result.area.kind === 'moving') throw new Error('not compiled')
          const reach = createReach(result.area, awarenessM, [{ x: y, y: x }])
          const reached = [...model].flatMap(([row, at]) => {
            const place = placeIn(reach, ...at)
            return place === places.outside ? [] : [row * 2 + (place === places.inside ? 1 : 0)]
          })
          expect(sorted(out.subarray(0, grid.queryReach(reach, out)))).toEqual(sorted(reached))
        }
      },
    ),
    { seed: 20, numRuns: 200 },
  )
})

test('a crowd in one cell and its going leave nothing behind', () => {
  const crowd = 5000
  const grid = createVehicleGrid({ frame, extent, rows: crowd })
  const out = new Int32Array(crowd)
  for (let row = 0; row < crowd; row++) grid.place(row, row % 7, row % 11)
  expect(grid.queryBox(0, 0, 10, 10, out)).toBe(crowd)
  for (let row = 0; row < crowd; row += 2) grid.place(row, 100_000, 100_000)
  expect(grid.queryBox(0, 0, 10, 10, out)).toBe(crowd / 2)
  for (let row = 0; row < crowd; row++) expect(grid.remove(row)).toBe(true)
  expect([grid.size, grid.queryBox(extent.minX, extent.minY, extent.maxX, extent.maxY, out)]).toEqual([0, 0])
})

test.each([
  ['an extent turned round', () => createVehicleGrid({ frame, extent: { minX: 1, minY: 0, maxX: 0, maxY: 1 }, rows: 1 })],
  ['an extent that leaves the frame', () => createVehicleGrid({ frame, extent: createExtent(frame, 1000, 400_000), rows: 1 })],
  ['an extent of NaN', () => createFenceIndex({ frame, extent: { minX: Number.NaN, minY: 0, maxX: 1, maxY: 1 }, fencesMax: 1 })],
  ['cells too small', () => createVehicleGrid({ frame, extent, cellM: 0.1, rows: 1 })],
  ['no rows', () => createVehicleGrid({ frame, extent, rows: 0 })],
  ['half a fence', () => createFenceIndex({ frame, extent, fencesMax: 0.5 })],
  ['a row that is not in the table', () => createVehicleGrid({ frame, extent, rows: 1 }).place(1, 0, 0)],
  ['a row that is no number', () => createVehicleGrid({ frame, extent, rows: 1 }).remove(Number.NaN)],
])('%s is refused', (_, make) => {
  expect(make).toThrow(GeoError)
})
