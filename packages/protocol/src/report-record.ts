import type { outrider } from '../gen/outrider.js'
import type { SampleColumn } from './report-limits.js'
import { observationsPerSampleMax, sampleColumns, samplesMax } from './report-limits.js'

/** One row more than allowed: where an eleventh sample is read to, so that what follows it is still checked. */
export const rowCount = samplesMax + 1

/** One column per value of a sample in SI units, NaN = missing; index = sample, 0 = oldest. */
type SampleColumns = { readonly [Name in SampleColumn]: Float64Array }

/**
 * A report as columns, reused for every report so that reading one allocates nothing: `decodeReport` overwrites all of it.
 * Only the first `sampleCount` entries of a column and `observationCount` of the observations mean anything.
 *
 * Units: offsetMs ms after timeMs · degrees · m, m/s, m/s2 · yawRateDegps clockwise positive · headingDeg clockwise from north ·
 * accelMps2 forward positive · lateralAccelMps2 left positive · friction and rain 0..1 · wiper 0..3 · airTemperatureC degrees Celsius.
 */
export interface ReportRecord extends SampleColumns {
  /** Number of the report, 1..4294967295. */
  number: number
  /** Vehicle clock, ms since 1970; a sample's time is this plus its offsetMs. */
  timeMs: number
  /** Vehicle length in m, NaN = missing. */
  lengthM: number
  /** Vehicle role on the wire (VehicleRole), 0 = missing. */
  role: number
  sampleCount: number
  /** Bit mask of flags per sample; see `flagBit`. */
  readonly flags: Uint32Array
  /** RoadSurface per sample, 0 = missing. */
  readonly roadSurface: Uint8Array
  /** Observations of all samples, in order. */
  observationCount: number
  /** Sample an observation belongs to. */
  readonly observationSample: Uint8Array
  /** Cause and sub-cause of an observation. */
  readonly observationCause: Float64Array
  readonly observationSubCause: Float64Array
  /** Distance of an observation in m, NaN = missing. */
  readonly observationDistanceM: Float64Array
  /** ObservationSource of an observation, 0 = missing. */
  readonly observationSource: Float64Array
  /** Verdicts; the one part that allocates, and rare. */
  verdicts: readonly outrider.v1.Verdict[]
  /** Whether its bytes hold a field that this version does not know, or may: verdicts are not looked through. */
  mayHoldUnknown: boolean
  /** Path of the field that was wrong, in JSON names; empty if the outcome needs none. */
  problemField: string
  /** All sample columns one after the other, `rowCount` values each, in the order of `sampleColumns`. */
  readonly values: Float64Array
}

const none: readonly outrider.v1.Verdict[] = Object.freeze([])

/** A record to hand to `decodeReport` again and again: about 3 KiB. */
export function createReportRecord(): ReportRecord {
  const values = new Float64Array(sampleColumns.length * rowCount)
  const column = (name: SampleColumn): Float64Array => {
    const index = sampleColumns.findIndex(entry => entry.name === name)
    return values.subarray(index * rowCount, (index + 1) * rowCount)
  }
  const observationsMax = samplesMax * (observationsPerSampleMax + 1)
  return {
    number: 0,
    timeMs: 0,
    lengthM: Number.NaN,
    role: 0,
    sampleCount: 0,
    offsetMs: column('offsetMs'),
    latitudeDeg: column('latitudeDeg'),
    longitudeDeg: column('longitudeDeg'),
    altitudeM: column('altitudeM'),
    accuracyM: column('accuracyM'),
    speedMps: column('speedMps'),
    headingDeg: column('headingDeg'),
    accelMps2: column('accelMps2'),
    lateralAccelMps2: column('lateralAccelMps2'),
    yawRateDegps: column('yawRateDegps'),
    roughnessMps2: column('roughnessMps2'),
    friction: column('friction'),
    airTemperatureC: column('airTemperatureC'),
    wiper: column('wiper'),
    rain: column('rain'),
    visibilityM: column('visibilityM'),
    flags: new Uint32Array(rowCount),
    roadSurface: new Uint8Array(rowCount),
    observationCount: 0,
    observationSample: new Uint8Array(observationsMax),
    observationCause: new Float64Array(observationsMax),
    observationSubCause: new Float64Array(observationsMax),
    observationDistanceM: new Float64Array(observationsMax),
    observationSource: new Float64Array(observationsMax),
    verdicts: none,
    mayHoldUnknown: false,
    problemField: '',
    values,
  }
}

/** Makes a record's head that of an empty report. Rows are cleared when a sample is begun. */
export function clearReport(record: ReportRecord): void {
  record.number = 0
  record.timeMs = 0
  record.lengthM = Number.NaN
  record.role = 0
  record.sampleCount = 0
  record.observationCount = 0
  record.verdicts = none
  record.mayHoldUnknown = false
  record.problemField = ''
}

/** Makes a row that of an empty sample: everything missing, offset 0. */
export function clearRow(record: ReportRecord, row: number): void {
  const { values } = record
  for (let at = row; at < values.length; at += rowCount) values[at] = Number.NaN
  record.offsetMs[row] = 0
  record.flags[row] = 0
  record.roadSurface[row] = 0
}
