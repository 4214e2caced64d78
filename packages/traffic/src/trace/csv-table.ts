import { TrafficError } from '../traffic-error.js'
import { csvFields } from './csv-fields.js'
import { createTextLines, lineCharsMax, type TextLines } from './text-lines.js'
import type { TraceCounts } from './trace-counts.js'

export interface CsvTableOptions {
  readonly counts: TraceCounts
  /** Sees the header once; throws `header_invalid` if rows could not be read with it. */
  readonly onHeader: (names: readonly string[]) => void
  /** Gets each row with as many fields as the header has. */
  readonly onRow: (fields: readonly string[], line: number) => void
}

/** Lines → header and rows; what is not a row is counted. Empty lines are nothing. */
export function createCsvTable({ counts, onHeader, onRow }: CsvTableOptions): TextLines {
  let width = 0

  function readHeader(text: string, line: number) {
    const names = csvFields(text)?.map(name => name.trim())
    if (names === undefined) throw new TrafficError('header_invalid', `line ${line}: the header's quotes do not close`)
    const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
    if (twice !== undefined) throw new TrafficError('header_invalid', `line ${line}: the header names ${JSON.stringify(twice)} twice`)
    width = names.length
    onHeader(names)
  }

  function reject(reason: 'malformed_line' | 'too_long', line: number, example: string) {
    counts.row()
    counts.rejectRow(reason, line, example)
  }

  function readLine(text: string, line: number) {
    if (text.trim() === '') return
    if (width === 0) return readHeader(text, line)
    const fields = csvFields(text)
    if (fields === undefined) reject('malformed_line', line, 'quotes do not close')
    else if (fields.length !== width) reject('malformed_line', line, `${fields.length} fields, the header has ${width}`)
    else onRow(fields, line)
  }

  return createTextLines(readLine, line => {
    if (width === 0) throw new TrafficError('header_invalid', `line ${line}: the header is longer than ${lineCharsMax} characters`)
    reject('too_long', line, `over ${lineCharsMax} characters`)
  })
}
