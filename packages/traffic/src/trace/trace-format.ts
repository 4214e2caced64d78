import type { Origin } from '../local-metres.js'
import type { RowReader } from './row-reader.js'
import type { TraceCounts } from './trace-counts.js'

/** Reads text that comes in pieces of any size and hands rows to a `RowReader`. Synchronous; holds at most one row. */
export interface TraceParser {
  push(text: string): void
  /** The text ended: says so of a row that is cut off. */
  end(): void
}

export interface TraceParserOptions {
  readonly row: RowReader
  readonly counts: TraceCounts
  /** True if the caller gave an origin, so that metres can be read. */
  readonly hasOrigin: boolean
}

/** A kind of recording, told by its first characters. */
export interface TraceFormat {
  readonly name: string
  /** @param head the first up to `sniffChars` characters, without byte order mark and leading white space */
  matches(head: string): boolean
  /** What metres are counted from if the caller does not say; of formats whose metres are local by design. */
  localOrigin?(head: string): Origin
  createParser(options: TraceParserOptions): TraceParser
}
