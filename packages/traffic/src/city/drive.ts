// One tick of driving: every vehicle's acceleration from what stands now, then all move at once.
import { brakeMaxMps2, followAccel, freeAccel, slowDownAccel, stopAccel } from './car-following.js'
import { countCrossing, stopLineM } from './junction-crossing.js'
import { canDrivePast, hasLeftLane } from './lane-change.js'
import type { StreetLane, TurnLane } from './road-graph.js'
import { planTurn } from './route.js'
import type { Vehicle } from './vehicle.js'
import { enterLane, leaveLane, tickS, turnOf, type World } from './world.js'

/** How far ahead a driver looks past the end of the lane. */
const lookAheadM = 120

/** Kept in addition to the standing gap behind a vehicle that is out of action. */
const pullOutM = 4

/** Ways that part at a junction are apart after this many metres. */
const partedM = 8

export function driveTick(world: World) {
  countCrossing(world)
  for (const list of world.onLane) {
    for (let at = 0; at < list.length; at++) decide(world, list, at)
  }
  for (const vehicle of world.vehicles) if (!vehicle.isParked) move(world, vehicle)
}

function decide(world: World, list: readonly Vehicle[], at: number) {
  const vehicle = list[at]!
  const lane = world.graph.lanes[vehicle.lane]!
  // A lane changer is in two lists: its lane's decides on everything, the one it leaves only on who is ahead there.
  if (world.onLane[vehicle.lane] !== list) {
    const leader = list[at - 1]
    if (leader && !canDrivePast(world, vehicle)) holdBack(vehicle, squeezing(vehicle, wantedMps(world, vehicle), leader))
    return
  }
  const wanted = wantedMps(world, vehicle)
  let accel = freeAccel(vehicle.driver, vehicle.speedMps, wanted)
  const leader = list[at - 1]
  if (leader) accel = Math.min(accel, followVehicle(vehicle, wanted, leader.sM - leader.lengthM - vehicle.sM, leader))
  if (lane.kind === 'street') accel = Math.min(accel, streetAccel(world, vehicle, lane, wanted, leader === undefined))
  else accel = Math.min(accel, turnAccel(world, vehicle, lane, wanted, leader === undefined))
  accel = Math.min(accel, vehicle.forcedAccelMps2, Math.max((vehicle.capMps - vehicle.speedMps) / tickS, -vehicle.capBrakeMps2))
  holdBack(vehicle, accel)
}

/** Of a lane changer's two lists the stronger braking counts; `move` puts it back to Infinity. */
function holdBack(vehicle: Vehicle, accelMps2: number) {
  vehicle.nextAccelMps2 = Math.min(vehicle.nextAccelMps2, accelMps2)
}

/** Behind what will not move on, drivers leave room to pull out. */
function followVehicle(vehicle: Vehicle, wanted: number, gapM: number, leader: Vehicle): number {
  return follow(vehicle, wanted, leader.capMps === 0 ? gapM - pullOutM : gapM, leader.speedMps)
}

function follow(vehicle: Vehicle, wanted: number, gapM: number, leadMps: number): number {
  return followAccel(vehicle.driver, vehicle.speedMps, wanted, gapM, leadMps)
}

/** Past the one it leaves behind a driver goes closer than he would follow. */
function squeezing(vehicle: Vehicle, wanted: number, leader: Vehicle): number {
  const gapM = leader.sM - leader.lengthM - vehicle.sM
  return followAccel({ ...vehicle.driver, headwayS: 0.5 }, vehicle.speedMps, wanted, gapM + 1, leader.speedMps)
}

function wantedMps(world: World, vehicle: Vehicle): number {
  return world.graph.lanes[vehicle.lane]!.limitMps * vehicle.driver.limitShare
}

function streetAccel(world: World, vehicle: Vehicle, lane: StreetLane, wanted: number, isFirst: boolean): number {
  const share = vehicle.driver.limitShare
  const endM = lane.lengthM - vehicle.sM
  let accel = Number.POSITIVE_INFINITY
  const stretch = world.stretches.get(lane.street)
  if (stretch !== undefined && vehicle.sM <= stretch.toM) {
    const slowerMps = lane.limitMps * stretch.limitShare * share
    if (vehicle.sM < stretch.fromM) accel = slowDownAccel(vehicle.speedMps, slowerMps, stretch.fromM - vehicle.sM)
    else accel = freeAccel(vehicle.driver, vehicle.speedMps, slowerMps)
  }
  if (vehicle.stopAtM > vehicle.sM - 1) accel = Math.min(accel, follow(vehicle, wanted, vehicle.stopAtM - vehicle.sM + 2, 0))
  if (endM > lookAheadM) return accel
  const turn = turnOf(world, vehicle.turn)
  accel = Math.min(accel, slowDownAccel(vehicle.speedMps, turn.limitMps * share, endM))
  accel = Math.min(accel, stopAccel(vehicle.speedMps, stopLineM(world, vehicle, lane)))
  return isFirst ? Math.min(accel, beyondAccel(world, vehicle, lane, turn, wanted, endM)) : accel
}

/** The first of a lane looks into the junction: at who takes its way, who has only begun another, and who is past it. */
function beyondAccel(world: World, vehicle: Vehicle, lane: StreetLane, turn: TurnLane, wanted: number, endM: number): number {
  let accel = Number.POSITIVE_INFINITY
  for (const other of lane.turns) {
    const last = world.onLane[other]!.at(-1)
    if (last === undefined) continue
    const rearM = last.sM - last.lengthM
    if (other === turn.index || rearM < partedM) accel = Math.min(accel, follow(vehicle, wanted, endM + rearM, last.speedMps))
  }
  if (world.onLane[turn.index]!.length > 0) return accel
  return Math.min(accel, ontoAccel(world, vehicle, turn, wanted, endM + turn.lengthM))
}

function ontoAccel(world: World, vehicle: Vehicle, turn: TurnLane, wanted: number, startM: number): number {
  const last = world.onLane[turn.toLane]!.at(-1)
  return last === undefined ? Number.POSITIVE_INFINITY : follow(vehicle, wanted, startM + last.sM - last.lengthM, last.speedMps)
}

function turnAccel(world: World, vehicle: Vehicle, lane: TurnLane, wanted: number, isFirst: boolean): number {
  let accel = Number.POSITIVE_INFINITY
  if (vehicle.sM < partedM) {
    const from = world.graph.lanes[lane.fromLane] as StreetLane
    for (const other of from.turns) {
      if (other === lane.index) continue
      for (const sibling of world.onLane[other]!) {
        const rearM = sibling.sM - sibling.lengthM
        if (rearM < partedM && sibling.sM > vehicle.sM)
          accel = Math.min(accel, follow(vehicle, wanted, rearM - vehicle.sM, sibling.speedMps))
      }
    }
  }
  return isFirst ? Math.min(accel, ontoAccel(world, vehicle, lane, wanted, lane.lengthM - vehicle.sM)) : accel
}

function move(world: World, vehicle: Vehicle) {
  const before = vehicle.speedMps
  const accel = vehicle.nextAccelMps2
  vehicle.nextAccelMps2 = Number.POSITIVE_INFINITY
  const after = Math.max(0, before + accel * tickS)
  // One that stops within the tick stops where its braking ends.
  vehicle.sM += after > 0 || before === 0 ? ((before + after) / 2) * tickS : before ** 2 / (2 * Math.max(-accel, brakeMaxMps2))
  vehicle.speedMps = after < 0.01 && accel <= 0 ? 0 : after
  vehicle.accelMps2 = (vehicle.speedMps - before) / tickS
  moveSideways(world, vehicle)
  for (let lane = world.graph.lanes[vehicle.lane]!; vehicle.sM >= lane.lengthM; lane = world.graph.lanes[vehicle.lane]!) {
    vehicle.sM -= lane.lengthM
    onto(world, vehicle, lane.kind === 'street' ? vehicle.turn : lane.toLane)
  }
  if (vehicle.turnBefore >= 0 && vehicle.sM >= vehicle.lengthM) vehicle.turnBefore = -1
}

function onto(world: World, vehicle: Vehicle, lane: number) {
  if (vehicle.laneBefore >= 0) leaveLane(world, vehicle, vehicle.laneBefore)
  vehicle.laneBefore = -1
  leaveLane(world, vehicle, vehicle.lane)
  if (world.graph.lanes[lane]!.kind === 'street') {
    vehicle.turnBefore = vehicle.lane
    vehicle.isCommitted = false
  }
  vehicle.lane = lane
  enterLane(world, vehicle, lane)
  if (world.graph.lanes[lane]!.kind === 'street') planTurn(world, vehicle)
}

/** Sideways at half the speed at most, as steering allows; the rear is drawn along as a trailer is, which needs a length to get there. */
function moveSideways(world: World, vehicle: Vehicle) {
  const offM = vehicle.lateralTargetM - vehicle.lateralM
  const rate = Math.min(1.3, 0.5 * vehicle.speedMps, Math.abs(offM) / tickS)
  vehicle.lateralMps = Math.sign(offM) * rate
  vehicle.lateralM += vehicle.lateralMps * tickS
  const drawn = Math.min(1, (vehicle.speedMps * tickS) / vehicle.lengthM)
  vehicle.tailLateralM += (vehicle.lateralM - vehicle.tailLateralM) * drawn
  if (Math.abs(vehicle.tailLateralM - vehicle.lateralM) < 0.01) vehicle.tailLateralM = vehicle.lateralM
  if (vehicle.laneBefore < 0 || !canDrivePast(world, vehicle)) return
  // Its rear may still stick out; once its front is past the next one there, that one's rear keeps others away, and lists stay in order.
  const list = world.onLane[vehicle.laneBefore]!
  const leader = list[list.indexOf(vehicle) - 1]
  const isPast = leader !== undefined && leader.sM <= vehicle.sM
  if (!hasLeftLane(world, vehicle) && !isPast) return
  leaveLane(world, vehicle, vehicle.laneBefore)
  vehicle.laneBefore = -1
}
