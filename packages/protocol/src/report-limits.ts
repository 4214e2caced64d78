// Ranges of a report's values, as the comments of proto/outrider/v1/report.proto state them. A value outside is a bad value or a
// standard's "unavailable" that leaked as a number, and the report is refused, naming the field.

/** Most samples in a report. */
export const samplesMax = 10
/** Most observations in a sample. */
export const observationsPerSampleMax = 4
/** Most verdicts in a report. */
export const verdictsMax = 8
/** 2100-01-01 in ms since 1970: later times are bad values, and a ms still has eleven binary places. */
export const timeMsMax = 4_102_444_800_000
/** Longest vehicle: CAM vehicleLengthValue 1022, in 0.1 m. */
export const vehicleLengthDmMax = 1022
/** Sub-causes are one byte in the standard, causes too. */
export const causeCodeMax = 255
/** Farthest observation, 1 km, in 0.1 m. */
export const observationDistanceDmMax = 10_000

/**
 * Columns of samples: name in the record, field in JSON, range on the wire, and how many wire units make one SI unit.
 * The order is the order in which they are checked.
 */
export const sampleColumns = [
  { name: 'offsetMs', field: 'timeOffsetMs', min: 0, max: 10_000, perUnit: 1 },
  { name: 'latitudeDeg', field: 'latitudeE7', min: -900_000_000, max: 900_000_000, perUnit: 1e7 },
  { name: 'longitudeDeg', field: 'longitudeE7', min: -1_800_000_000, max: 1_800_000_000, perUnit: 1e7 },
  { name: 'altitudeM', field: 'altitudeCm', min: -100_000, max: 800_000, perUnit: 100 },
  { name: 'accuracyM', field: 'horizontalAccuracyDm', min: 0, max: 10_000, perUnit: 10 },
  { name: 'speedMps', field: 'speedCmps', min: 0, max: 16_382, perUnit: 100 },
  { name: 'headingDeg', field: 'headingDecideg', min: 0, max: 3_599, perUnit: 10 },
  { name: 'accelMps2', field: 'accelerationLongitudinalCmps2', min: -8_000, max: 8_000, perUnit: 100 },
  { name: 'lateralAccelMps2', field: 'accelerationLateralCmps2', min: -8_000, max: 8_000, perUnit: 100 },
  { name: 'yawRateDegps', field: 'yawRateCentidegps', min: -32_766, max: 32_766, perUnit: 100 },
  { name: 'roughnessMps2', field: 'roughnessCmps2', min: 0, max: 8_000, perUnit: 100 },
  { name: 'friction', field: 'frictionPercent', min: 0, max: 100, perUnit: 100 },
  { name: 'airTemperatureC', field: 'airTemperatureDecidegc', min: -1_000, max: 1_000, perUnit: 10 },
  { name: 'wiper', field: 'wiperLevel', min: 0, max: 3, perUnit: 1 },
  { name: 'rain', field: 'rainPercent', min: 0, max: 100, perUnit: 100 },
  { name: 'visibilityM', field: 'visibilityM', min: 0, max: 10_000, perUnit: 1 },
] as const

export type SampleColumn = (typeof sampleColumns)[number]['name']
