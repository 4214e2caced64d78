// From bytes to samples in order of time:
//   source-text   unpack, decode                     ✗ damaged gzip → counted, what came before stands
//   a format      told by the first characters       ✗ format_unknown, header_invalid, origin_missing
//     lines/XML   rows                               ✗ malformed_line, too_long
//   row-reader    values and their ranges            ✗ missing_required, bad_number, out_of_range …
//   time-order    order, time jumps, repeats         ✗ out_of_order, time_jump, duplicate
// Everything between two pieces of text is synchronous; at most one piece's rows and `reorderS` of samples are held.
import { createLocalMetres, type Origin } from '../local-metres.js'
import { TrafficError } from '../traffic-error.js'
import type { TrafficSample } from '../traffic-sample.js'
import { commonRoadFormat } from './common-road-format.js'
import { csvFormat } from './csv-format.js'
import { ndjsonFormat } from './ndjson-format.js'
import { nycEventFormat } from './nyc-event-format.js'
import { createRowReader } from './row-reader.js'
import { sourceText, type TraceSource } from './source-text.js'
import { sumoFcdFormat } from './sumo-fcd-format.js'
import { createTimeOrder } from './time-order.js'
import { createTraceCounts, type TraceCounts, type TraceReport } from './trace-counts.js'
import type { TraceFormat, TraceParser } from './trace-format.js'

/** Every format that is read; the first that matches is taken. A new one is a row here. */
const formats: readonly TraceFormat[] = [sumoFcdFormat, commonRoadFormat, nycEventFormat, ndjsonFormat, csvFormat]

/** Characters a format is told by: SUMO's comment with its configuration stands before the first element. */
const sniffChars = 16_384

export interface ReadTraceOptions {
  /** What metres are counted from, for traces that have no degrees. */
  readonly origin?: Origin | undefined
  /** Seconds a row may come late and still be put in order; default 2. */
  readonly reorderS?: number
}

export interface TraceReading {
  /**
   * Samples in order of time. To be iterated once. Throws `TrafficError`: format_unknown, header_invalid, origin_missing,
   * option_invalid, source_failed. Leaving early closes the source.
   */
  readonly samples: AsyncIterable<TrafficSample>
  /** Counts so far; complete after the last sample. */
  report(): TraceReport
}

/** Reads a recording of any known format, plain or gzip, without holding it. */
export function readTrace(source: TraceSource, options: ReadTraceOptions = {}): TraceReading {
  const counts = createTraceCounts()
  return { samples: { [Symbol.asyncIterator]: () => readSamples(source, options, counts) }, report: counts.report }
}

async function* readSamples(source: TraceSource, options: ReadTraceOptions, counts: TraceCounts): AsyncGenerator<TrafficSample> {
  const { origin, reorderS = 2 } = checked(options)
  // 262,144 samples are two seconds of 13,000 vehicles at 10 Hz, about 100 MB; beyond, the earliest go early.
  const order = createTimeOrder({ counts, reorderS, jumpSMax: 3600, heldMax: 262_144 })
  const text = sourceText(source)

  let head = ''
  let parser: TraceParser | undefined
  for await (const piece of text.pieces) {
    if (parser === undefined) {
      head = (head + piece).trimStart()
      if (head.length < sniffChars) continue
      parser = open(head)
    } else parser.push(piece)
    yield* order.drain()
  }
  parser ??= open(head)
  // A row cut off by damage could pass for a whole one: it is not asked for.
  if (text.isDamaged()) reportDamage(counts)
  else parser.end()
  order.end()
  yield* order.drain()

  function open(start: string): TraceParser {
    const format = formats.find(each => each.matches(start.slice(0, sniffChars)))
    if (format === undefined) {
      const known = formats.map(each => each.name).join(', ')
      throw new TrafficError(
        'format_unknown',
        `${start === '' ? 'the trace is empty' : 'the first line is that of no known format'}; known are ${known}`,
      )
    }
    counts.source(format.name, text.isGzip())
    const from = origin ?? format.localOrigin?.(start.slice(0, sniffChars))
    const row = createRowReader({ counts, metres: from && createLocalMetres(from), emit: order.push })
    const opened = format.createParser({ row, counts, hasOrigin: origin !== undefined })
    opened.push(start)
    return opened
  }
}

function reportDamage(counts: TraceCounts) {
  counts.row()
  counts.rejectRow('malformed_line', 0, 'damaged or cut gzip data, rest not read')
}

function checked(options: ReadTraceOptions): ReadTraceOptions {
  const { origin, reorderS = 2 } = options
  if (!(reorderS >= 0 && reorderS <= 60)) throw new TrafficError('option_invalid', `reorderS is ${reorderS}; must be 0 to 60 seconds`)
  if (origin && !(Math.abs(origin.lat) <= 85 && Math.abs(origin.lon) <= 180)) {
    throw new TrafficError(
      'option_invalid',
      `origin is ${origin.lat},${origin.lon}; must be latitude -85 to 85 and longitude -180 to 180 degrees`,
    )
  }
  return options
}
