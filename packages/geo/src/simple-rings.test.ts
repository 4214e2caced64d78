import kinks from '@turf/kinks'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findRingMeeting, isCounterClockwise } from './simple-rings.js'

type Point = readonly [number, number]

/** A reference that shares nothing with the sweep: every pair of edges, every corner of a hole, in big steps of plain arithmetic. */
function isValid(rings: readonly (readonly Point[])[]): boolean {
  const edges = rings.flatMap((ring, r) => ring.map((from, i) => ({ r, i, size: ring.length, from, to: ring[(i + 1) % ring.length]! })))
  for (const [k, e] of edges.entries()) {
    for (const f of edges.slice(k + 1)) {
      const isNext = e.r === f.r && (e.i + 1) % e.size === f.i
      const isPrevious = e.r === f.r && (f.i + 1) % f.size === e.i
      if (isNext && !isPrevious) {
        if (isOn(f.to, e) || isOn(e.from, f)) return false
      } else if (isPrevious && !isNext) {
        if (isOn(e.to, f) || isOn(f.from, e)) return false
      } else if (haveCommonPoint(e, f)) return false
    }
  }
  const [outer, ...holes] = rings
  return holes.every((hole, i) => isInside(hole[0]!, outer!) && holes.every((other, j) => i === j || !isInside(hole[0]!, other)))
}

interface Segment {
  readonly from: Point
  readonly to: Point
}

function cross(a: Point, b: Point, p: Point): number {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
}

function isOn(p: Point, { from, to }: Segment): boolean {
  const within = (k: 0 | 1) => p[k] >= Math.min(from[k], to[k]) && p[k] <= Math.max(from[k], to[k])
  return cross(from, to, p) === 0 && within(0) && within(1)
}

function haveCommonPoint(e: Segment, f: Segment): boolean {
  if (isOn(e.from, f) || isOn(e.to, f) || isOn(f.from, e) || isOn(f.to, e)) return true
  return cross(e.from, e.to, f.from) * cross(e.from, e.to, f.to) < 0 && cross(f.from, f.to, e.from) * cross(f.from, f.to, e.to) < 0
}

/** Parity of crossings, of a point that is on no edge. */
function isInside([x, y]: Point, ring: readonly Point[]): boolean {
  return ring.reduce((inside, a, i) => {
    const b = ring[(i + 1) % ring.length]!
    if (a[1] > y === b[1] > y) return inside
    return x < a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]) ? !inside : inside
  }, false)
}

function packed(ring: readonly Point[]): Float64Array {
  return Float64Array.from(ring.flat())
}

/** Rings on a small lattice, where corners meet, edges overlap and points lie in rows all the time. */
function lattice(size: number, corners: number) {
  const coordinate = fc.integer({ min: 0, max: size })
  return fc
    .array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: corners })
    .map(ring => ring.filter((p, i) => String(p) !== String(ring[(i + 1) % ring.length])))
    .filter(ring => ring.length >= 3 && ring.some(p => cross(ring[0]!, ring[1]!, p) !== 0))
}

test('one ring on a lattice: as every pair of edges says', () => {
  let valid = 0
  fc.assert(
    fc.property(fc.oneof(lattice(3, 5), lattice(6, 7), lattice(40, 9)), ring => {
      const meeting = findRingMeeting([packed(ring)])
      expect(meeting === null).toBe(isValid([ring]))
      if (meeting === null) {
        valid++
        const doubled = ring.reduce(
          (area, a, i) => area + a[0] * ring[(i + 1) % ring.length]![1] - a[1] * ring[(i + 1) % ring.length]![0],
          0,
        )
        expect(isCounterClockwise(packed(ring))).toBe(doubled > 0)
      }
    }),
    { seed: 8, numRuns: 6000 },
  )
  expect(valid).toBeGreaterThan(500)
})

test('holes on a lattice: as every pair of edges and the crossings of a ray say', () => {
  const outcomes = new Map<string, number>()
  const square: readonly Point[] = [
    [0, 0],
    [12, 0],
    [12, 12],
    [0, 12],
  ]
  const dented: readonly Point[] = [
    [0, 0],
    [12, 0],
    [12, 12],
    [6, 4],
    [0, 12],
  ]
  const small = fc
    .tuple(lattice(4, 4), fc.integer({ min: -2, max: 10 }), fc.integer({ min: -2, max: 10 }))
    .map(([ring, x, y]) => ring.map(([px, py]): Point => [px + x, py + y]))
  fc.assert(
    fc.property(fc.constantFrom(square, dented), fc.array(small, { minLength: 1, maxLength: 3 }), (outer, holes) => {
      const rings = [outer, ...holes]
      const meeting = findRingMeeting(rings.map(packed))
      expect(meeting === null).toBe(isValid(rings))
      const outcome = meeting?.code ?? 'valid'
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }),
    { seed: 9, numRuns: 6000 },
  )
  for (const outcome of ['valid', 'self_crossing', 'hole_crossing', 'hole_outside'])
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(100)
})

test('rings in general position: as turf finds kinks', () => {
  const coordinate = fc.integer({ min: -(2 ** 25), max: 2 ** 25 })
  fc.assert(
    fc.property(fc.array(fc.tuple(coordinate, coordinate), { minLength: 4, maxLength: 8 }), ring => {
      const found = kinks({ type: 'Polygon', coordinates: [[...ring, ring[0]!]] }).features.length
      expect(findRingMeeting([packed(ring)]) !== null).toBe(found > 0)
    }),
    { seed: 10, numRuns: 1000 },
  )
})

test('10,000 corners that all lie close together are checked, and one crossing among them is found', () => {
  const ring: Point[] = Array.from({ length: 10_000 }, (_, i) => {
    const angle = (i / 10_000) * 2 * Math.PI
    const radius = i % 2 === 0 ? 20_000_000 : 1_000_000
    return [Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))]
  })
  expect(findRingMeeting([packed(ring)])).toBeNull()
  const crossed = ring.with(5000, ring[5002]!).with(5002, ring[5000]!)
  expect(findRingMeeting([packed(crossed)])?.code).toBe('self_crossing')
})
