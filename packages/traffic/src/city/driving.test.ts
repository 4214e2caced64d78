// What holds at every tick of every city, hazards or not, over twenty minutes of 300 vehicles.
import { describe, expect, test } from 'vitest'
import { buildCity } from './create-city.js'
import type { Vehicle } from './vehicle.js'
import { headingOf, placeOf, tickS, timeOf, type World } from './world.js'

const minutes = 20
const checkEveryTicks = 3
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
      // From the first to the second of three ticks: a third of all steps, at a third of the cost.
      if (tick % checkEveryTicks > 1) continue
      for (const vehicle of world.vehicles) {
        const was = before.get(vehicle.id)
        const is = stateOf(world, vehicle, was)
        if (was && tick % checkEveryTicks === 1) {
          wrong.push(...checkVehicle(world, vehicle, was, is))
          drivenM += Math.hypot(is.x - was.x, is.y - was.y) * checkEveryTicks
        }
        before.set(vehicle.id, is)
      }
      if (tick % checkEveryTicks === 1) for (const list of world.onLane) wrong.push(...checkLane(world, list))
      if (tick % 51 === 1) wrong.push(...checkRectangles(world))
    }
    expect(wrong).toEqual([])
    expect(drivenM / (world.vehicles.length * minutes * 60)).toBeGreaterThan(3.5)
  }, 60_000)
})

function stateOf(world: World, vehicle: Vehicle, was: Before | undefined): Before {
  const place = placeOf(world, vehicle)
  const { speedMps, lane } = vehicle
  const stands = speedMps < 0.1 && vehicle.scene === undefined && !vehicle.isParked
  const standsS = stands ? (was?.standsS ?? 0) + (tickS * checkEveryTicks) / 2 : 0
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
  if (world.tick % 60 < checkEveryTicks) check(isOnRoad(world, is.x, is.y), () => `is off the road at ${is.x}, ${is.y}`)
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

/** What a vehicle covers: its middle, direction and half its length and width. */
interface Rectangle {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly halfLengthM: number
  readonly halfWidthM: number
}

/** From its front to its rear, which in a turn is where the front was a length ago. */
function rectangleOf(world: World, vehicle: Vehicle): Rectangle {
  const { x, y } = placeOf(world, vehicle)
  const rear = { x: 0, y: 0, dx: 0, dy: 0 }
  const rearM = vehicle.sM - vehicle.lengthM
  const lane = world.graph.lanes[vehicle.lane]!
  const before = rearM < 0 && vehicle.turnBefore >= 0 ? world.graph.lanes[vehicle.turnBefore]! : undefined
  if (before) before.curve.pointAt(before.lengthM + rearM, rear)
  else lane.curve.pointAt(rearM, rear)
  rear.x -= rear.dy * vehicle.tailLateralM
  rear.y += rear.dx * vehicle.tailLateralM
  const length = Math.hypot(x - rear.x, y - rear.y)
  const [dx, dy] = [(x - rear.x) / length, (y - rear.y) / length]
  return { x: (x + rear.x) / 2, y: (y + rear.y) / 2, dx, dy, halfLengthM: length / 2, halfWidthM: 0.85 }
}

/** Separating axes: two rectangles touch if none of their four sides' directions has a gap. */
function touch(a: Rectangle, b: Rectangle): boolean {
  if (Math.hypot(a.x - b.x, a.y - b.y) > a.halfLengthM + b.halfLengthM + 2) return false
  const axes = [
    [a.dx, a.dy],
    [-a.dy, a.dx],
    [b.dx, b.dy],
    [-b.dy, b.dx],
  ] as const
  return axes.every(([x, y]) => {
    const reach = ({ dx, dy, halfLengthM, halfWidthM }: Rectangle) =>
      Math.abs(dx * x + dy * y) * halfLengthM + Math.abs(-dy * x + dx * y) * halfWidthM
    return Math.abs((a.x - b.x) * x + (a.y - b.y) * y) < reach(a) + reach(b)
  })
}
