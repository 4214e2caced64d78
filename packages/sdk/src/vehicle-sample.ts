import type { CauseName, FlagName } from '@outrider/protocol'

/** Road surface by the names of VSS Exterior.RoadSurfaceCondition. */
export type RoadSurfaceName = 'dry' | 'wet' | 'snow' | 'ice' | 'slush' | 'wet_ice' | 'loose_gravel'

/** What a driver can say about an alert: the hazard is there, was there and is gone, was never there. */
export type VerdictName = 'confirm' | 'gone' | 'wrong'

/** An object or hazard seen ahead. */
export interface SampleObservation {
  /** What was seen: ETSI cause by name or code, such as `hazardousLocationAnimalOnTheRoad` or 11. */
  readonly cause: CauseName | number
  /** Its sub-cause, 0..255. Missing = 0, unavailable. */
  readonly subCause?: number | null | undefined
  /** Distance ahead of the vehicle's front in m, 0..1000. */
  readonly distanceM?: number | null | undefined
  /** Who saw it. */
  readonly source: 'driver' | 'camera'
}

/** A driver's verdict on an alert. */
export interface SampleVerdict {
  /** The alert, as it came from `alerts()`. */
  readonly alert: { readonly id: string; readonly revision: number }
  readonly verdict: VerdictName
}

/**
 * Motion and condition of the vehicle at one time, in SI units. Whatever is missing (left out, undefined, null or NaN) is unknown
 * and stays so; nothing that is missing means zero. Values out of their range are refused by name before anything is sent.
 * Values are rounded to the wire's steps (report.proto), accuracy upwards.
 */
export interface VehicleSample {
  /** When it was measured: vehicle clock, ms since 1970-01-01 UTC. Missing = now. */
  readonly timeMs?: number | null | undefined
  /** Latitude in degrees, -90..90, north positive (WGS 84). Given with the longitude or not at all. */
  readonly latitude?: number | null | undefined
  /** Longitude in degrees, -180..180, east positive. */
  readonly longitude?: number | null | undefined
  /** Height above the WGS 84 ellipsoid in m, -1000..8000. */
  readonly altitudeM?: number | null | undefined
  /** Radius in m that holds the true position with 95 % confidence, 0..1000. */
  readonly accuracyM?: number | null | undefined
  /** Speed over ground in m/s, 0..163.82, never negative: the flag `reverse` says backwards. */
  readonly speedMps?: number | null | undefined
  /** Heading of the nose in degrees clockwise from north, 0..360; 360 is 0. */
  readonly headingDeg?: number | null | undefined
  /** Longitudinal acceleration in m/s², forward positive, -80..80. */
  readonly accelMps2?: number | null | undefined
  /** Lateral acceleration in m/s², left positive, -80..80. */
  readonly lateralAccelMps2?: number | null | undefined
  /** Yaw rate in degrees per second, clockwise seen from above positive, -327.66..327.66. */
  readonly yawRateDegps?: number | null | undefined
  /** RMS of the vertical acceleration less gravity since the sample before, in m/s², 0..80. */
  readonly roughnessMps2?: number | null | undefined
  /** Friction between tyre and road, 0..1. */
  readonly friction?: number | null | undefined
  /** Outside air temperature in degrees Celsius, -100..100. */
  readonly airTemperatureC?: number | null | undefined
  /** Front wipers: 0 off, 1 interval or slow, 2 medium, 3 fast. */
  readonly wiper?: number | null | undefined
  /** Rain as a share of the sensor's range, 0..1. */
  readonly rain?: number | null | undefined
  /** Visibility distance in m, 0..10000. */
  readonly visibilityM?: number | null | undefined
  readonly roadSurface?: RoadSurfaceName | null | undefined
  /** What is on, engaged or has happened. An event flag that comes on (`eventFlags` of the protocol) makes the report urgent. */
  readonly flags?: readonly FlagName[] | null | undefined
  /** Objects or hazards seen ahead, at most 4; any makes the report urgent. */
  readonly observations?: readonly SampleObservation[] | null | undefined
  /** What the driver said about alerts that were shown, at most 8; any makes the report urgent. */
  readonly verdicts?: readonly SampleVerdict[] | null | undefined
}
