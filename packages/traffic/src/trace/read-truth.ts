import { TrafficError } from '../traffic-error.js'
import type { TruthRow } from '../truth-row.js'
import { type NumberColumn, numberColumns } from './columns.js'
import { createCsvTable } from './csv-table.js'
import { example, isRejected, readName, readNumber, readText, type ValueResult } from './read-value.js'
import { sourceText, type TraceSource } from './source-text.js'
import { createTraceCounts, type TraceReport } from './trace-counts.js'

/** Most rows of truth that are read: a day of a large city has some thousand hazards. */
export const truthRowsMax = 100_000

export interface TruthReading {
  readonly rows: readonly TruthRow[]
  /** As of a trace; `samples` counts the rows taken. */
  readonly report: TraceReport
}

const required = {
  cause: { column: 'cause', min: 0, max: 255, whole: true },
  subCause: { column: 'sub_cause', min: 0, max: 255, whole: true },
  lat: numberColumns.lat,
  lon: numberColumns.lon,
  radiusM: { column: 'radius_m', min: 0, max: 100_000 },
  fromS: { ...numberColumns.timeS, column: 'from_s' },
  toS: { ...numberColumns.timeS, column: 'to_s' },
} as const satisfies Record<string, NumberColumn>

type RequiredKey = keyof typeof required

const optional = ['id', 'kind', 'heading_deg', 'vehicle_ids']

/**
 * Reads truth (CSV, plain or gzip). Strict as for traces: a row without one of its required values is rejected and counted; so is
 * one that ends before it begins. Throws `TrafficError`: header_invalid, truth_too_long, source_failed.
 */
export async function readTruth(source: TraceSource): Promise<TruthReading> {
  const counts = createTraceCounts()
  const rows: TruthRow[] = []
  let names: readonly string[] = []
  let index = 0
  const table = createCsvTable({ counts, onHeader, onRow })
  const text = sourceText(source)
  for await (const piece of text.pieces) table.push(piece)
  if (!text.isDamaged()) table.end()
  if (names.length === 0) throw new TrafficError('header_invalid', 'the truth is empty; it needs at least a header')
  if (text.isDamaged()) {
    counts.row()
    counts.rejectRow('malformed_line', 0, 'damaged or cut gzip data, rest not read')
  }
  counts.source('csv', text.isGzip())
  return { rows, report: counts.report() }

  function onHeader(header: readonly string[]) {
    names = header
    const needed = Object.values(required).map(({ column }) => column)
    const missing = needed.filter(name => !header.includes(name))
    if (missing.length > 0) throw new TrafficError('header_invalid', `the truth's header lacks ${missing.join(', ')}`)
    for (const name of header) if (!needed.some(each => each === name) && !optional.includes(name)) counts.unknownColumn(name, 1)
  }

  function onRow(fields: readonly string[], line: number) {
    counts.row()
    if (index >= truthRowsMax) throw new TrafficError('truth_too_long', `line ${line}: more than ${truthRowsMax} rows of truth`)
    const numbers = {} as Record<RequiredKey, number>
    const raw = (column: string) => fields[names.indexOf(column)]
    const row = index++
    for (const [key, column] of Object.entries(required)) {
      const value = readNumber(raw(column.column), column)
      if (value === undefined) return counts.rejectRow('missing_required', line, column.column)
      if (isRejected(value)) return counts.rejectRow(value.reason, line, example(column.column, raw(column.column)))
      numbers[key as RequiredKey] = value
    }
    if (numbers.toS < numbers.fromS) return counts.rejectRow('out_of_range', line, `to_s=${numbers.toS} before from_s=${numbers.fromS}`)

    const kind = readName(raw('kind'), ['must', 'may'] as const)
    // A guess at the kind would change recall, so a wrong one costs the row.
    if (isRejected(kind)) return counts.rejectRow(kind.reason, line, example('kind', raw('kind')))
    const headingDeg = taken('heading_deg', readNumber(raw('heading_deg'), numberColumns.headingDeg), line, raw('heading_deg'))
    const id = taken('id', readText(raw('id')), line, raw('id'))
    const vehicleIds = (raw('vehicle_ids') ?? '').split(';').flatMap(name => taken('vehicle_ids', readText(name), line) ?? [])
    rows.push({ index: row, id, kind: kind ?? 'must', ...numbers, headingDeg: headingDeg === 360 ? 0 : headingDeg, vehicleIds })
    counts.sample()
  }

  function taken<T extends string | number>(column: string, value: ValueResult<T>, line: number, shown?: string): T | undefined {
    if (!isRejected(value)) return value
    counts.rejectValue(value.reason, line, shown === undefined ? column : example(column, shown))
    return undefined
  }
}
