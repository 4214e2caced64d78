import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from './random.js'
import { createRoadGraph, type Lane, type StreetLane, type TurnLane } from './road-graph.js'
import { planStreets } from './street-plan.js'

const cities = fc.record({ size: fc.integer({ min: 5, max: 9 }), seed: fc.integer({ min: 0, max: 4_294_967_295 }) })
const graphOf = ({ size, seed }: { size: number; seed: number }) => createRoadGraph(planStreets(size, createRandom(seed)))

test('from every lane one can drive to every street', () => {
  fc.assert(
    fc.property(cities, city => {
      const { lanes, streets } = graphOf(city)
      expect(lanes.every(lane => lane.kind === 'turn' || lane.turns.length > 0)).toBe(true)
      // Lane changes included: a street reaches what any of its lanes reaches.
      const next = streets.map((_, street) =>
        lanes.filter(lane => isTurn(lane) && lane.fromStreet === street).map(lane => (lane as TurnLane).toStreet),
      )
      for (const start of [0, streets.length - 1]) {
        const seen = new Set([start])
        for (const street of seen) for (const to of next[street]!) seen.add(to)
        expect(seen.size).toBe(streets.length)
      }
    }),
    { seed: 11, numRuns: 25 },
  )
})

test('there are one-way streets, a faster road with two lanes each way, and gaps', () => {
  const { streets } = graphOf({ size: 8, seed: 1 })
  expect(streets.filter(({ isOneWay }) => isOneWay).length).toBeGreaterThan(3)
  expect(streets.filter(({ kind }) => kind === 'ring').every(({ lanes, limitMps }) => lanes === 2 && limitMps > 19)).toBe(true)
  expect(new Set(streets.map(({ limitMps }) => limitMps)).size).toBe(2)
})

test('lanes keep right: opposite directions are metres apart, and each is to the left of the other', () => {
  fc.assert(
    fc.property(cities, city => {
      const graph = graphOf(city)
      for (const [index, street] of graph.streets.entries()) {
        const opposite = graph.streets.findIndex(({ from, to }) => from === street.to && to === street.from)
        if (opposite < 0) continue
        const here = middleOf(graph.lanes[graph.lanesOfStreet[index]!.at(-1)!]!)
        const there = middleOf(graph.lanes[graph.lanesOfStreet[opposite]!.at(-1)!]!)
        const leftwards = (there.y - here.y) * here.dx - (there.x - here.x) * here.dy
        expect(leftwards).toBeCloseTo(3.5, 5)
      }
    }),
    { seed: 12, numRuns: 25 },
  )
})

test('every turn leaves its lane and meets the next without a jump or a kink, and its length is its length', () => {
  fc.assert(
    fc.property(cities, city => {
      const { lanes } = graphOf(city)
      for (const lane of lanes.filter(isTurn)) {
        const from = lanes[lane.fromLane] as StreetLane
        const to = lanes[lane.toLane] as StreetLane
        expectSame(at(lane, 0), at(from, from.lengthM))
        expectSame(at(lane, lane.lengthM), at(to, 0))
        let length = 0
        for (let step = 1; step <= 100; step++) {
          const a = at(lane, ((step - 1) * lane.lengthM) / 100)
          const b = at(lane, (step * lane.lengthM) / 100)
          length += Math.hypot(b.x - a.x, b.y - a.y)
        }
        expect(Math.abs(length / lane.lengthM - 1)).toBeLessThan(0.01)
      }
    }),
    { seed: 13, numRuns: 10 },
  )
})

function isTurn(lane: Lane): lane is TurnLane {
  return lane.kind === 'turn'
}

function at(lane: Lane, sM: number) {
  const point = { x: 0, y: 0, dx: 0, dy: 0 }
  lane.curve.pointAt(sM, point)
  return point
}

function middleOf(lane: Lane) {
  return at(lane, lane.lengthM / 2)
}

function expectSame(a: ReturnType<typeof at>, b: ReturnType<typeof at>) {
  expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeLessThan(1e-6)
  expect(a.dx * b.dx + a.dy * b.dy).toBeGreaterThan(0.99)
}
