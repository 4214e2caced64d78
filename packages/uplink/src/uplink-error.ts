/** What can go wrong for good with the region's own log of what it took. `docs/uplink.md` lists them; a test compares. */
export const uplinkErrorCodes = {
  /** A write or fsync of the region's log failed; it takes nothing more until a restart. */
  log_failed: { retriable: false },
  /** An entry of the region's log cannot be read though its check fits: written by another program or version. */
  entry_unreadable: { retriable: false },
  /** The journal is not started, or was stopped. */
  closed: { retriable: false },
} as const

export type UplinkErrorCode = keyof typeof uplinkErrorCodes

/** The one error of this package: a sentence for a person. */
export class UplinkError extends Error {
  override readonly name = 'UplinkError'
  readonly code: UplinkErrorCode
  readonly retriable: boolean

  constructor(code: UplinkErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.retriable = uplinkErrorCodes[code].retriable
  }
}
