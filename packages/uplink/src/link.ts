import type { outrider } from '@outrider/protocol'

/** What a node sends up, and what a region sends down. */
export type UpMessage = outrider.v1.UplinkServiceConnectRequest.$Properties
export type DownMessage = outrider.v1.UplinkServiceConnectResponse.$Properties

/**
 * One end of a stream, less its socket. The transport keeps messages whole and in order, and loses only a tail: what was written and
 * not delivered when the stream broke.
 */
export interface Link<Out> {
  /** Hands a message to the transport, which keeps its buffers. False: it was taken, but write no more until `onDrain`. */
  write(message: Out): boolean
  /** Lets what was written go out, then ends the stream. Nothing is called back afterwards. Idempotent. */
  close(): void
}

/** What a transport tells its end of the stream. Never called from within `write`, `close` or the call that made the link. */
export interface LinkEvents<In> {
  /** Buffers within the message belong to the receiver. */
  onMessage(message: In): void
  onDrain(): void
  /** The stream is over, whoever ended it; at most once. `reason` is for a log line. */
  onClosed(reason: string): void
}

/** Opens a stream to the region; an unreachable one is told by `onClosed`. */
export type OpenLink = (events: LinkEvents<DownMessage>) => Link<UpMessage>

/** Time, as both ends need it; tests bring their own. */
export interface UplinkTime {
  /** Corrected wall time, ms since 1970-01-01 UTC: what is written into records. */
  wallMs(): number
  /** This machine's wall clock, uncorrected: what offsets are measured from. */
  rawWallMs(): number
  /** Monotonic, any base: what is counted down. */
  monotonicMs(): number
  /** Calls `call` once, `delayMs` ≥ 0 from now (0: at the end of this turn of the loop). The function returned cancels it. */
  schedule(delayMs: number, call: () => void): () => void
}
