import type { TruthRow } from '../truth-row.js'
import type { Random } from './random.js'
import type { StreetLane } from './road-graph.js'
import type { Vehicle } from './vehicle.js'
import { behind, headingOf, placeOf, streetLaneOf, timeOf, type World } from './world.js'

/** Something that is staged: a hazard with its truth, or a decoy that looks like one and has none. */
export interface Scene {
  readonly isHazard: boolean
  /** Begins it somewhere, or undefined if there is no fit place now. */
  begin(stage: Stage): SceneRun | undefined
}

export interface Stage {
  readonly world: World
  readonly random: Random
  /** Takes a vehicle away for good and sends another in its place, somewhere else and under another name. */
  replace(vehicle: Vehicle): void
}

export interface SceneRun {
  /** Called every tick before driving; false when it is over. */
  step(): boolean
  /** Undefined for a decoy, and while it is no hazard yet. Without `index` and `id`, which the city gives. */
  truth(): SceneTruth | undefined
}

export type SceneTruth = Omit<TruthRow, 'index' | 'id'>

export const noTruth = (): undefined => undefined

/** A moving vehicle that plays in no scene, on a street, far enough from both its ends. */
export function pickVehicle(stage: Stage, fits: (vehicle: Vehicle, lane: StreetLane) => boolean): Vehicle | undefined {
  const { world, random } = stage
  const fit = world.vehicles.filter(vehicle => {
    const lane = streetLaneOf(world, vehicle)
    if (lane === undefined || vehicle.isParked || vehicle.scene !== undefined || vehicle.laneBefore >= 0 || vehicle.isCommitted)
      return false
    if (vehicle.lateralM !== 0 || vehicle.stopAtM > vehicle.sM) return false
    return vehicle.sM > 40 && vehicle.sM < lane.lengthM - 70 && fits(vehicle, lane)
  })
  return fit.length === 0 ? undefined : random.pick(fit)
}

/** True if whoever follows stays out of trouble when the vehicle brakes like this: 5 m/s² are enough for him. */
export function isFollowerSafe(world: World, vehicle: Vehicle, brakeMps2: number): boolean {
  const follower = behind(world, vehicle.lane, vehicle.sM - vehicle.lengthM)
  if (follower === undefined) return true
  const roomM = follower.gapM - 4 + vehicle.speedMps ** 2 / (2 * brakeMps2)
  return roomM > 0 && follower.vehicle.speedMps ** 2 / (2 * roomM) < 5
}

/** Truth at a vehicle, from now on. */
export function truthAt(world: World, vehicle: Vehicle, cause: number, subCause: number, radiusM: number): SceneTruth {
  const place = placeOf(world, vehicle)
  return {
    kind: 'must',
    cause,
    subCause,
    lat: Math.round(world.metres.lat(place.y) * 1e7) / 1e7,
    lon: Math.round(world.metres.lon(place.x) * 1e7) / 1e7,
    radiusM,
    fromS: timeOf(world.tick),
    toS: Number.POSITIVE_INFINITY,
    headingDeg: Math.round(headingOf(place) * 10) / 10,
    vehicleIds: [vehicle.id],
  }
}
