/** How a call can fail, by gRPC's own names and numbers (google.rpc.Code). */
export const rpcStatuses = {
  invalid_argument: { number: 3, retriable: false },
  deadline_exceeded: { number: 4, retriable: true },
  not_found: { number: 5, retriable: false },
  already_exists: { number: 6, retriable: false },
  permission_denied: { number: 7, retriable: false },
  resource_exhausted: { number: 8, retriable: true },
  failed_precondition: { number: 9, retriable: false },
  aborted: { number: 10, retriable: false },
  unimplemented: { number: 12, retriable: false },
  internal: { number: 13, retriable: false },
  unavailable: { number: 14, retriable: true },
  unauthenticated: { number: 16, retriable: false },
} as const

export type RpcStatus = keyof typeof rpcStatuses

/** What a caller is told: the one error class of this app. The message says what to do. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure'
  readonly code: RpcStatus
  readonly retriable: boolean

  constructor(code: RpcStatus, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.retriable = rpcStatuses[code].retriable
  }
}
