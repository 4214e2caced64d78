/** What can go wrong with a spool, and whether trying again later, without a person, can help. `docs/spool.md` lists them. */
export const spoolErrorCodes = {
  /** A limit is out of range; the message names it and what is allowed. */
  limit_invalid: { retriable: false },
  /** Another live process writes this folder; the message names its pid. */
  locked: { retriable: true },
  /** The folder holds something that is not this log. Nothing was changed. */
  folder_foreign: { retriable: false },
  /** Written by a newer version of this program. Nothing was changed. */
  version_unsupported: { retriable: false },
  /** So much is damaged that the log's identity is unknown. Nothing was changed. */
  damaged_beyond_reading: { retriable: false },
  /** There is no log in the folder (yet). */
  no_spool: { retriable: true },
  /** The disk could not be read, written or synced while opening or reading; `cause` says how. */
  disk_failed: { retriable: false },
  /** The disk has no space to create or open the log. */
  disk_full: { retriable: true },
  /** A write or fsync failed earlier: this log is closed for good. */
  failed: { retriable: false },
  /** The log is not started, or was stopped. */
  closed: { retriable: false },
  /** A sequence was named that no record has. */
  not_appended: { retriable: false },
} as const

export type SpoolErrorCode = keyof typeof spoolErrorCodes

/** The one error of this package. The message is a sentence for a person, and says what to do where something can be done. */
export class SpoolError extends Error {
  readonly code: SpoolErrorCode
  readonly retriable: boolean

  constructor(code: SpoolErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'SpoolError'
    this.code = code
    this.retriable = spoolErrorCodes[code].retriable
  }
}
