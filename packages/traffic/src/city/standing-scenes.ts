// Vehicles that stand where traffic runs: broken down with lights on, silently, after a crash; and, as a decoy, parked beside the lane.
import { flagBits } from '../traffic-sample.js'
import { isFollowerSafe, noTruth, pickVehicle, type Scene, type SceneRun, type SceneTruth, type Stage, truthAt } from './scene.js'
import type { Vehicle } from './vehicle.js'
import { behind, enterLane, leaveLane, streetLaneOf, ticksPerS, timeOf } from './world.js'

/** Stops on its lane with hazard lights, half of them saying that they broke down, and goes on after one to four minutes. */
export const stalledSignalling: Scene = {
  isHazard: true,
  begin: stage => {
    const vehicle = pickVehicle(stage, ({ speedMps, role }) => speedMps > 6 && role === 'default')
    if (vehicle === undefined) return undefined
    const hasWayRound = streetLaneOf(stage.world, vehicle)!.left >= 0 || streetLaneOf(stage.world, vehicle)!.right >= 0
    const flags = flagBits.hazard_lights | (stage.random.chance(0.5) ? flagBits.breakdown : 0)
    return stall(stage, vehicle, { flags, subCause: 2, standS: stage.random.between(60, hasWayRound ? 240 : 100) })
  },
}

/** Stops without a sign for three to five minutes, only where others can pass: that is how it is told from a queue. */
export const stalledSilent: Scene = {
  isHazard: true,
  begin: stage => {
    const vehicle = pickVehicle(
      stage,
      ({ speedMps, role }, { left, right }) => speedMps > 6 && role === 'default' && (left >= 0 || right >= 0),
    )
    return vehicle && stall(stage, vehicle, { flags: 0, subCause: 0, standS: stage.random.between(180, 300) })
  },
}

function stall({ world }: Stage, vehicle: Vehicle, how: { flags: number; subCause: number; standS: number }): SceneRun {
  let truth: SceneTruth | undefined
  vehicle.capMps = 0
  vehicle.capBrakeMps2 = 2.5
  vehicle.flags |= how.flags
  return {
    truth: () => truth,
    step: () => {
      if (truth === undefined) {
        if (vehicle.speedMps === 0) truth = truthAt(world, vehicle, 94, how.subCause, 30)
        return true
      }
      if (timeOf(world.tick) < truth.fromS + how.standS) return true
      release(vehicle, how.flags)
      if (vehicle.speedMps < 2) return true
      truth = { ...truth, toS: timeOf(world.tick) }
      return false
    },
  }
}

function release(vehicle: Vehicle, flags: number) {
  vehicle.capMps = Number.POSITIVE_INFINITY
  vehicle.flags &= ~flags
}

/** Hits something: stops within metres, airbag and automatic emergency call, and is towed away after two to four minutes. */
export const crash: Scene = {
  isHazard: true,
  begin: stage => {
    const { world, random } = stage
    const brakeMps2 = 22
    const vehicle = pickVehicle(
      stage,
      (each, { left, right }) => each.speedMps > 9 && (left >= 0 || right >= 0) && isFollowerSafe(world, each, brakeMps2),
    )
    if (vehicle === undefined) return undefined
    const truth = truthAt(world, vehicle, 92, 3, 40)
    const untilS = truth.fromS + random.between(120, 240)
    vehicle.forcedAccelMps2 = -brakeMps2
    vehicle.flags |= flagBits.airbag | flagBits.ecall_auto
    let isOver = false
    return {
      truth: () => (isOver ? { ...truth, toS: untilS } : truth),
      step: () => {
        if (vehicle.speedMps === 0) {
          vehicle.capMps = 0
          vehicle.forcedAccelMps2 = Number.POSITIVE_INFINITY
        }
        isOver = timeOf(world.tick) >= untilS
        if (isOver) stage.replace(vehicle)
        return !isOver
      },
    }
  },
}

/** Beside the right lane of a side street: half a car's width of it stays free. */
const kerbM = -2.9

/** Slows, pulls over to the kerb, stands one to four minutes and leaves when there is a gap. */
export const parkedCar: Scene = {
  isHazard: false,
  begin: stage => {
    const { world, random } = stage
    const isFit = (each: Vehicle, kind: string, number: number) => each.role === 'default' && kind === 'street' && number === 0
    const vehicle = pickVehicle(stage, (each, lane) => isFit(each, world.graph.streets[lane.street]!.kind, lane.number))
    if (vehicle === undefined) return undefined
    const flags = random.chance(0.6) ? flagBits.parking_brake | flagBits.ignition_off : 0
    const standTicks = random.whole(60 * ticksPerS, 240 * ticksPerS)
    let leavesTick = Number.POSITIVE_INFINITY
    vehicle.capMps = 3
    vehicle.capBrakeMps2 = 2
    return { truth: noTruth, step }

    function step(): boolean {
      if (vehicle!.isParked) return standing(vehicle!)
      return leavesTick === Number.POSITIVE_INFINITY ? pullingOver(vehicle!) : pullingOut(vehicle!)
    }

    function pullingOver(car: Vehicle): boolean {
      const lane = streetLaneOf(world, car)!
      if (lane.lengthM - car.sM < 45) return giveUp(car)
      if (car.lateralTargetM === 0 && car.speedMps <= 3.2 && isKerbFree(car)) car.lateralTargetM = kerbM
      if (car.tailLateralM < kerbM + 0.5) car.capMps = 0
      if (car.capMps > 0 || car.speedMps > 0) return true
      leaveLane(world, car, car.lane)
      car.isParked = true
      car.lateralMps = 0
      car.flags |= flags
      leavesTick = world.tick + standTicks
      return true
    }

    function isKerbFree(car: Vehicle): boolean {
      const isAtKerb = (other: Vehicle) => other.isParked || other.lateralTargetM < 0 || other.lateralM < -1
      return !world.vehicles.some(
        each => each !== car && each.lane === car.lane && isAtKerb(each) && each.sM > car.sM - 20 && each.sM < car.sM + 30,
      )
    }

    function standing(car: Vehicle): boolean {
      if (world.tick < leavesTick) return true
      const follower = behind(world, car.lane, car.sM + 1)
      const isAhead = world.onLane[car.lane]!.some(other => other.sM > car.sM - 1 && other.sM - other.lengthM < car.sM + 8)
      if (isAhead || (follower && follower.gapM - car.lengthM < 10 + follower.vehicle.speedMps ** 2 / 4)) return true
      enterLane(world, car, car.lane)
      car.isParked = false
      car.flags &= ~flags
      return giveUp(car)
    }

    /** Back into the lane, from wherever it is beside it. */
    function giveUp(car: Vehicle): boolean {
      leavesTick = world.tick
      car.lateralTargetM = 0
      car.capMps = Number.POSITIVE_INFINITY
      return pullingOut(car)
    }

    function pullingOut(car: Vehicle): boolean {
      return car.tailLateralM !== 0
    }
  },
}
