/*
 * A sample of a recording as the report its vehicle would send. What exceeds the wire's range is cut to its end where that says the same
 * (more than 10 km of visibility, more than 80 m/s2), and left out where it does not.
 */
import { encodeFrame, eventFlagMask, outrider } from '@outrider/protocol'
import { roadSurfaces, type TrafficSample, vehicleRoles } from '@outrider/traffic'

const { ObservationSource } = outrider.v1

/** True if the sample is told at once: an event flag came on, or somebody saw something. As the SDK decides it. */
export function isUrgent({ flags = 0, report }: TrafficSample, flagsBefore: number): boolean {
  return report !== undefined || (flags & ~flagsBefore & eventFlagMask) !== 0
}

/** @param timeMs the sample's time on the vehicle's clock, ms since 1970 */
export function encodeSample(sample: TrafficSample, number: number, timeMs: number, urgent: boolean): Uint8Array {
  const lengthDm = wired(sample.lengthM, 10)
  return encodeFrame(urgent ? 'urgent' : 'telemetry', {
    number,
    timeMs,
    samples: [wireSample(sample)],
    ...(lengthDm === null || lengthDm > 1_022 ? {} : { vehicleLengthDm: lengthDm }),
    // The wire's numbers are the standard's plus one.
    role: sample.role === undefined ? 0 : vehicleRoles.indexOf(sample.role) + 1,
  })
}

function wireSample(sample: TrafficSample): outrider.v1.Sample.$Properties {
  const { headingDeg, report } = sample
  return {
    latitudeE7: Math.round(sample.lat * 1e7),
    longitudeE7: Math.round(sample.lon * 1e7),
    altitudeCm: wired(sample.altM, 100),
    // An accuracy that shrinks by rounding would claim what was not measured.
    horizontalAccuracyDm: sample.hAccM === undefined ? null : Math.ceil(sample.hAccM * 10 - 1e-9),
    speedCmps: wired(sample.speedMps, 100),
    headingDecideg: headingDeg === undefined ? null : Math.round(headingDeg * 10) % 3_600,
    accelerationLongitudinalCmps2: wired(sample.accelMps2, 100, 8_000),
    accelerationLateralCmps2: wired(sample.latAccelMps2, 100, 8_000),
    yawRateCentidegps: wired(sample.yawRateDegps, 100),
    roughnessCmps2: wired(sample.vertAccelRmsMps2, 100, 8_000),
    flags: flagNumbers(sample.flags ?? 0),
    observations: report === undefined ? [] : [observationOf(report)],
    frictionPercent: wired(sample.friction, 100),
    airTemperatureDecidegc: wired(sample.airTempC, 10),
    wiperLevel: sample.wiper ?? null,
    rainPercent: wired(sample.rain, 100),
    visibilityM: wired(sample.visibilityM, 1, 10_000),
    roadSurface: sample.roadSurface === undefined ? 0 : roadSurfaces.indexOf(sample.roadSurface) + 1,
  }
}

function observationOf({ cause, subCause, aheadM }: NonNullable<TrafficSample['report']>): outrider.v1.Observation.$Properties {
  return { cause, subCause, distanceDm: wired(aheadM, 10), source: ObservationSource.OBSERVATION_SOURCE_DRIVER }
}

/** A value in the wire's steps, between -max and max. */
function wired(value: number | undefined, perUnit: number, max: number = Number.POSITIVE_INFINITY): number | null {
  if (value === undefined) return null
  const steps = Math.max(-max, Math.min(max, Math.round(value * perUnit)))
  // Minus zero would travel as a negative number.
  return steps === 0 ? 0 : steps
}

const noFlags: readonly number[] = []

/** A flag's number is its bit plus one. */
function flagNumbers(mask: number): number[] {
  if (mask === 0) return noFlags as number[]
  const numbers: number[] = []
  for (let bit = 0; bit < 32; bit++) if ((mask & (1 << bit)) !== 0) numbers.push(bit + 1)
  return numbers
}
