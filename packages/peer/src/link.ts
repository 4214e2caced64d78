import type { outrider } from '@outrider/protocol'

export type PeerMessage = outrider.v1.PeerMessage.$Properties

/**
 * One end of a stream, less its socket. The transport keeps messages whole and in order, and loses only a tail: what was written and
 * not delivered when the stream broke.
 */
export interface PeerLink {
  /** Hands a message to the transport, which keeps its buffers. False: it was taken, but write no more until `onDrain`. */
  write(message: PeerMessage): boolean
  /** Lets what was written go out, then ends the stream. Nothing is called back afterwards. Idempotent. */
  close(): void
}

/** What a transport tells its end of the stream. Never called from within `write`, `close` or the call that made the link. */
export interface PeerLinkEvents {
  /** Buffers within the message belong to the receiver. */
  onMessage(message: PeerMessage): void
  onDrain(): void
  /** The stream is over, whoever ended it; at most once. `reason` is for a log line. */
  onClosed(reason: string): void
}

/** Opens a stream to a peer; an unreachable one is told by `onClosed`. @param address host:port @param name whose certificate it must show */
export type OpenPeerLink = (name: string, address: string, events: PeerLinkEvents) => PeerLink

/** Time, as peers need it; tests bring their own. */
export interface PeerTime {
  /** Monotonic, any base: what is counted down, and what decides who is gone. */
  monotonicMs(): number
  /** Corrected wall time, ms since 1970-01-01 UTC. */
  wallMs(): number
  /** Calls `call` once, `delayMs` from now. The function returned cancels it. */
  schedule(delayMs: number, call: () => void): () => void
}
