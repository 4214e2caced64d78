/** Why a message could not be encoded. Decoding never throws: there the outcome is a value. */
export const protocolErrorCodes = {
  /** The frame is over the limit of its type; see frame-types.ts. */
  frameTooLarge: 'frame_too_large',
} as const

export type ProtocolErrorCode = (typeof protocolErrorCodes)[keyof typeof protocolErrorCodes]

/** Thrown when our own side tries to send what the wire does not allow: a broken invariant, so never retriable. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  readonly retriable = false

  constructor(code: ProtocolErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
