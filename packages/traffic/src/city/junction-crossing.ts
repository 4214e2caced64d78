// May a vehicle cross? It may if its light is green, nobody from another street is still on the junction or bound for it, and behind
// the junction there is room for it, so that nobody ever stands where others cross. Until the last point where it can stop it obeys
// that from tick to tick; past it the right is kept (`isCommitted`).
import { standingGapM } from './car-following.js'
import type { StreetLane } from './road-graph.js'
import type { Vehicle } from './vehicle.js'
import { timeOf, turnOf, type World } from './world.js'

/** What drivers accept as braking for a light that changes. */
const stopBrakeMps2 = 3.5

export function countCrossing(world: World) {
  const { from, boundM, boundBy } = world.crossing
  from.fill(-1)
  boundM.fill(0)
  boundBy.fill(-1)
  for (const vehicle of world.vehicles) {
    if (vehicle.isParked) continue
    if (world.graph.lanes[vehicle.lane]!.kind === 'turn') claim(world, vehicle, vehicle.lane, true)
    else if (vehicle.isCommitted) claim(world, vehicle, vehicle.turn, true)
    else if (vehicle.turnBefore >= 0) claim(world, vehicle, vehicle.turnBefore, false)
  }
}

function claim(world: World, vehicle: Vehicle, turnIndex: number, isBound: boolean) {
  const turn = turnOf(world, turnIndex)
  const { from, boundM, boundBy } = world.crossing
  from[turn.junction] = joined(from[turn.junction]!, turn.fromStreet)
  boundBy[turn.toLane] = joined(boundBy[turn.toLane]!, turnIndex)
  if (isBound) boundM[turn.toLane]! += vehicle.lengthM + standingGapM
}

function joined(before: number, next: number): number {
  return before === -1 || before === next ? next : -2
}

/** Distance at which the vehicle has to stop for the junction ahead, or Infinity. Commits it where it cannot stop any more. */
export function stopLineM(world: World, vehicle: Vehicle, lane: StreetLane): number {
  if (!world.lights.has(lane.junction)) return Number.POSITIVE_INFINITY
  const distanceM = lane.lengthM - vehicle.sM
  const stoppingM = vehicle.speedMps ** 2 / (2 * stopBrakeMps2)
  if (distanceM > 2 * stoppingM + 30) return Number.POSITIVE_INFINITY
  const canStop = stoppingM + 0.3 < distanceM
  if (!canStop && vehicle.isCommitted) return Number.POSITIVE_INFINITY
  vehicle.isCommitted = false
  if (!mayCross(world, vehicle, lane, canStop)) return distanceM
  if (!canStop) {
    vehicle.isCommitted = true
    claim(world, vehicle, vehicle.turn, true)
  }
  return Number.POSITIVE_INFINITY
}

function mayCross(world: World, vehicle: Vehicle, lane: StreetLane, canStop: boolean): boolean {
  const { from, boundM, boundBy } = world.crossing
  const light = world.lights.lightFor(lane.junction, lane.street, timeOf(world.tick))
  if (light === 'red' || (light === 'yellow' && canStop)) return false
  const crossingFrom = from[lane.junction]!
  if (crossingFrom !== -1 && crossingFrom !== lane.street) return false
  const turn = turnOf(world, vehicle.turn)
  const by = boundBy[turn.toLane]!
  if (by !== -1 && by !== turn.index) return false
  return roomM(world, turn.toLane) - boundM[turn.toLane]! >= vehicle.lengthM + standingGapM
}

/** Room at the start of a lane; what drives on makes room while one crosses. */
function roomM(world: World, lane: number): number {
  const last = world.onLane[lane]!.at(-1)
  if (last === undefined) return Number.POSITIVE_INFINITY
  const rearM = last.sM - last.lengthM
  return rearM + 5 * last.speedMps
}
