import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AreaInput } from './area-input.js'
import { areaPointsMax, areaProblemCodes } from './area-problem.js'
import { compileArea } from './compile-area.js'
import { createFrame } from './frame.js'
import { geoErrorCodes } from './geo-error.js'

const frame = createFrame(0, 0)
const at = (longitudeE7: unknown, latitudeE7: unknown) => ({ latitudeE7, longitudeE7 })
const ring = (...points: (readonly [unknown, unknown])[]) => ({ points: points.map(([x, y]) => at(x, y)) })
const square = (from: number, to: number) => ring([from, from], [to, from], [to, to], [from, to])
const polygon = (outer: unknown, ...holes: unknown[]) => ({ polygons: { polygons: [{ outer, holes }] } })
const many = (count: number) => ({
  points: Array.from({ length: count }, (_, i) => at(Math.round(1e7 * Math.cos(i)), Math.round(1e7 * Math.sin(i)))),
})
const moving = { position: at(0, 0), timeMs: 0, headingDecideg: 0, widthCm: 100, aheadCm: 100 }

test.each<[string, unknown, string, string]>([
  ['nothing', undefined, 'missing', 'area'],
  ['no shape', {}, 'missing', 'area'],
  ['two shapes', { circle: {}, corridor: {} }, 'ambiguous', 'area'],
  ['a circle without centre', { circle: { radiusCm: 1 } }, 'missing', 'area.circle.center'],
  ['a centre without latitude', { circle: { center: { longitudeE7: 0 }, radiusCm: 1 } }, 'missing', 'area.circle.center.latitudeE7'],
  ['NaN', { circle: { center: at(0, Number.NaN), radiusCm: 1 } }, 'not_a_number', 'area.circle.center.latitudeE7'],
  ['half a unit', { circle: { center: at(0.5, 0), radiusCm: 1 } }, 'not_a_number', 'area.circle.center.longitudeE7'],
  ['text', { circle: { center: at('0', 0), radiusCm: 1 } }, 'not_a_number', 'area.circle.center.longitudeE7'],
  [
    'the standard\'s "unavailable"',
    { circle: { center: at(1_800_000_001, 0), radiusCm: 1 } },
    'out_of_range',
    'area.circle.center.longitudeE7',
  ],
  ['no radius', { circle: { center: at(0, 0) } }, 'missing', 'area.circle.radiusCm'],
  ['radius 0', { circle: { center: at(0, 0), radiusCm: 0 } }, 'out_of_range', 'area.circle.radiusCm'],
  ['no polygons', { polygons: { polygons: [] } }, 'missing', 'area.polygons.polygons'],
  ['no outer ring', polygon(null), 'missing', 'area.polygons.polygons[0].outer.points'],
  ['an empty ring', polygon(ring()), 'missing', 'area.polygons.polygons[0].outer.points'],
  ['two points', polygon(ring([0, 0], [1, 1], [0, 0])), 'too_few_points', 'area.polygons.polygons[0].outer.points'],
  ['one point, often', polygon(ring([1, 1], [1, 1], [1, 1], [1, 1])), 'too_few_points', 'area.polygons.polygons[0].outer.points'],
  ['a line', polygon(ring([0, 0], [1, 1], [3, 3])), 'zero_area', 'area.polygons.polygons[0].outer.points'],
  ['a bow tie', polygon(ring([0, 0], [9, 9], [9, 0], [0, 9])), 'self_crossing', 'area.polygons.polygons[0].outer'],
  ['a spike', polygon(ring([0, 0], [9, 0], [9, 9], [9, 4], [0, 4])), 'self_crossing', 'area.polygons.polygons[0].outer'],
  ['a corner on an edge', polygon(ring([0, 0], [8, 0], [8, 8], [4, 0], [0, 8])), 'self_crossing', 'area.polygons.polygons[0].outer'],
  [
    'a bad point in a hole',
    polygon(square(0, 99), square(1, 5), ring([6, 6], [7, 6], [7, 7], [6, null])),
    'missing',
    'area.polygons.polygons[0].holes[1].points[3].latitudeE7',
  ],
  ['a hole outside', polygon(square(0, 9), square(20, 30)), 'hole_outside', 'area.polygons.polygons[0].holes[0]'],
  ['a hole in a hole', polygon(square(0, 99), square(10, 90), square(20, 30)), 'hole_outside', 'area.polygons.polygons[0].holes[1]'],
  ['a hole around its polygon', polygon(square(20, 30), square(0, 99)), 'hole_outside', 'area.polygons.polygons[0].holes[0]'],
  ['a hole across', polygon(square(0, 9), square(5, 15)), 'hole_crossing', 'area.polygons.polygons[0].holes[0]'],
  ['a hole that touches', polygon(square(0, 9), ring([0, 4], [4, 3], [4, 5])), 'hole_crossing', 'area.polygons.polygons[0].holes[0]'],
  ['around the earth', polygon(ring([-1e9, 0], [0, 1e7], [1e9, 0])), 'too_wide', 'area.polygons.polygons[0].outer.points'],
  [
    'around a pole',
    polygon(ring([0, 8e8], [9e8, 8e8], [1.8e9, 8e8], [-9e8, 8e8], [0, 8e8])),
    'too_wide',
    'area.polygons.polygons[0].outer.points',
  ],
  ['too many points', polygon(many(areaPointsMax + 1)), 'too_many_points', 'area.polygons'],
  ['too many in all', { polygons: { polygons: [{ outer: many(6000) }, { outer: many(6000) }] } }, 'too_many_points', 'area.polygons'],
  ['a corridor without line', { corridor: { widthCm: 100 } }, 'missing', 'area.corridor.line'],
  ['a corridor of one point', { corridor: { line: [at(0, 0), at(0, 0)], widthCm: 100 } }, 'too_few_points', 'area.corridor.line'],
  ['a corridor without width', { corridor: { line: [at(0, 0), at(1, 0)] } }, 'missing', 'area.corridor.widthCm'],
  [
    "a corridor's direction",
    { corridor: { line: [at(0, 0), at(1, 0)], widthCm: 1, direction: 4 } },
    'out_of_range',
    'area.corridor.direction',
  ],
  ['a corridor too long', { corridor: { line: many(areaPointsMax + 1).points, widthCm: 1 } }, 'too_many_points', 'area.corridor.line'],
  ['a moving area without course', { moving: { ...moving, headingDecideg: undefined } }, 'missing', 'area.moving.headingDecideg'],
  ['a moving area without time', { moving: { ...moving, timeMs: Number.NaN } }, 'not_a_number', 'area.moving.timeMs'],
  ['a moving area without length', { moving: { ...moving, aheadCm: 0 } }, 'zero_area', 'area.moving'],
])('%s is refused and named', (_, input, code, path) => {
  const result = compileArea(input as AreaInput, frame)
  expect(result.ok ? [] : result.problems).toContainEqual(expect.objectContaining({ code, path, text: expect.stringContaining(path) }))
})

test('whatever comes in is compiled or named, never thrown', () => {
  const anything = fc.anything()
  const loose = fc.oneof(
    anything,
    fc.record({ circle: anything }),
    fc.record({
      polygons: fc.record({
        polygons: fc.array(
          fc.oneof(anything, fc.record({ outer: fc.oneof(anything, fc.record({ points: fc.array(anything) })), holes: anything })),
        ),
      }),
    }),
    fc.record({ corridor: fc.record({ line: fc.oneof(anything, fc.array(anything)), widthCm: anything }) }),
    fc.record({ moving: fc.oneof(anything, fc.record({ position: anything, timeMs: anything })) }),
  )
  fc.assert(
    fc.property(loose, input => {
      const result = compileArea(input as AreaInput, frame)
      if (!result.ok) expect(result.problems.length).toBeLessThanOrEqual(10)
    }),
    { seed: 16, numRuns: 2000 },
  )
})

test('docs/geometry.md lists the problem and error codes there are', () => {
  const text = readFileSync(new URL('../../../docs/geometry.md', import.meta.url), 'utf8')
  const listed = (heading: string) =>
    [
      ...text
        .split(`## ${heading}`)[1]!
        .split('\n## ')[0]!
        .matchAll(/^\| `([a-z_]+)` +\|/gm),
    ]
      .map(match => match[1])
      .sort()
  expect(listed('Problems')).toEqual(Object.values(areaProblemCodes).sort())
  expect(listed('Errors')).toEqual(Object.values(geoErrorCodes).sort())
})
