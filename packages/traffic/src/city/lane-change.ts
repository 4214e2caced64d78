// Changing lanes: towards the lane that leads where one wants to go, and past what stands or creeps. A vehicle belongs to both lanes
// until it is clear of the old one.
import { followAccel } from './car-following.js'
import { laneWidthM, type StreetLane } from './road-graph.js'
import { leadsToWanted, takeTurn } from './route.js'
import type { Vehicle } from './vehicle.js'
import { enterLane, streetLaneOf, ticksPerS, turnOf, type World } from './world.js'

/** Widths of two vehicles' halves and a hand's breadth. */
const apartM = 2.1

/** Who comes out of a junction has to see a change ahead of him in time. */
const noChangeFromStartM = 60
const urgeFromEndM = 150

/** True once what is still in the lane it leaves does not hold a lane changer back: it can drive past. Long ones cut the corner and need more. */
export function canDrivePast(world: World, vehicle: Vehicle): boolean {
  return clearOfLaneM(world, vehicle, vehicle.lateralM) >= 0.12 * Math.max(0, vehicle.lengthM - 5)
}

/** True once its rear, too, is out of the lane it leaves. */
export function hasLeftLane(world: World, vehicle: Vehicle): boolean {
  return clearOfLaneM(world, vehicle, vehicle.tailLateralM) >= 0
}

function clearOfLaneM(world: World, vehicle: Vehicle, lateralM: number): number {
  const now = world.graph.lanes[vehicle.lane] as StreetLane
  const beforeAtM = now.left === vehicle.laneBefore ? laneWidthM : -laneWidthM
  return Math.abs(beforeAtM - lateralM) - apartM
}

export function changeLanes(world: World) {
  for (const [index, vehicle] of world.vehicles.entries()) {
    // Twice a second each, not all at once.
    if ((world.tick + index) % (ticksPerS / 2) === 0 && mayThinkOfIt(world, vehicle)) consider(world, vehicle)
  }
}

function mayThinkOfIt(world: World, vehicle: Vehicle): boolean {
  const isFree = !vehicle.isParked && vehicle.laneBefore < 0 && vehicle.lateralTargetM === 0 && !vehicle.isCommitted
  return isFree && vehicle.scene === undefined && world.tick >= vehicle.changeAllowedTick && vehicle.stopAtM < vehicle.sM
}

function consider(world: World, vehicle: Vehicle) {
  const lane = streetLaneOf(world, vehicle)
  if (lane === undefined || vehicle.sM < noChangeFromStartM) return
  const endM = lane.lengthM - vehicle.sM
  if (endM < 30 + 2 * vehicle.speedMps) return
  for (const target of [lane.left, lane.right]) {
    if (target < 0) continue
    const onto = world.graph.lanes[target] as StreetLane
    const leads = leadsToWanted(world, vehicle, onto)
    const mustLeave = !leadsToWanted(world, vehicle, lane) && leads && endM < urgeFromEndM
    const isBlocked = isBlockedIn(world, vehicle, lane)
    const gains = isBlocked || (leads && gainsSpeed(world, vehicle, lane, onto))
    if (!(mustLeave || gains) || !isSafe(world, vehicle, onto)) continue
    startChange(world, vehicle, lane, onto)
    if (!leads) vehicle.wantedStreet = turnOf(world, onto.turns[0]!).toStreet
    takeTurn(world, vehicle, onto)
    return
  }
}

/** Behind one that will not move on: it stands for no light and no queue. */
function isBlockedIn(world: World, vehicle: Vehicle, lane: StreetLane): boolean {
  const ahead = leaderIn(world, lane.index, vehicle)
  if (ahead === undefined || ahead.sM - ahead.lengthM - vehicle.sM > 80) return false
  return ahead.speedMps < 3 && firstOfQueue(world, lane.index, ahead).capMps === 0
}

/** The one that all between stand behind. */
function firstOfQueue(world: World, lane: number, from: Vehicle): Vehicle {
  let first = from
  for (;;) {
    const next = leaderIn(world, lane, first)
    if (next === undefined || next.sM - next.lengthM - first.sM > 8) return first
    first = next
  }
}

function gainsSpeed(world: World, vehicle: Vehicle, lane: StreetLane, onto: StreetLane): boolean {
  const here = leaderIn(world, lane.index, vehicle)
  if (here === undefined || here.speedMps > lane.limitMps - 4) return false
  return accelBehind(vehicle, lane, leaderIn(world, onto.index, vehicle)) > accelBehind(vehicle, lane, here) + 0.5
}

function accelBehind(vehicle: Vehicle, lane: StreetLane, leader: Vehicle | undefined): number {
  const wanted = lane.limitMps * vehicle.driver.limitShare
  const gapM = leader === undefined ? 1000 : leader.sM - leader.lengthM - vehicle.sM
  return followAccel(vehicle.driver, vehicle.speedMps, wanted, gapM, leader?.speedMps ?? wanted)
}

/** Neither it nor the one behind in the new lane has to brake by more than 2.5 m/s². */
function isSafe(world: World, vehicle: Vehicle, onto: StreetLane): boolean {
  const ahead = leaderIn(world, onto.index, vehicle)
  const gapAheadM = ahead === undefined ? 1000 : ahead.sM - ahead.lengthM - vehicle.sM
  if (gapAheadM < 3 + 0.3 * vehicle.speedMps || accelBehind(vehicle, onto, ahead) < -2.5) return false
  const list = world.onLane[onto.index]!
  const follower = list.find(other => other.sM <= vehicle.sM)
  if (follower === undefined) return true
  const gapM = vehicle.sM - vehicle.lengthM - follower.sM
  return gapM > 3 + 0.3 * follower.speedMps && accelBehind(follower, onto, vehicle) > -2.5
}

function startChange(world: World, vehicle: Vehicle, lane: StreetLane, onto: StreetLane) {
  vehicle.laneBefore = lane.index
  vehicle.lane = onto.index
  const shiftM = onto.index === lane.left ? -laneWidthM : laneWidthM
  vehicle.lateralM += shiftM
  vehicle.tailLateralM += shiftM
  vehicle.lateralTargetM = 0
  vehicle.changeAllowedTick = world.tick + 4 * ticksPerS
  enterLane(world, vehicle, onto.index)
}

function leaderIn(world: World, lane: number, vehicle: Vehicle): Vehicle | undefined {
  return world.onLane[lane]!.findLast(other => other.sM > vehicle.sM)
}
