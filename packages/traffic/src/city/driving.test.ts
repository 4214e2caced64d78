// What holds at every tick of every city, hazards or not, over twenty minutes of 300 vehicles.
import { describe, expect, test } from 'vitest'
import { buildCity } from './create-city.js'
import { rectangleOf, touch } from './rectangles.fixture.js'
import type { Vehicle } from './vehicle.js'
import { headingOf, placeOf, tickS, timeOf, type World } from './world.js'

const minutes = 20
/** Waiting at a light, in the queue behind it, and behind a stalled vehicle on a street with one lane. */
const standMaxS = 330

interface Before {
  readonly x: number
  readonly y: number
  readonly speedMps: number
  readonly headingDeg: number
  readonly lane: number
  readonly standsS: number
}

describe.each([1, 2, 3])('seed %i', seed => {
  test('physics, lanes and lights are kept, and nobody stands for ever', () => {
    const { world, step } = buildCity({ seed, vehicles: 300, originLat: 60.17, originLon: 24.94 })
    const before = new Map<string, Before>()
    const wrong: string[] = []
    let drivenM = 0
    for (let tick = 0; tick < minutes * 600 && wrong.length === 0; tick++) {
      step(tickS)
      for (const list of world.onLane) wrong.push(...checkLane(world, list))
      for (const vehicle of world.vehicles) {
        const was = before.get(vehicle.id)
        const is = stateOf(world, vehicle, was)
        if (was) wrong.push(...checkVehicle(world, vehicle, was, is))
        if (was) drivenM += Math.hypot(is.x - was.x, is.y - was.y)
        before.set(vehicle.id, is)
      }
      if (tick % 50 === 0) wrong.push(...checkRectangles(world))
    }
    expect(wrong).toEqual([])
    expect(drivenM / (world.vehicles.length * minutes * 60)).toBeGreaterThan(3.5)
  }, 60_000)
})

function stateOf(world: World, vehicle: Vehicle, was: Before | undefined): Before {
  const place = placeOf(world, vehicle)
  const { speedMps, lane } = vehicle
  const stands = speedMps < 0.1 && vehicle.scene === undefined && !vehicle.isParked
  const standsS = stands ? (was?.standsS ?? 0) + tickS : 0
  return { x: place.x, y: place.y, speedMps, headingDeg: headingOf(place), lane, standsS }
}

function checkLane(world: World, list: readonly Vehicle[]): string[] {
  return list.flatMap((vehicle, at) => {
    const leader = list[at - 1]
    // One that pulls out is soon beside the one it leaves behind; whether they touch, their rectangles say.
    const isLeaving = world.onLane[vehicle.lane] !== list
    if (leader === undefined || isLeaving || leader.sM - leader.lengthM >= vehicle.sM) return []
    return [say(world, vehicle, `is in ${leader.id} (${leader.scene}) by ${vehicle.sM - leader.sM + leader.lengthM} m`)]
  })
}

function checkVehicle(world: World, vehicle: Vehicle, was: Before, is: Before): string[] {
  const wrong: string[] = []
  const lane = world.graph.lanes[vehicle.lane]!
  // Texts are made only when wanted: this runs four million times.
  const check = (isFine: boolean, text: () => string) => {
    if (!isFine) wrong.push(say(world, vehicle, text()))
  }
  check(vehicle.speedMps >= 0, () => `drives backwards: ${vehicle.speedMps}`)
  check(vehicle.speedMps <= lane.limitMps * 1.2, () => `speeds: ${vehicle.speedMps} of ${lane.limitMps} on a ${lane.kind}`)
  check(vehicle.accelMps2 <= 3, () => `accelerates with ${vehicle.accelMps2}`)
  check(vehicle.accelMps2 >= (vehicle.scene === 'crash' ? -22.01 : -8.01), () => `brakes with ${vehicle.accelMps2}`)

  const dx = is.x - was.x
  const dy = is.y - was.y
  const movedM = Math.hypot(dx, dy)
  const speedMps = (was.speedMps + is.speedMps) / 2
  check(Math.abs(movedM - speedMps * tickS) <= 0.15 * speedMps * tickS + 0.05, () => `moved ${movedM} m at ${speedMps} m/s`)
  // Steering to change lanes, the front moves a few degrees beside where the vehicle points.
  if (movedM > 0.5) {
    const offDeg = Math.abs(((headingOf({ dx: dx / movedM, dy: dy / movedM }) - is.headingDeg + 540) % 360) - 180)
    check(offDeg < 16, () => `heads ${is.headingDeg} and moves ${offDeg}° off`)
  }

  const from = world.graph.lanes[was.lane]!
  if (lane.kind === 'turn' && from.kind === 'street') {
    check(lane.fromLane === was.lane, () => 'takes a turn from another lane')
    check(
      world.lights.lightFor(from.junction, from.street, timeOf(world.tick)) !== 'red',
      () => `crosses at red with ${vehicle.speedMps} m/s`,
    )
  }
  check(is.standsS < standMaxS, () => `stands for ${standMaxS} s`)
  if (world.tick % 20 === 0) check(isOnRoad(world, is.x, is.y), () => `is off the road at ${is.x}, ${is.y}`)
  return wrong
}

/** Near a street's axis or a junction, found without lanes. */
function isOnRoad(world: World, x: number, y: number): boolean {
  const { junctions, streets } = world.graph
  if (junctions.some(junction => Math.hypot(junction.x - x, junction.y - y) < 25)) return true
  return streets.some(({ from, to, lanes }) => {
    const a = junctions[from]!
    const b = junctions[to]!
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    const along = ((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / length
    const across = ((x - a.x) * (b.y - a.y) - (y - a.y) * (b.x - a.x)) / length
    // At the kerb one stands beside the right lane.
    return along >= 0 && along <= length && Math.abs(across) < 3.5 * lanes + 3
  })
}

function checkRectangles(world: World): string[] {
  const rectangles = world.vehicles.map(vehicle => ({ vehicle, ...rectangleOf(world, vehicle) }))
  return rectangles.flatMap((a, at) =>
    rectangles.slice(at + 1).flatMap(b => (touch(a, b) ? [say(world, a.vehicle, `touches ${b.vehicle.id}`)] : [])),
  )
}

function say(world: World, vehicle: Vehicle, text: string): string {
  return `t=${timeOf(world.tick)} ${vehicle.id} (${vehicle.scene}) ${text}`
}
