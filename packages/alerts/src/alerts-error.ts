/** What a caller of this package can do wrong for good; everything expected is a returned outcome. */
export const alertsErrorCodes = {
  /** An option is out of its range. */
  invalidOption: 'invalid_option',
} as const

export type AlertsErrorCode = (typeof alertsErrorCodes)[keyof typeof alertsErrorCodes]

export class AlertsError extends Error {
  override readonly name = 'AlertsError'
  readonly code: AlertsErrorCode
  readonly retriable = false

  constructor(code: AlertsErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
