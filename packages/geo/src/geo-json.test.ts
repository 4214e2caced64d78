import { expect, test } from 'vitest'
import { contains } from './area.js'
import { compileArea } from './compile-area.js'
import { createFrame } from './frame.js'
import { areaFromGeoJson } from './geo-json.js'

const frame = createFrame(480_000_000, 110_000_000)
const box = [
  [11, 48],
  [11.01, 48],
  [11.01, 48.01],
  [11, 48.01],
  [11, 48],
]

test.each<[string, unknown, object, boolean]>([
  ['Polygon', { type: 'Polygon', coordinates: [box] }, {}, true],
  ['MultiPolygon', { type: 'MultiPolygon', coordinates: [[box], [box.map(([x, y]) => [x! + 1, y!])]] }, {}, true],
  ['Point', { type: 'Point', coordinates: [11, 48, 500] }, { radiusM: 2000 }, true],
  ['Point', { type: 'Point', coordinates: [11, 48] }, { radiusM: 100 }, false],
  [
    'LineString',
    {
      type: 'LineString',
      coordinates: [
        [11, 48],
        [11.01, 48.01],
      ],
    },
    { widthM: 20, direction: 2 },
    true,
  ],
])('%s becomes an area, longitude first', (_, geometry, options, inside) => {
  const read = areaFromGeoJson(geometry, options)
  if (!read.ok) throw new Error(read.problems[0].text)
  const result = compileArea(read.input, frame)
  if (!result.ok || result.area.kind === 'moving') throw new Error('not compiled')
  expect(contains(result.area, 50_000, 50_000)).toBe(inside)
})

test.each<[unknown, string, string]>([
  [null, 'missing', 'geometry.type'],
  [{ type: 'Circle' }, 'missing', 'geometry.type'],
  [{ type: 'Polygon' }, 'missing', 'geometry.coordinates'],
  [{ type: 'Polygon', coordinates: [box.slice(1)] }, 'open_ring', 'geometry.coordinates[0]'],
  [{ type: 'MultiPolygon', coordinates: [[box, [[0, 0], 7, [0, 0]]]] }, 'not_a_number', 'geometry.coordinates[0][1][1]'],
])('%j is refused by its form', (geometry, code, path) => {
  const read = areaFromGeoJson(geometry)
  expect(read.ok ? [] : read.problems).toContainEqual(expect.objectContaining({ code, path }))
})

test('what its form does not show, compileArea names', () => {
  const read = areaFromGeoJson({
    type: 'Polygon',
    coordinates: [
      [
        [11, 48],
        ['x', 48],
        [11, 49],
        [11, 48],
      ],
    ],
  })
  if (!read.ok) throw new Error(read.problems[0].text)
  const result = compileArea(read.input, frame)
  expect(result.ok ? [] : result.problems).toContainEqual(
    expect.objectContaining({ code: 'not_a_number', path: 'area.polygons.polygons[0].outer.points[1].longitudeE7' }),
  )
})
