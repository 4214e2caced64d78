import type { TrafficFlag, TrafficSample } from '../traffic-sample.js'
import { flagBits } from '../traffic-sample.js'
import type { TruthRow } from '../truth-row.js'
import { keysByColumn } from './columns.js'

const traceColumns = [...keysByColumn.keys()].filter(column => column !== 'x_m' && column !== 'y_m')
const truthColumns = ['cause', 'sub_cause', 'lat', 'lon', 'radius_m', 'from_s', 'to_s', 'id', 'kind', 'heading_deg', 'vehicle_ids'] as const

/** Header of the CSV that `traceCsvRow` writes: every column, degrees. No line end. */
export const traceCsvHeader = traceColumns.join(',')

/** A sample as a CSV row, without line end; what is missing is empty. Reading it back gives the sample. */
export function traceCsvRow(sample: TrafficSample): string {
  return traceColumns
    .map(column => {
      const key = keysByColumn.get(column)!
      if (key === 'flags') return flagNames(sample.flags)
      if (key === 'reportCause') return field(sample.report?.cause)
      if (key === 'reportSubCause') return field(sample.report?.subCause)
      if (key === 'reportAheadM') return field(sample.report?.aheadM)
      return field(sample[key as keyof TrafficSample] as string | number | undefined)
    })
    .join(',')
}

/** Header of the CSV that `truthCsvRow` writes. */
export const truthCsvHeader = truthColumns.join(',')

/** A row of truth as CSV. @param openEndS end of a hazard that still lasts: the trace's last time */
export function truthCsvRow(row: TruthRow, openEndS: number): string {
  const toS = Number.isFinite(row.toS) ? row.toS : openEndS
  const values = [row.cause, row.subCause, row.lat, row.lon, row.radiusM, row.fromS, toS, row.id, row.kind, row.headingDeg]
  return [...values.map(field), field(row.vehicleIds.join(';'))].join(',')
}

function flagNames(flags: number | undefined): string {
  if (flags === undefined) return ''
  return (Object.keys(flagBits) as TrafficFlag[]).filter(name => (flags & flagBits[name]) !== 0).join(';')
}

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value)
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
