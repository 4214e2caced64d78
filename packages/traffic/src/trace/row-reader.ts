import type { LocalMetres } from '../local-metres.js'
import { TrafficError } from '../traffic-error.js'
import type { HazardReport, RoadSurface, TrafficFlag, TrafficSample, VehicleRole } from '../traffic-sample.js'
import { flagBits, roadSurfaces, vehicleRoles } from '../traffic-sample.js'
import { type ColumnKey, type NumberKey, numberColumns, textColumns } from './columns.js'
import { example, isMissing, isRejected, readName, readNumber, readText } from './read-value.js'
import type { TraceCounts, TraceReason } from './trace-counts.js'

/** Takes a row value by value, in any order, and makes a sample of it or says why not. */
export interface RowReader {
  begin(line: number): void
  set(key: ColumnKey, raw: unknown): void
  end(): void
}

export interface RowReaderOptions {
  readonly counts: TraceCounts
  /** Where metres are counted from; without it a row with metres only is an error. */
  readonly metres: LocalMetres | undefined
  /** Gets the sample and its line. It is not yet counted: order, jumps and repeats are judged behind. */
  readonly emit: (sample: TrafficSample, line: number) => void
}

interface Fault {
  readonly reason: TraceReason
  readonly example: string
}

/** What `end` needs: without one of these a row is no sample. */
const required: readonly ColumnKey[] = ['timeS', 'vehicleId', 'lat', 'lon']

const numberKeys = Object.keys(numberColumns) as NumberKey[]

/** Every key from the start, so that the record keeps one shape; it is reused from row to row. */
function noNumbers(): Record<NumberKey, number | undefined> {
  return Object.fromEntries(numberKeys.map(key => [key, undefined])) as Record<NumberKey, undefined>
}

export function createRowReader({ counts, metres, emit }: RowReaderOptions): RowReader {
  let line = 0
  const numbers = noNumbers()
  let vehicleId: string | undefined
  let enrolment: string | undefined
  let role: VehicleRole | undefined
  let roadSurface: RoadSurface | undefined
  let flags: number | undefined
  /** Faults of columns that decide on the row; counted once, at its end. */
  let faults: Partial<Record<ColumnKey, Fault>> = {}

  function begin(atLine: number) {
    line = atLine
    for (const key of numberKeys) numbers[key] = undefined
    vehicleId = enrolment = role = roadSurface = flags = undefined
    faults = {}
  }

  function set(key: ColumnKey, raw: unknown) {
    const column = numberColumns[key as NumberKey]
    if (column !== undefined) numbers[key as NumberKey] = taken(key, raw, readNumber(raw, column))
    else if (key === 'vehicleId') vehicleId = taken(key, raw, readText(raw))
    else if (key === 'enrolment') enrolment = taken(key, raw, readText(raw))
    else if (key === 'role') role = taken(key, raw, readName(raw, vehicleRoles))
    else if (key === 'roadSurface') roadSurface = taken(key, raw, readRoadSurface(raw))
    else if (key === 'flags') flags = readFlags(raw)
  }

  function taken<T>(key: ColumnKey, raw: unknown, result: T | { readonly reason: TraceReason }): T | undefined {
    if (!isRejected(result)) return result
    const isIdentity = key === 'vehicleId' || key === 'enrolment'
    const column = key in numberColumns ? numberColumns[key as NumberKey].column : textColumns[key as keyof typeof textColumns]
    const fault = { reason: result.reason, example: isIdentity ? column : example(column, raw) }
    if (required.includes(key) || key === 'xM' || key === 'yM') faults[key] = fault
    else counts.rejectValue(fault.reason, line, fault.example)
    return undefined
  }

  /** One bad name costs that name, not the flags beside it. */
  function readFlags(raw: unknown): number | undefined {
    if (isMissing(raw)) return undefined
    const names = Array.isArray(raw) ? raw : typeof raw === 'string' ? raw.split(';') : [raw]
    let mask = 0
    for (const name of names) {
      const known = readName(name, Object.keys(flagBits) as TrafficFlag[])
      if (typeof known === 'string') mask |= flagBits[known]
      else if (known) counts.rejectValue(known.reason, line, example('flags', name))
    }
    return mask
  }

  function end() {
    counts.row()
    place()
    const missing = required.find(key => (key === 'vehicleId' ? vehicleId : numbers[key as NumberKey]) === undefined)
    if (missing !== undefined) {
      const fault = faults[missing] ?? (missing === 'lat' || missing === 'lon' ? (faults.xM ?? faults.yM) : undefined)
      counts.rejectRow(fault?.reason ?? 'missing_required', line, fault?.example ?? missingText(missing))
      return
    }
    emit(sample(), line)
  }

  /** Degrees count before metres; metres are used only where a row has no degrees. */
  function place() {
    if (numbers.lat !== undefined || numbers.lon !== undefined || numbers.xM === undefined || numbers.yM === undefined) return
    if (metres === undefined) {
      throw new TrafficError('origin_missing', `line ${line}: positions are in metres (x_m, y_m); give the origin they are counted from`)
    }
    numbers.lat = metres.lat(numbers.yM)
    numbers.lon = metres.lon(numbers.xM)
  }

  function sample(): TrafficSample {
    return {
      timeS: numbers.timeS!,
      vehicleId: vehicleId!,
      lat: numbers.lat!,
      lon: numbers.lon!,
      headingDeg: numbers.headingDeg === 360 ? 0 : numbers.headingDeg,
      speedMps: numbers.speedMps,
      accelMps2: numbers.accelMps2,
      latAccelMps2: numbers.latAccelMps2,
      yawRateDegps: numbers.yawRateDegps,
      vertAccelRmsMps2: numbers.vertAccelRmsMps2,
      altM: numbers.altM,
      hAccM: numbers.hAccM,
      lengthM: numbers.lengthM,
      role,
      enrolment: enrolment ?? vehicleId!,
      flags,
      friction: numbers.friction,
      airTempC: numbers.airTempC,
      wiper: numbers.wiper,
      rain: numbers.rain,
      visibilityM: numbers.visibilityM,
      roadSurface,
      report: report(),
    }
  }

  function report(): HazardReport | undefined {
    const { reportCause: cause, reportSubCause: subCause = 0, reportAheadM: aheadM } = numbers
    if (cause !== undefined) return { cause, subCause, aheadM }
    if (numbers.reportSubCause !== undefined || aheadM !== undefined) counts.rejectValue('missing_required', line, 'report_cause')
    return undefined
  }

  return { begin, set, end }
}

function readRoadSurface(raw: unknown) {
  const name = readName(raw, [...roadSurfaces, 'UNKNOWN'])
  return name === 'UNKNOWN' ? ({ reason: 'unavailable_value' } as const) : name
}

function missingText(key: ColumnKey): string {
  if (key === 'lat' || key === 'lon') return 'lat, lon'
  return key === 'vehicleId' ? textColumns.vehicleId : numberColumns.timeS.column
}
