import { keysByColumn } from './columns.js'
import { createTextLines, lineCharsMax } from './text-lines.js'
import type { TraceFormat, TraceParser, TraceParserOptions } from './trace-format.js'

/** One JSON object per line, with the columns of CSV as keys. Told by a brace that opens an object with one of them early on. */
export const ndjsonFormat: TraceFormat = {
  name: 'ndjson',
  matches: head => head.startsWith('{') && /"(?:t_s|vehicle_id|lat|x_m)"\s*:/.test(head),
  createParser: createNdjsonParser,
}

function createNdjsonParser({ row, counts }: TraceParserOptions): TraceParser {
  function readLine(text: string, line: number) {
    if (text.trim() === '') return
    const record = parseObject(text)
    if (record === undefined) return reject('malformed_line', line, 'no JSON object')
    row.begin(line)
    for (const [name, value] of Object.entries(record)) {
      const key = keysByColumn.get(name)
      if (key === undefined) counts.unknownColumn(name, line)
      else row.set(key, value)
    }
    row.end()
  }

  function reject(reason: 'malformed_line' | 'too_long', line: number, example: string) {
    counts.row()
    counts.rejectRow(reason, line, example)
  }

  return createTextLines(readLine, line => reject('too_long', line, `over ${lineCharsMax} characters`))
}

function parseObject(text: string): object | undefined {
  const value = parse(text) ?? parse(withoutNan(text))
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Python's json module writes a bare NaN, which JSON does not know and which means missing here. */
function withoutNan(text: string): string {
  return text.replace(/([:,[]\s*)NaN(?=\s*[,}\]])/g, '$1null')
}
