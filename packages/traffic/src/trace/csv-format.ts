import { TrafficError } from '../traffic-error.js'
import { type ColumnKey, keysByColumn } from './columns.js'
import { createCsvTable } from './csv-table.js'
import type { TraceFormat, TraceParser, TraceParserOptions } from './trace-format.js'

/** CSV with a header: columns by name in any order. Told by a first line that names a required column. */
export const csvFormat: TraceFormat = {
  name: 'csv',
  matches: head => {
    const names = head
      .split(/\r?\n/, 1)[0]!
      .split(',')
      .map(name => name.trim().replace(/^"(.*)"$/, '$1'))
    return names.length > 1 && ['t_s', 'vehicle_id', 'lat', 'lon', 'x_m', 'y_m'].some(name => names.includes(name))
  },
  createParser: createCsvParser,
}

function createCsvParser({ row, counts }: TraceParserOptions): TraceParser {
  let columns: readonly { readonly key: ColumnKey; readonly index: number }[] = []

  function onHeader(names: readonly string[]) {
    const has = (name: string) => names.includes(name)
    const missing = ['t_s', 'vehicle_id'].filter(name => !has(name))
    if (!(has('lat') && has('lon')) && !(has('x_m') && has('y_m'))) missing.push('lat and lon (or x_m and y_m)')
    if (missing.length > 0)
      throw new TrafficError('header_invalid', `the header lacks ${missing.join(', ')}; it has ${names.join(', ').slice(0, 200)}`)
    columns = names.flatMap((name, index) => {
      const key = keysByColumn.get(name)
      if (key === undefined) counts.unknownColumn(name, 1)
      return key === undefined ? [] : [{ key, index }]
    })
  }

  function onRow(fields: readonly string[], line: number) {
    row.begin(line)
    for (const { key, index } of columns) row.set(key, fields[index])
    row.end()
  }

  return createCsvTable({ counts, onHeader, onRow })
}
