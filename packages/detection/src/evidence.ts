import type { VehicleIdentity } from '@outrider/identity'

/** Names of the detectors; in records, counts and reasons. */
export const detectorNames = [
  'hard_braking',
  'stationary_vehicle',
  'crash',
  'own_report',
  'traffic_condition',
  'end_of_queue',
  'slow_vehicle',
  'wrong_way',
  'blockage',
  'verdict',
  'emergency_vehicle',
  'slippery_road',
  'rough_surface',
  'weather',
] as const
export type DetectorName = (typeof detectorNames)[number]

/** What a detector says it saw, before who said it and where in the world it belongs is added. */
export interface Finding {
  readonly cause: number
  readonly subCause: number
  /** Place of the hazard, in the frame's units. */
  readonly x: number
  readonly y: number
  /** Radius that holds the place, m. */
  readonly uncertaintyM: number
  /** Course of the traffic concerned, degrees; NaN = no direction applies. */
  readonly headingDeg: number
  /** Speed along that course of a hazard that moves; missing = it stays where it is. */
  readonly speedMps?: number
  /** True if this alone makes the hazard public (an own flag, a measured fact); false if it has to be seconded. */
  readonly alone: boolean
  /** True if the hazard is the vehicle itself, so that it ends when the vehicle moves on. */
  readonly subject: boolean
}

/** One vehicle's contribution to a hazard. */
export interface Evidence extends Finding {
  readonly detector: DetectorName
  /** Of the vehicle; `elsewhere` if another node has it. */
  readonly row: number
  readonly vehicle: VehicleLinks
  /** Monotonic ms. */
  readonly atMs: number
}

/** What is needed to tell whether two vehicles are independent. */
export type VehicleLinks = Pick<VehicleIdentity, 'links'>
