/** Why a zone could not be made or was used wrongly. What vehicles do is never an error: it is counted and answered. */
export const zoneErrorCodes = {
  /** A value of the policy is not a number of its range; the message names it. */
  policyInvalid: 'policy_invalid',
} as const

export type ZoneErrorCode = (typeof zoneErrorCodes)[keyof typeof zoneErrorCodes]

export class ZoneError extends Error {
  override readonly name = 'ZoneError'
  readonly code: ZoneErrorCode
  readonly retriable = false

  constructor(code: ZoneErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
