/** What a caller of this package can do wrong; what is expected is a returned outcome. */
export const deliveryErrorCodes = {
  /** An option is out of its range. */
  invalidOption: 'invalid_option',
  /** No such row. */
  invalidRow: 'invalid_row',
  /** No such slot: never published, or forgotten. */
  invalidSlot: 'invalid_slot',
  /** As many alerts as fit are published: forget some first. The registry in front is to be bounded by the same number. */
  alertsFull: 'alerts_full',
} as const

export type DeliveryErrorCode = (typeof deliveryErrorCodes)[keyof typeof deliveryErrorCodes]

export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly code: DeliveryErrorCode
  readonly retriable: boolean

  constructor(code: DeliveryErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retriable = code === deliveryErrorCodes.alertsFull
  }
}
