export const runErrorCodes = {
  /** No node let a vehicle in: the run did not begin. */
  noNode: 'no_node',
  /** Nothing in the recording, or in the part of it that was asked for. */
  recordingEmpty: 'recording_empty',
} as const

export type RunErrorCode = (typeof runErrorCodes)[keyof typeof runErrorCodes]

/** Why a run could not begin. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly code: RunErrorCode

  constructor(code: RunErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
