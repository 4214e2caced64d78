/** Why geometry refused to be set up. Bad areas are not errors: `compileArea` returns their problems. */
export const geoErrorCodes = {
  /** A frame's origin is not a position, or lies beyond 85° of latitude. */
  frameOutOfRange: 'frame_out_of_range',
  /** An extent is empty, leaves its frame, or needs more cells than a grid may have. */
  extentInvalid: 'extent_invalid',
  /** A row or fence number is outside the table it was given for. */
  slotOutOfRange: 'slot_out_of_range',
} as const

export type GeoErrorCode = (typeof geoErrorCodes)[keyof typeof geoErrorCodes]

export class GeoError extends Error {
  readonly code: GeoErrorCode
  /** Geometry gives the same answer every time, so trying again never helps. */
  readonly retriable = false

  constructor(code: GeoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GeoError'
    this.code = code
  }
}
