import type { VehicleRole } from '../traffic-sample.js'
import type { Driver } from './car-following.js'

/** One vehicle of the city: where it is, how it is driven, what it carries. Mutable; only the city's own files write it. */
export interface Vehicle {
  readonly id: string
  readonly lengthM: number
  readonly role: VehicleRole
  readonly driver: Driver
  readonly sensors: VehicleSensors

  /** Lane its front is on, and the front's distance from the lane's start. */
  lane: number
  sM: number
  speedMps: number
  /** Of the last tick, as the change of speed says. */
  accelMps2: number
  /** Where its centre line is beside the lane's, left +, and what it moves to. */
  lateralM: number
  lateralTargetM: number
  lateralMps: number
  /** The same of its rear, which follows the front as a trailer does. */
  tailLateralM: number
  /** While it changes lanes: the lane it has not left yet, else -1. It is in both lanes' lists. */
  laneBefore: number
  changeAllowedTick: number
  /** Turn it takes at the end of its lane, and the street it wants, which may need another lane first. */
  turn: number
  wantedStreet: number
  /** It can no longer stop before the junction, and has the right to cross it. */
  isCommitted: boolean
  /** Turn it came from, while its rear may still be on it; else -1. */
  turnBefore: number
  /** Beside the road: in no lane's list, not driving. */
  isParked: boolean
  /** Bus: where it stops on its lane, and until when. */
  stopAtM: number
  stopUntilTick: number

  /** What a scene makes it do: not faster than, and this acceleration unless the road demands harder braking. */
  capMps: number
  capBrakeMps2: number
  forcedAccelMps2: number
  flags: number
  /** Name of the scene it plays in. */
  scene: string | undefined
  /** What its driver says he sees, for the next sample. */
  report: { readonly cause: number; readonly subCause: number; readonly aheadM: number } | undefined

  /** Next computed, applied when every vehicle's is known. */
  nextAccelMps2: number
}

/** What a vehicle measures and how well. */
export interface VehicleSensors {
  readonly hasConditions: boolean
  /** Deviation of its position, per axis, and the radius it states: 95 % of a circular normal distribution. */
  readonly deviationM: number
  readonly hAccM: number
  /** Present error east and north. */
  errorXM: number
  errorYM: number
  intervalTicks: number
  dueTick: number
  /** Flags of the sample before: a new one is told at once. */
  toldFlags: number
}
