/** Why something of a trace was not taken as it stood, and what that cost: the file's rest, a row, a value, or nothing but a column. */
export const traceReasons = {
  /** Not a row of the format: wrong number of fields, unbalanced quotes, no JSON object, broken XML or gzip. */
  malformed_line: 'row',
  /** Longer than `lineCharsMax`; skipped to the next line. */
  too_long: 'row',
  /** A required value is empty, null or NaN. */
  missing_required: 'row',
  /** More than `reorderS` behind the newest row. */
  out_of_order: 'row',
  /** More than `jumpSMax` from the row before, and the row after does not agree. */
  time_jump: 'row',
  /** Same vehicle, time and position as a row shortly before. */
  duplicate: 'row',
  /** Not a number, or not a whole one where one is needed. */
  bad_number: 'value',
  /** Text with control characters, replacement characters or over its length. */
  bad_text: 'value',
  /** A name that is not in its list: a flag, a role, a road surface, a kind. */
  unknown_name: 'value',
  /** A number outside of what can be. */
  out_of_range: 'value',
  /** A standard's number for "unavailable", taken as missing. */
  unavailable_value: 'value',
  /** A column, key, attribute or element that is not read; counted once each, for the first 1,000 names. */
  unknown_column: 'column',
} as const

export type TraceReason = keyof typeof traceReasons

export interface TraceProblem {
  readonly count: number
  /** Line of the first one, from 1. */
  readonly firstLine: number
  /** The first one in short: a column and its value, or what is wrong with the line. Names no vehicle. */
  readonly firstExample: string
}

/** What became of a trace's rows. After the last sample: rows = samples + rejectedRows. */
export interface TraceReport {
  readonly format: string | undefined
  readonly gzip: boolean
  /** Rows seen, whatever became of them. */
  readonly rows: number
  readonly samples: number
  readonly rejectedRows: number
  /** Values taken as missing though something stood there; their rows may stand. */
  readonly rejectedValues: number
  readonly reasons: Readonly<Partial<Record<TraceReason, TraceProblem>>>
}

/** Counts while a trace is read. A row ends by exactly one of `sample` and `rejectRow`. */
export interface TraceCounts {
  row(): void
  sample(): void
  rejectRow(reason: TraceReason, line: number, example: string): void
  /** A value that is not taken; in a required column `rejectRow` is called for the same value instead. */
  rejectValue(reason: TraceReason, line: number, example: string): void
  unknownColumn(name: string, line: number): void
  source(format: string | undefined, gzip: boolean): void
  report(): TraceReport
}

const unknownNamesMax = 1000
const exampleCharsMax = 80

export function createTraceCounts(): TraceCounts {
  const reasons: Partial<Record<TraceReason, { count: number; firstLine: number; firstExample: string }>> = {}
  const unknownNames = new Set<string>()
  const totals = { rows: 0, samples: 0, rejectedRows: 0, rejectedValues: 0 }
  let format: string | undefined
  let gzip = false

  function count(reason: TraceReason, line: number, example: string) {
    const problem = reasons[reason]
    if (problem) problem.count++
    else reasons[reason] = { count: 1, firstLine: line, firstExample: example.slice(0, exampleCharsMax) }
  }

  return {
    row: () => {
      totals.rows++
    },
    sample: () => {
      totals.samples++
    },
    rejectRow: (reason, line, example) => {
      totals.rejectedRows++
      count(reason, line, example)
    },
    rejectValue: (reason, line, example) => {
      totals.rejectedValues++
      count(reason, line, example)
    },
    unknownColumn: (fullName, line) => {
      const name = fullName.slice(0, exampleCharsMax)
      if (unknownNames.has(name) || unknownNames.size >= unknownNamesMax) return
      unknownNames.add(name)
      count('unknown_column', line, name)
    },
    source: (name, compressed) => {
      format = name
      gzip = compressed
    },
    report: () => ({ format, gzip, ...totals, reasons: structuredClone(reasons) }),
  }
}
