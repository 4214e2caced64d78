/** Why detection refused to be set up. What reports do is never an error: it is a reason, counted. */
export const detectionErrorCodes = {
  /** A value of the policy is not a number of its range; the message names it. */
  policyInvalid: 'policy_invalid',
} as const

export type DetectionErrorCode = (typeof detectionErrorCodes)[keyof typeof detectionErrorCodes]

export class DetectionError extends Error {
  override readonly name = 'DetectionError'
  readonly code: DetectionErrorCode
  readonly retriable = false

  constructor(code: DetectionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
