/*
 * Vectors of other projects, kept outside this repository: an optional folder beside it (`../shared/data`) or `OUTRIDER_DATA`. Without
 * it these tests are skipped, and one line says so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pointToLineDistance from '@turf/point-to-line-distance'
import pointInPolygonHao from 'point-in-polygon-hao'
import { describe, expect, test } from 'vitest'
import { type Area, contains, distanceToAreaM } from './area.js'
import { compileArea } from './compile-area.js'
import { createFrame, type Frame, toX, toY } from './frame.js'
import { areaFromGeoJson } from './geo-json.js'
import { headingDifferenceDeg } from './heading.js'
import { bearingDeg, destination, haversineM } from './sphere.js'

const data = process.env.OUTRIDER_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))
const isHere = existsSync(join(data, 'geometry-turf'))
if (!isHere)
  process.stderr.write(`geo: no vectors in ${data} (set OUTRIDER_DATA to the folder that has geometry-turf): their tests are skipped\n`)

interface Feature {
  readonly properties: Readonly<Record<string, unknown>>
  readonly geometry: { readonly type: string; readonly coordinates: unknown }
}
type LonLat = readonly [number, number]

function readFeatures(...path: string[]): Feature[] {
  const read = JSON.parse(readFileSync(join(data, ...path), 'utf8')) as Feature & { readonly features?: Feature[] }
  return read.features ?? [read]
}

function filesUnder(...path: string[]): string[] {
  return readdirSync(join(data, ...path), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.geojson'))
    .map(name => join(...path, name))
    .sort()
}

function frameAt([longitude, latitude]: LonLat): Frame {
  return createFrame(Math.round(latitude * 1e7), Math.round(longitude * 1e7))
}

function inUnits(frame: Frame, [longitude, latitude]: LonLat): [number, number] {
  return [toX(frame, Math.round(longitude * 1e7)), toY(frame, Math.round(latitude * 1e7))]
}

function compiled(geometry: Feature['geometry'], frame: Frame, options = {}): Area {
  const read = areaFromGeoJson(geometry, options)
  if (!read.ok) throw new Error(read.problems[0].text)
  const result = compileArea(read.input, frame)
  if (!result.ok) throw new Error(result.problems[0].text)
  if (result.area.kind === 'moving') throw new Error('moving')
  return result.area
}

/** The points of a pair of features, and whether each is in the polygon or on its boundary. */
function pointsInside(features: readonly Feature[]): boolean[] {
  const area = features.find(({ geometry }) => geometry.type.endsWith('Polygon'))!
  const { geometry } = features.find(each => each !== area)!
  const points = (geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates) as LonLat[]
  return points.map(point => {
    const frame = frameAt(point)
    return contains(compiled(area.geometry, frame), ...inUnits(frame, point))
  })
}

describe.skipIf(!isHere)('vectors of other projects', () => {
  const pairs = ['disjoint', 'intersects', 'contains', 'within']
    .flatMap(predicate => (isHere ? filesUnder('geometry-turf', `turf-boolean-${predicate}`, 'test') : []))
    .filter(file => /Point.(Multi)?Polygon.|Polygon.(Multi)?Point./.test(file))

  test.each(pairs)('%s', file => {
    const inside = pointsInside(readFeatures(file))
    const isTrue = /test.true/.test(file)
    if (file.includes('disjoint')) expect(inside.some(Boolean)).toBe(!isTrue)
    else if (file.includes('intersects')) expect(inside.some(Boolean)).toBe(isTrue)
    // There a point on the boundary is not contained; here it is.
    else expect(inside.every(Boolean)).toBe(isTrue || file.includes('Boundary'))
  })

  test('there are as many pairs as there were', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(46)
  })

  test('Switzerland: every corner is in it, other points as point-in-polygon-hao says; with a kink it is refused', () => {
    const [{ geometry }] = readFeatures('geometry-pip-hao', 'test', 'fixtures', 'simple', 'switzerland.geojson') as [Feature]
    const frame = frameAt([8.2, 46.8])
    const area = compiled(geometry, frame)
    const ring = (geometry.coordinates as LonLat[][])[0]!.map(point => inUnits(frame, point))
    for (const corner of ring) expect(contains(area, ...corner)).toBe(true)
    let inside = 0
    for (let i = 0; i < 3000; i++) {
      const point: [number, number] = [Math.round(25_000_000 * Math.sin(i)), Math.round(12_000_000 * Math.sin(i * 1.618))]
      expect(contains(area, ...point)).toBe(pointInPolygonHao(point, [ring]) !== false)
      if (contains(area, ...point)) inside++
    }
    expect(inside).toBeGreaterThan(500)
    const [kinked] = readFeatures('geometry-pip-hao', 'test', 'fixtures', 'notSimple', 'switzerlandKinked.geojson') as [Feature]
    const read = areaFromGeoJson(kinked.geometry)
    const refused = compileArea(read.ok ? read.input : null, frame)
    expect(refused.ok ? [] : refused.problems.map(({ code }) => code)).toEqual(['self_crossing'])
  })

  test.each(isHere ? filesUnder('geometry-turf', 'turf-point-to-line-distance', 'test', 'in').filter(file => file.includes('city')) : [])(
    '%s',
    file => {
      const features = readFeatures(file)
      const point = features.find(({ geometry }) => geometry.type === 'Point')!.geometry.coordinates as LonLat
      const line = features.find(({ geometry }) => geometry.type === 'LineString')!.geometry
      const distances = JSON.parse(
        readFileSync(join(data, 'geometry-turf', 'turf-point-to-line-distance', 'test', 'out', 'distances.json'), 'utf8'),
      )
      const frame = frameAt(point)
      const area = compiled(line, frame, { widthM: 0.02 })
      const metresPerUnit = readFileSync(join(data, file), 'utf8').includes('"miles"') ? 1609.344 : 1000
      expect(distanceToAreaM(area, ...inUnits(frame, point)) / metresPerUnit).toBeCloseTo(distances[basename(file, '.geojson')], 2)
    },
  )

  test("turf's distance, bearing and destinations", () => {
    const points = readFeatures('geometry-turf', 'turf-distance', 'test', 'in', 'points.geojson').map(
      ({ geometry }) => geometry.coordinates as LonLat,
    )
    const { kilometers } = JSON.parse(readFileSync(join(data, 'geometry-turf', 'turf-distance', 'test', 'out', 'points.json'), 'utf8'))
    expect(haversineM(points[0]![1], points[0]![0], points[1]![1], points[1]![0]) / 1000).toBeCloseTo(kilometers, 6)

    const [from, to, line] = readFeatures('geometry-turf', 'turf-bearing', 'test', 'out', 'results.geojson').map(
      ({ geometry }) => geometry.coordinates,
    )
    const [[, along], [start, end]] = [[from, to], line] as [LonLat[], LonLat[]]
    const difference = headingDifferenceDeg(
      bearingDeg(start![1], start![0], along![1], along![0]),
      bearingDeg(start![1], start![0], end![1], end![0]),
    )
    expect(difference).toBeLessThan(1e-6)

    for (const file of filesUnder('geometry-turf', 'turf-destination', 'test', 'in')) {
      const [{ properties, geometry }] = readFeatures(file) as [Feature]
      const [longitude, latitude] = geometry.coordinates as LonLat
      const metres = ((properties.dist as number) ?? 100) * (properties.units === 'miles' ? 1609.344 : 1000)
      const reached = destination(latitude, longitude, (properties.bearing as number) ?? 180, metres)
      const expected = readFeatures(file.replace(/in(?=.[^/\\]*$)/, 'out'))[1]!.geometry.coordinates as LonLat
      expect(haversineM(reached.latitudeDeg, reached.longitudeDeg, expected[1], expected[0])).toBeLessThan(1)
    }
  })

  test('Interstate 80 eastbound as a corridor: its own vertices are in it, points beside it as turf measures', () => {
    const rows = readFileSync(join(data, 'geofence-cvdp', 'data', 'I_80_Eastbound_Vertices.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
    const road = rows.map((row): LonLat => [Number(row.split(',')[3]), Number(row.split(',')[2])])
    expect(road.length).toBeGreaterThan(10_000)
    for (const from of [0, 5000, 9000]) {
      const coordinates = road.slice(from, from + 1000)
      const frame = frameAt(coordinates[500]!)
      const area = compiled({ type: 'LineString', coordinates }, frame, { widthM: 30 })
      for (const [i, point] of coordinates.entries()) {
        expect(contains(area, ...inUnits(frame, point))).toBe(true)
        if (i % 50 !== 0) continue
        for (const offM of [10, 20, 100, 2000]) {
          const beside = destination(point[1], point[0], i % 360, offM)
          const at: LonLat = [beside.longitudeDeg, beside.latitudeDeg]
          const roadM = pointToLineDistance(
            [...at],
            { type: 'LineString', coordinates: coordinates.map(each => [...each]) },
            { units: 'meters' },
          )
          expect(Math.abs(distanceToAreaM(area, ...inUnits(frame, at)) - Math.max(0, roadM - 15))).toBeLessThan(0.1 + roadM * 0.001)
          if (Math.abs(roadM - 15) > 0.2) expect(contains(area, ...inUnits(frame, at))).toBe(roadM < 15)
        }
      }
    }
  })

  test('messages labelled outside a geofence are outside the corridor, and far from it', () => {
    const rows = readFileSync(join(data, 'geofence-cvdp', 'unit-test-data', 'test-case.outside.geofence.json'), 'utf8')
      .trim()
      .split('\n')
    const road = readFileSync(join(data, 'geofence-cvdp', 'data', 'I_80_Westbound_Vertices.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1, 9001)
    const line = road.map(row => ({
      latitudeE7: Math.round(Number(row.split(',')[2]) * 1e7),
      longitudeE7: Math.round(Number(row.split(',')[3]) * 1e7),
    }))
    for (const row of rows) {
      const { lat, long } = JSON.parse(row).payload.data.value.BasicSafetyMessage.coreData as { lat: number; long: number }
      const frame = createFrame(lat, long)
      const result = compileArea({ corridor: { line, widthCm: 3000 } }, frame)
      if (!result.ok || result.area.kind === 'moving') throw new Error('not compiled')
      expect([contains(result.area, 0, 0), distanceToAreaM(result.area, 0, 0)]).toEqual([false, Number.POSITIVE_INFINITY])
    }
  })
})
