import type { LocalMetres } from '../local-metres.js'
import type { CurvePoint } from './lane-curve.js'
import type { Lights } from './lights.js'
import type { Random } from './random.js'
import type { RoadGraph, StreetLane, TurnLane } from './road-graph.js'
import type { Vehicle } from './vehicle.js'

/** Ticks per second; everything moves at once, ten times a second. */
export const ticksPerS = 10
export const tickS = 1 / ticksPerS

/** A stretch of a street where drivers slow down: something lies there, or it is slippery. */
export interface Stretch {
  readonly street: number
  readonly fromM: number
  readonly toM: number
  /** Share of the limit that is driven there. */
  readonly limitShare: number
  /** Coefficient of friction there, if it is not the city's. */
  readonly friction?: number
}

/** All that is there and changes. */
export interface World {
  readonly graph: RoadGraph
  readonly lights: Lights
  readonly metres: LocalMetres
  readonly random: Random
  readonly vehicles: Vehicle[]
  /** Vehicles of each lane, the foremost first; one that changes lanes is in both. */
  readonly onLane: Vehicle[][]
  /** Bus stops: street → metres from the start of its right lane. */
  readonly busStops: ReadonlyMap<number, number>
  /** By street; one each at most. */
  readonly stretches: Map<number, Stretch>
  readonly crossing: Crossing
  tick: number
}

/** Who is on a junction or can no longer stop before it; counted anew every tick. */
export interface Crossing {
  /** Per junction: the street they come from, -1 none, -2 several. */
  readonly from: Int32Array
  /** Per street lane: metres that vehicles bound for it will take, and the turn they come by (-1 none, -2 several). */
  readonly boundM: Float64Array
  readonly boundBy: Int32Array
}

export function createCrossing(graph: RoadGraph): Crossing {
  return {
    from: new Int32Array(graph.junctions.length),
    boundM: new Float64Array(graph.lanes.length),
    boundBy: new Int32Array(graph.lanes.length),
  }
}

export function timeOf(tick: number): number {
  return tick / ticksPerS
}

export function streetLaneOf(world: World, vehicle: Vehicle): StreetLane | undefined {
  const lane = world.graph.lanes[vehicle.lane]!
  return lane.kind === 'street' ? lane : undefined
}

export function turnOf(world: World, index: number): TurnLane {
  return world.graph.lanes[index] as TurnLane
}

/** Puts a vehicle into a lane's list where its front belongs. */
export function enterLane(world: World, vehicle: Vehicle, lane: number) {
  const list = world.onLane[lane]!
  let at = list.length
  while (at > 0 && list[at - 1]!.sM < vehicle.sM) at--
  list.splice(at, 0, vehicle)
}

export function leaveLane(world: World, vehicle: Vehicle, lane: number) {
  const list = world.onLane[lane]!
  const at = list.indexOf(vehicle)
  if (at >= 0) list.splice(at, 1)
}

/** The vehicle next behind a place of a lane, with the gap to its front. */
export function behind(world: World, lane: number, rearM: number): { readonly vehicle: Vehicle; readonly gapM: number } | undefined {
  const vehicle = world.onLane[lane]!.find(other => other.sM <= rearM)
  return vehicle && { vehicle, gapM: rearM - vehicle.sM }
}

const scratch: CurvePoint = { x: 0, y: 0, dx: 0, dy: 0 }

/** True position of a vehicle's front, and where it points. The result is reused by the next call. */
export function placeOf(world: World, vehicle: Vehicle): CurvePoint {
  world.graph.lanes[vehicle.lane]!.curve.pointAt(vehicle.sM, scratch)
  const { dx, dy } = scratch
  scratch.x -= dy * vehicle.lateralM
  scratch.y += dx * vehicle.lateralM
  const swingM = vehicle.lateralM - vehicle.tailLateralM
  if (swingM !== 0) {
    const length = Math.hypot(vehicle.lengthM, swingM)
    scratch.dx = (dx * vehicle.lengthM - dy * swingM) / length
    scratch.dy = (dy * vehicle.lengthM + dx * swingM) / length
  }
  return scratch
}

/** Clockwise from north, 0..360. */
export function headingOf({ dx, dy }: { readonly dx: number; readonly dy: number }): number {
  const degrees = (Math.atan2(dx, dy) * 180) / Math.PI
  return degrees < 0 ? degrees + 360 : degrees
}
