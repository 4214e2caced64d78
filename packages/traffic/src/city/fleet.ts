import type { VehicleRole } from '../traffic-sample.js'
import type { Random } from './random.js'
import type { StreetLane } from './road-graph.js'
import { planTurn } from './route.js'
import type { Vehicle, VehicleSensors } from './vehicle.js'
import { enterLane, ticksPerS, type World } from './world.js'

export interface FleetOptions {
  /** Shares of vehicles, 0..1. */
  readonly conditionShare: number
  readonly accurateShare: number
  readonly intervalS: number
}

interface VehicleKind {
  readonly role: VehicleRole
  readonly lengthM: readonly [min: number, max: number]
  readonly accelMps2: readonly [min: number, max: number]
}

const kinds = {
  car: { role: 'default', lengthM: [3.9, 4.9], accelMps2: [1.5, 2.3] },
  lorry: { role: 'commercial', lengthM: [8, 11], accelMps2: [0.9, 1.2] },
  bus: { role: 'public_transport', lengthM: [12, 12], accelMps2: [0.9, 1.2] },
} as const satisfies Record<string, VehicleKind>

/** Deviations per axis: with corrections or without. 95 % of a circular normal distribution lie within 2.45 deviations. */
const accurateM = [0.4, 1.2] as const
const inaccurateM = [2.5, 6] as const
const radiusFactor = 2.45

/** Makes a vehicle of no place yet. */
export function createVehicle(id: string, world: World, options: FleetOptions, random: Random): Vehicle {
  const drawn = random.next()
  const kind = drawn < 0.05 ? kinds.bus : drawn < 0.13 ? kinds.lorry : kinds.car
  return {
    id,
    lengthM: Math.round(within(random, kind.lengthM) * 10) / 10,
    role: kind.role,
    driver: {
      limitShare: random.between(0.92, 1.08),
      accelMps2: within(random, kind.accelMps2),
      brakeMps2: random.between(1.8, 2.4),
      headwayS: random.between(1.1, 1.7),
    },
    sensors: createSensors(world, options, random),
    lane: -1,
    sM: 0,
    speedMps: 0,
    accelMps2: 0,
    lateralM: 0,
    lateralTargetM: 0,
    lateralMps: 0,
    tailLateralM: 0,
    laneBefore: -1,
    changeAllowedTick: 0,
    turn: -1,
    wantedStreet: -1,
    isCommitted: false,
    turnBefore: -1,
    isParked: false,
    stopAtM: Number.NEGATIVE_INFINITY,
    stopUntilTick: -1,
    capMps: Number.POSITIVE_INFINITY,
    capBrakeMps2: 2,
    forcedAccelMps2: Number.POSITIVE_INFINITY,
    flags: 0,
    scene: undefined,
    report: undefined,
    nextAccelMps2: Number.POSITIVE_INFINITY,
  }
}

function createSensors(world: World, options: FleetOptions, random: Random): VehicleSensors {
  const deviationM = within(random, random.chance(options.accurateShare) ? accurateM : inaccurateM)
  const intervalTicks = Math.max(1, Math.round(options.intervalS * ticksPerS))
  return {
    hasConditions: random.chance(options.conditionShare),
    deviationM,
    hAccM: Math.round(deviationM * radiusFactor * 10) / 10,
    errorXM: deviationM * random.normal(),
    errorYM: deviationM * random.normal(),
    intervalTicks,
    // Vehicles report out of step with one another.
    dueTick: world.tick + random.whole(1, intervalTicks),
    toldFlags: 0,
  }
}

function within(random: Random, [min, max]: readonly [number, number]): number {
  return random.between(min, max)
}

/** Tries before a city counts as full. */
const placesTried = 2000

/** Puts a vehicle on a street where there is room before and behind; false if there is none. */
export function placeVehicle(world: World, vehicle: Vehicle, random: Random): boolean {
  for (let tried = 0; tried < placesTried; tried++) {
    const lane = world.graph.lanes[random.pick(random.pick(world.graph.lanesOfStreet))] as StreetLane
    const sM = random.between(vehicle.lengthM + 2, lane.lengthM - 30)
    if (!hasRoom(world, lane, sM, vehicle)) continue
    Object.assign(vehicle, { lane: lane.index, sM, speedMps: 6 })
    enterLane(world, vehicle, lane.index)
    planTurn(world, vehicle)
    return true
  }
  return false
}

function hasRoom(world: World, lane: StreetLane, sM: number, vehicle: Vehicle): boolean {
  return world.onLane[lane.index]!.every(other => {
    const aheadM = other.sM - other.lengthM - sM
    const behindM = sM - vehicle.lengthM - other.sM
    return aheadM > 10 + standOff(vehicle.speedMps) || behindM > 10 + standOff(other.speedMps)
  })
}

/** Room to brake at 3 m/s². */
function standOff(speedMps: number): number {
  return speedMps ** 2 / 6
}
