import type { FlagName } from '@outrider/protocol'
import type { RoadSurfaceName, VehicleSample } from '@outrider/sdk'
import { flagBits, type TrafficSample } from '@outrider/traffic'

const flagNames = Object.keys(flagBits) as (keyof typeof flagBits & FlagName)[]

/** Values that a trace may hold and the wire has no room for: name, least and most. */
const wireRanges = {
  accelMps2: [-80, 80],
  lateralAccelMps2: [-80, 80],
  roughnessMps2: [0, 80],
  visibilityM: [0, 10_000],
} as const

/** Longest vehicle the wire can say, in m; a longer one goes without. */
export const vehicleLengthMMax = 102.2

/**
 * A sample as the SDK takes it. What the wire cannot say is left out as missing, and `leftOut` told its name: never a clamped number.
 * @param timeMs when it was measured, on this machine's wall clock
 */
export function toVehicleSample(sample: TrafficSample, timeMs: number, leftOut: (field: string) => void): VehicleSample {
  const ranged = {
    accelMps2: sample.accelMps2,
    lateralAccelMps2: sample.latAccelMps2,
    roughnessMps2: sample.vertAccelRmsMps2,
    visibilityM: sample.visibilityM,
  }
  for (const [field, [min, max]] of Object.entries(wireRanges) as [keyof typeof wireRanges, readonly [number, number]][]) {
    const value = ranged[field]
    if (value === undefined || (value >= min && value <= max)) continue
    leftOut(field)
    ranged[field] = undefined
  }
  const { report } = sample
  const hasReport = report !== undefined && report.cause >= 1
  if (report !== undefined && !hasReport) leftOut('report')
  return {
    timeMs,
    latitude: sample.lat,
    longitude: sample.lon,
    altitudeM: sample.altM,
    accuracyM: sample.hAccM,
    speedMps: sample.speedMps,
    headingDeg: sample.headingDeg,
    yawRateDegps: sample.yawRateDegps,
    ...ranged,
    friction: sample.friction,
    airTemperatureC: sample.airTempC,
    wiper: sample.wiper,
    rain: sample.rain,
    roadSurface: sample.roadSurface?.toLowerCase() as RoadSurfaceName | undefined,
    flags: flagNames.filter(name => ((sample.flags ?? 0) & flagBits[name]) !== 0),
    observations: hasReport
      ? [{ cause: report.cause, subCause: report.subCause, distanceM: report.aheadM, source: 'driver' as const }]
      : undefined,
  }
}
