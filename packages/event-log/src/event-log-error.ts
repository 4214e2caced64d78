/** Every reason an event log gives, with whether the same call may succeed later. docs/event-log.md lists them; a test compares. */
export const eventLogErrorCodes = {
  /** No broker answered, or the connection broke before an answer. */
  unreachable: { retriable: true },
  /** The TLS handshake failed: certificate not trusted, expired or for another name, or our own not readable. */
  tls_refused: { retriable: false },
  /** The broker refused user, password or mechanism. */
  login_refused: { retriable: false },
  /** The broker knows us, and we may not do this. */
  not_authorised: { retriable: false },
  /** The topic does not exist. Nothing written. */
  unknown_topic: { retriable: false },
  /** A record, topic name or topic setting breaks the limits of the port. Nothing written. */
  invalid_record: { retriable: false },
  /** More waiting appends than `waitingAppendsMax`. Nothing written. */
  overloaded: { retriable: true },
  /** The log refused for a reason of its own, which the message and `cause` tell. */
  refused: { retriable: false },
  /** The caller's signal aborted the wait; records already under way may still be written. */
  aborted: { retriable: false },
  /** The log is stopped. */
  stopped: { retriable: false },
  /** The disk failed under our own log; it takes nothing more until a restart. */
  log_failed: { retriable: false },
  /** The folder holds something that is not an event log of this version. */
  log_foreign: { retriable: false },
  /** A file of the log is damaged beyond what can be told as a gap. */
  log_damaged: { retriable: false },
  /** Another live process writes under this name. */
  writer_in_use: { retriable: true },
} as const

export type EventLogErrorCode = keyof typeof eventLogErrorCodes

/** An event log's failure: the message says what is wrong and what to do. */
export class EventLogError extends Error {
  readonly code: EventLogErrorCode
  readonly retriable: boolean

  constructor(code: EventLogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EventLogError'
    this.code = code
    this.retriable = eventLogErrorCodes[code].retriable
  }
}
