// What the core is given instead of sockets, clocks and timers, so that a simulated world can drive it.

export interface Clock {
  /** Never set back, any origin, ms. */
  monotonicMs(): number
  /** ms since 1970-01-01 UTC. */
  wallMs(): number
}

export interface Timers {
  /** Runs once after a delay in ms; the answer cancels it. */
  set(delayMs: number, run: () => void): () => void
}

export interface SocketRequest {
  /** `ws://…` or `wss://…`; never holds the token. */
  readonly url: string
  /** Subprotocols offered, the wanted one first. */
  readonly protocols: readonly string[]
  readonly token: string
  /** Longest message to accept, in bytes. */
  readonly messageBytesMax: number
}

/** How a socket ended, whether it had opened or not. */
export interface SocketEnd {
  /** WebSocket close code; 1006 = without one. */
  readonly code: number
  /** Status of an HTTP answer that refused the upgrade, where the platform tells. */
  readonly httpStatus?: number
  /** What went wrong, for people. */
  readonly reason: string
}

export interface SocketEvents {
  opened(protocol: string): void
  /** One binary message; the bytes are the receiver's. */
  message(bytes: Uint8Array): void
  /** Exactly once, last; not after `abort`. */
  closed(end: SocketEnd): void
}

export interface PlatformSocket {
  /** Bytes are copied or not changed after; nothing happens on a socket that is not open. */
  send(bytes: Uint8Array): void
  /** Bytes given to `send` and not yet to the network. */
  readonly bufferedBytes: number
  close(code: number, reason: string): void
  /** Gives the socket up without waiting for the peer; no event comes after. */
  abort(): void
}

/** Opens a socket; refusals and failures come as `closed`, never as a throw. */
export type OpenSocket = (request: SocketRequest, events: SocketEvents) => PlatformSocket
