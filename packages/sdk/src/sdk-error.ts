/** Everything this package throws or rejects with, by code. What became of an urgent report is no error but a returned outcome. */
export const sdkErrorCodes = {
  /** An option of `connect` is missing or out of its range; `field` names it. */
  invalid_option: 'invalid_option',
  /** A value of a report is out of its range; `field` names it. Nothing was sent. */
  out_of_range: 'out_of_range',
  /** As many urgent reports as are kept wait for their acknowledgement; nothing was sent. */
  queue_full: 'queue_full',
  /** The vehicle was closed; nothing can be reported any more. */
  closed: 'closed',
  /** No node could be reached within the time given to `connect`; `cause` says what happened last. */
  unreachable: 'unreachable',
  /** The `token` function failed while `connect` waited. Later failures are tried again and only counted. */
  token_unavailable: 'token_unavailable',
  /** The node refused the token, and no other one was to be had. */
  token_refused: 'token_refused',
  /** The token expired, and it was given as text, so that no other one was to be had. */
  token_expired: 'token_expired',
  /** The same vehicle opened a newer session elsewhere; this one will not come back. */
  replaced: 'replaced',
  /** The node said not to connect again; the message says why. */
  dismissed: 'dismissed',
} as const

export type SdkErrorCode = (typeof sdkErrorCodes)[keyof typeof sdkErrorCodes]

const retriableCodes: readonly SdkErrorCode[] = ['queue_full', 'unreachable', 'token_unavailable']

/** The one error of this package. `message` says what to do next and holds no token. */
export class SdkError extends Error {
  override readonly name = 'SdkError'
  readonly code: SdkErrorCode
  /** True if the same call may succeed later without anyone changing its arguments. */
  readonly retriable: boolean
  /** Option or value concerned, such as `speedMps` or `observations[1].cause`; undefined = none. */
  readonly field: string | undefined

  constructor(code: SdkErrorCode, message: string, options: { readonly cause?: unknown; readonly field?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retriable = retriableCodes.includes(code)
    this.field = options.field
  }
}
