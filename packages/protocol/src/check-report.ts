import {
  causeCodeMax,
  observationDistanceDmMax,
  observationsPerSampleMax,
  sampleColumns,
  samplesMax,
  timeMsMax,
  vehicleLengthDmMax,
  verdictsMax,
} from './report-limits.js'
import type { ReportRecord } from './report-record.js'
import { rowCount } from './report-record.js'

/** What `decodeReport` answers. Everything but `ok` is final for the report, and counts against its sender. */
export const reportOutcomes = {
  ok: 'ok',
  /** The bytes are no protobuf message of this shape. */
  malformed: 'malformed',
  /** A value is outside its range; `problemField` names it. */
  outOfRange: 'out_of_range',
  /** A value that is needed is missing; `problemField` names it. */
  missing: 'missing',
  /** No samples, or more samples, observations or verdicts than allowed; `problemField` names them. */
  wrongCount: 'wrong_count',
} as const

export type ReportOutcome = (typeof reportOutcomes)[keyof typeof reportOutcomes]

const columnCount = sampleColumns.length
const columnMin = Float64Array.from(sampleColumns, column => column.min / column.perUnit)
const columnMax = Float64Array.from(sampleColumns, column => column.max / column.perUnit)
const lengthMinM = 1 / 10
const lengthMaxM = vehicleLengthDmMax / 10
const distanceMaxM = observationDistanceDmMax / 10

/** Checks a decoded report against the ranges of the wire. NaN fails no comparison below, so that what is missing passes. */
export function checkReport(record: ReportRecord): ReportOutcome {
  if (record.number === 0) return problem(record, reportOutcomes.missing, 'number')
  if (!(record.timeMs >= 0 && record.timeMs <= timeMsMax)) return problem(record, reportOutcomes.outOfRange, 'timeMs')
  if (record.sampleCount === 0 || record.sampleCount > samplesMax) return problem(record, reportOutcomes.wrongCount, 'samples')
  if (record.lengthM < lengthMinM || record.lengthM > lengthMaxM) return problem(record, reportOutcomes.outOfRange, 'vehicleLengthDm')
  if (record.verdicts.length > verdictsMax) return problem(record, reportOutcomes.wrongCount, 'verdicts')
  for (let row = 0; row < record.sampleCount; row++) {
    const outcome = checkSample(record, row)
    if (outcome !== reportOutcomes.ok) return outcome
  }
  return record.observationCount === 0 ? reportOutcomes.ok : checkObservations(record)
}

function checkSample(record: ReportRecord, row: number): ReportOutcome {
  const { values } = record
  for (let column = 0, at = row; column < columnCount; column++, at += rowCount) {
    const value = values[at]!
    if (value < columnMin[column]! || value > columnMax[column]!) {
      return problem(record, reportOutcomes.outOfRange, `samples[${row}].${sampleColumns[column]!.field}`)
    }
  }
  const noLatitude = Number.isNaN(record.latitudeDeg[row])
  if (noLatitude !== Number.isNaN(record.longitudeDeg[row])) {
    return problem(record, reportOutcomes.missing, `samples[${row}].${noLatitude ? 'latitudeE7' : 'longitudeE7'}`)
  }
  return reportOutcomes.ok
}

function checkObservations(record: ReportRecord): ReportOutcome {
  let sample = -1
  let index = 0
  for (let at = 0; at < record.observationCount; at++) {
    if (record.observationSample[at] !== sample) {
      sample = record.observationSample[at]!
      index = 0
    }
    const path = `samples[${sample}].observations`
    if (index === observationsPerSampleMax) return problem(record, reportOutcomes.wrongCount, path)
    if (!isCode(record.observationCause[at]!)) return problem(record, reportOutcomes.outOfRange, `${path}[${index}].cause`)
    if (!isCode(record.observationSubCause[at]!)) return problem(record, reportOutcomes.outOfRange, `${path}[${index}].subCause`)
    if (record.observationDistanceM[at]! > distanceMaxM) {
      return problem(record, reportOutcomes.outOfRange, `${path}[${index}].distanceDm`)
    }
    index++
  }
  return reportOutcomes.ok
}

function isCode(value: number): boolean {
  return value >= 0 && value <= causeCodeMax
}

function problem(record: ReportRecord, outcome: ReportOutcome, field: string): ReportOutcome {
  record.problemField = field
  return outcome
}
