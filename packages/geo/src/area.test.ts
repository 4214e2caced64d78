import booleanPointInPolygon from '@turf/boolean-point-in-polygon'
import pointToLineDistance from '@turf/point-to-line-distance'
import fc from 'fast-check'
import pointInPolygonHao from 'point-in-polygon-hao'
import { expect, test } from 'vitest'
import { type Area, clearanceM, contains, corridorCourseDeg, distanceToAreaM, isWithinM } from './area.js'
import type { AreaInput } from './area-input.js'
import { compileArea } from './compile-area.js'
import { createFrame, distanceM, eastMPerUnit, type Frame, northMPerUnit, toLatitudeE7, toLongitudeE7 } from './frame.js'
import { haversineM } from './sphere.js'

type Point = readonly [x: number, y: number]

const frame = createFrame(535_500_000, 100_000_000)

function position([x, y]: Point, within = frame) {
  return { latitudeE7: toLatitudeE7(within, y), longitudeE7: toLongitudeE7(within, x) }
}

function polygons(list: readonly (readonly (readonly Point[])[])[]): AreaInput {
  const ring = (points: readonly Point[]) => ({ points: points.map(p => position(p)) })
  return { polygons: { polygons: list.map(([outer, ...holes]) => ({ outer: ring(outer!), holes: holes.map(ring) })) } }
}

function compiled(input: AreaInput, within: Frame = frame): Area {
  const result = compileArea(input, within)
  if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'))
  if (result.area.kind === 'moving') throw new Error('moving')
  return result.area
}

/** Corners around a middle, one per direction: simple whatever the radii, hollows and rows of corners included. */
function star(middle: Point, radius: number) {
  return fc.array(fc.integer({ min: Math.ceil(radius / 4), max: radius }), { minLength: 3, maxLength: 40 }).map(radii =>
    radii.map((r, i): Point => {
      const angle = (2 * Math.PI * i) / radii.length
      return [Math.round(middle[0] + r * Math.cos(angle)), Math.round(middle[1] + r * Math.sin(angle))]
    }),
  )
}

const closed = (ring: readonly Point[]): number[][] => [...ring, ring[0]!].map(([x, y]) => [x, y])

/** Every corner, every middle of an edge that is a whole number, and points in the same rows and columns. */
function delicatePoints(rings: readonly (readonly Point[])[]): Point[] {
  return rings.flatMap(ring =>
    ring.flatMap(([x, y], i): Point[] => {
      const [nextX, nextY] = ring[(i + 1) % ring.length]!
      const middle: Point[] = (x + nextX) % 2 === 0 && (y + nextY) % 2 === 0 ? [[(x + nextX) / 2, (y + nextY) / 2]] : []
      return [[x, y], [x + 1, y], [x - 1, y], [x, y + 1], [x, y - 1], [nextX, y], ...middle]
    }),
  )
}

test('a polygon with a hole holds the points that point-in-polygon-hao and turf say, boundaries included', () => {
  const points = fc.array(fc.tuple(fc.integer({ min: -120, max: 120 }), fc.integer({ min: -120, max: 120 })), {
    minLength: 20,
    maxLength: 20,
  })
  const scale = fc.constantFrom(1, 2, 1000, 200_000)
  let valid = 0
  fc.assert(
    fc.property(star([0, 0], 100), star([3, -2], 20), scale, points, (outer, hole, times, random) => {
      const rings = [outer, hole].map(ring => ring.map(([x, y]): Point => [x * times, y * times]))
      const result = compileArea(polygons([rings]), frame)
      if (!result.ok || result.area.kind === 'moving') return
      valid++
      const coordinates = rings.map(closed)
      for (const [x, y] of [...random.map(([px, py]): Point => [px * times, py * times]), ...delicatePoints(rings)]) {
        const inside = contains(result.area, x, y)
        // hao: 0 on the boundary, which for us is inside.
        expect(inside, `${x}, ${y}`).toBe(pointInPolygonHao([x, y], coordinates) !== false)
        expect(inside, `${x}, ${y}`).toBe(booleanPointInPolygon([x, y], { type: 'Polygon', coordinates }))
      }
    }),
    { seed: 11, numRuns: 300 },
  )
  expect(valid).toBeGreaterThan(150)
})

test('several polygons hold what any of them holds, overlapping or not', () => {
  const middle = fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 }))
  const several = fc.array(
    middle.chain(at => star(at, 60)),
    { minLength: 2, maxLength: 4 },
  )
  const points = fc.array(middle, { minLength: 30, maxLength: 30 })
  let valid = 0
  fc.assert(
    fc.property(several, points, (list, random) => {
      const result = compileArea(polygons(list.map(outer => [outer])), frame)
      if (!result.ok || result.area.kind === 'moving') return
      valid++
      for (const [x, y] of [...random, ...delicatePoints(list)])
        expect(contains(result.area, x, y)).toBe(list.some(outer => pointInPolygonHao([x, y], [closed(outer)]) !== false))
    }),
    { seed: 12, numRuns: 300 },
  )
  expect(valid).toBeGreaterThan(150)
})

test('the order of the corners, a repeated last one and repeated neighbours change nothing', () => {
  const ring: Point[] = [
    [0, 0],
    [1000, 0],
    [1000, 1000],
    [0, 1000],
  ]
  const variants = [ring, [...ring].reverse(), [...ring, ring[0]!], ring.flatMap(p => [p, p]), [...ring.slice(2), ...ring.slice(0, 2)]]
  for (const variant of variants) {
    const area = compiled(polygons([[variant]]))
    expect([contains(area, 500, 500), contains(area, 0, 0), contains(area, 1000, 500), contains(area, 1001, 500)]).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(area.edges).toHaveLength(compiled(polygons([[ring]])).edges!.length)
  }
})

test('a polygon that begins far outside the frame keeps its straight edges, exact to a unit', () => {
  // Its edge from 60° west to 60° east of the origin runs through it: for every unit down 600 across.
  const ring: Point[] = [
    [-600_000_000, -1_000_000],
    [600_000_000, 1_000_000],
    [600_000_000, 300_000_000],
  ]
  const area = compiled(polygons([[ring]]))
  for (let y = -50_000; y <= 50_000; y += 1000) {
    expect(contains(area, 600 * y, y)).toBe(true)
    expect(contains(area, 600 * y + 1, y)).toBe(false)
    expect(contains(area, 600 * y - 1, y)).toBe(true)
  }
})

test('over the antimeridian an area is one piece, and a far one holds nothing here', () => {
  const fiji = createFrame(-170_000_000, 1_799_500_000)
  const ring = [
    { latitudeE7: -170_500_000, longitudeE7: 1_799_000_000 },
    { latitudeE7: -170_500_000, longitudeE7: -1_799_000_000 },
    { latitudeE7: -169_500_000, longitudeE7: -1_799_000_000 },
    { latitudeE7: -169_500_000, longitudeE7: 1_799_000_000 },
  ]
  const hole = [
    { latitudeE7: -170_100_000, longitudeE7: -1_799_800_000 },
    { latitudeE7: -170_100_000, longitudeE7: -1_799_600_000 },
    { latitudeE7: -169_900_000, longitudeE7: -1_799_700_000 },
  ]
  const input: AreaInput = { polygons: { polygons: [{ outer: { points: ring }, holes: [{ points: hole }] }] } }
  const area = compiled(input, fiji)
  expect(contains(area, 0, 0)).toBe(true)
  expect(contains(area, 1_000_000, 0)).toBe(true)
  expect(contains(area, 1_500_000, 0)).toBe(true)
  expect(contains(area, 800_000, 0)).toBe(false)
  expect(contains(area, 1_500_001, 1000)).toBe(false)
  // Seen from Greenwich the same ring must not turn into one around the earth the other way.
  for (const far of [createFrame(-170_000_000, 0), createFrame(-170_000_000, 900_000_000), createFrame(535_500_000, 100_000_000)]) {
    const nowhere = compiled(input, far)
    expect([contains(nowhere, 0, 0), distanceToAreaM(nowhere, 0, 0), isWithinM(nowhere, 0, 0, 10_000)]).toEqual([
      false,
      Number.POSITIVE_INFINITY,
      false,
    ])
  }
})

test('a circle is a distance, boundary included, wide ones by the haversine', () => {
  const coordinate = fc.integer({ min: -2_000_000, max: 2_000_000 })
  fc.assert(
    fc.property(coordinate, coordinate, fc.integer({ min: 1, max: 100_000_000 }), coordinate, coordinate, (cx, cy, radiusCm, x, y) => {
      const area = compiled({ circle: { center: position([cx, cy]), radiusCm } })
      const { latitudeE7, longitudeE7 } = position([cx, cy])
      const away = haversineM(toLatitudeE7(frame, y) * 1e-7, toLongitudeE7(frame, x) * 1e-7, latitudeE7 * 1e-7, longitudeE7 * 1e-7)
      const slackM = away > 20_000 ? 3 : 0.3
      if (Math.abs(away - radiusCm / 100) > slackM) expect(contains(area, x, y)).toBe(away < radiusCm / 100)
      expect(Math.abs(clearanceM(area, x, y, 0) - (radiusCm / 100 - away))).toBeLessThan(slackM)
    }),
    { seed: 13, numRuns: 1000 },
  )
  // A point exactly as far as the radius in float64.
  const area = compiled({ circle: { center: position([0, 0]), radiusCm: 100_000 } })
  const exact = { ...area, radiusM: distanceM(frame, 0, 0, 60_000, 70_000) }
  expect(contains(exact, 60_000, 70_000)).toBe(true)
})

test('distance to a polygon and a corridor is that of turf within 5 cm and a ten-thousandth', () => {
  const coordinate = fc.integer({ min: -600_000, max: 600_000 })
  const points = fc.array(fc.tuple(coordinate, coordinate), { minLength: 10, maxLength: 10 })
  const degrees = ([x, y]: Point) => [toLongitudeE7(frame, x) * 1e-7, toLatitudeE7(frame, y) * 1e-7]
  fc.assert(
    // Edges up to 1.1 km: turf's are great circles, which there leave our straight ones by 3 cm.
    fc.property(star([0, 0], 50_000), points, (ring, random) => {
      const result = compileArea(polygons([[ring]]), frame)
      if (!result.ok || result.area.kind === 'moving') return
      const polygon = result.area
      const corridor = compiled({ corridor: { line: ring.map(p => position(p)), widthCm: 2000 } })
      for (const point of random) {
        const line = (coordinates: number[][]) =>
          pointToLineDistance(degrees(point), { type: 'LineString', coordinates }, { units: 'meters', method: 'geodesic' })
        const toRing = line([...ring, ring[0]!].map(degrees))
        const expected = contains(polygon, ...point) ? 0 : toRing
        expect(Math.abs(distanceToAreaM(polygon, ...point) - expected)).toBeLessThan(0.05 + toRing * 1e-4)
        expect(Math.abs(Math.abs(clearanceM(polygon, ...point, Number.POSITIVE_INFINITY)) - toRing)).toBeLessThan(0.05 + toRing * 1e-4)
        const toLine = line(ring.map(degrees))
        expect(Math.abs(distanceToAreaM(corridor, ...point) - Math.max(0, toLine - 10))).toBeLessThan(0.05 + toLine * 1e-4)
        if (Math.abs(toLine - 10) > 0.1) expect(contains(corridor, ...point)).toBe(toLine < 10)
      }
    }),
    { seed: 14, numRuns: 100 },
  )
})

test('isWithinM is the distance compared, whatever the margin', () => {
  const coordinate = fc.integer({ min: -400_000, max: 400_000 })
  const margin = fc.integer({ min: 0, max: 10_000 })
  fc.assert(
    fc.property(
      star([0, 0], 200_000),
      fc.constantFrom('polygons', 'corridor'),
      fc.tuple(coordinate, coordinate),
      margin,
      (ring, kind, [x, y], marginM) => {
        const input = kind === 'polygons' ? polygons([[ring]]) : { corridor: { line: ring.map(p => position(p)), widthCm: 5000 } }
        const result = compileArea(input, frame)
        if (!result.ok || result.area.kind === 'moving') return
        const { area } = result
        expect(isWithinM(area, x, y, marginM)).toBe(distanceToAreaM(area, x, y) <= marginM)
        expect(isWithinM(area, x, y, 0)).toBe(contains(area, x, y))
        if (contains(area, x, y)) expect(x >= area.minX && x <= area.maxX && y >= area.minY && y <= area.maxY).toBe(true)
      },
    ),
    { seed: 15, numRuns: 1000 },
  )
})

test('a corridor gives the course of its nearest segment', () => {
  const eastM = (metres: number) => Math.round(metres / eastMPerUnit(frame, 0))
  const northM = (metres: number) => Math.round(metres / northMPerUnit)
  const line: Point[] = [
    [0, 0],
    [eastM(1000), 0],
    [eastM(1000), northM(1000)],
  ]
  const area = compiled({ corridor: { line: line.map(p => position(p)), widthCm: 2000, direction: 2 } })
  expect(area.direction).toBe('along')
  expect(corridorCourseDeg(area, eastM(500), northM(5))).toBeCloseTo(90, 3)
  expect(corridorCourseDeg(area, eastM(1005), northM(500))).toBeCloseTo(0, 3)
  expect(corridorCourseDeg(compiled(polygons([[line[0]!, line[1]!, line[2]!]].map(ring => [ring]))), 0, 0)).toBeNull()
})
