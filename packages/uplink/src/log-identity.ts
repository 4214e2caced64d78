/** Which log a record is from: with its sequence, its name for ever. */
export interface LogIdentity {
  /** 1..64 bytes, no slash. */
  readonly node: string
  /** Value of the wire's Lane: 1 urgent, 2 telemetry. */
  readonly lane: number
  /** Random uint32, drawn when the log was created. */
  readonly epoch: number
}

/** `node/lane/epoch`, the epoch as eight hexadecimal digits: key of maps. */
export function formatLogKey({ node, lane, epoch }: LogIdentity): string {
  return `${node}/${lane}/${epoch.toString(16).padStart(8, '0')}`
}
