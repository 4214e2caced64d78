/** What stops this package. Bad rows and values never do: they are counted in a report. `docs/traffic.md` lists the codes. */
export const trafficErrorCodes = {
  /** An option is out of range; the message names it and what is allowed. */
  option_invalid: { retriable: false },
  /** The first bytes are those of no known format. */
  format_unknown: { retriable: false },
  /** The header lacks columns without which no row can be read, or names one twice. */
  header_invalid: { retriable: false },
  /** Positions are in metres and no origin was given. */
  origin_missing: { retriable: false },
  /** More rows of truth than `truthRowsMax`. */
  truth_too_long: { retriable: false },
  /** The source failed while being read; `cause` says how. */
  source_failed: { retriable: true },
} as const

export type TrafficErrorCode = keyof typeof trafficErrorCodes

/** The one error of this package. The message is a sentence for a person. */
export class TrafficError extends Error {
  readonly code: TrafficErrorCode
  readonly retriable: boolean

  constructor(code: TrafficErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TrafficError'
    this.code = code
    this.retriable = trafficErrorCodes[code].retriable
  }
}
