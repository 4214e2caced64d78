/** How far a peer's clock is ahead of ours. */
export interface PeerClockOffset {
  readonly offsetMs: number
  /** Of the exchange it is from; the offset is off by half of it at most. */
  readonly roundTripMs: number
}

/** Heartbeats looked back at: the best of two seconds. */
const exchangesMax = 8

export interface PeerClock {
  /** A heartbeat came at `nowMs` of our wall clock, which answers one that we sent at `echoedMs`. */
  take(sentMs: number, echoedMs: number, heldMs: number, nowMs: number): void
  /** The exchange with the shortest way, as NTP's clock filter does (RFC 5905, 10); undefined until one was heard. */
  read(): PeerClockOffset | undefined
}

export function createPeerClock(): PeerClock {
  const exchanges: PeerClockOffset[] = []
  return {
    take(sentMs, echoedMs, heldMs, nowMs) {
      const roundTripMs = nowMs - echoedMs - heldMs
      // A clock that was set in between makes no round trip of it.
      if (!(roundTripMs >= 0 && heldMs >= 0) || !Number.isFinite(sentMs)) return
      exchanges.push({ offsetMs: sentMs + roundTripMs / 2 - nowMs, roundTripMs })
      if (exchanges.length > exchangesMax) exchanges.shift()
    },
    read: () =>
      exchanges.reduce<PeerClockOffset | undefined>(
        (best, next) => (best && best.roundTripMs <= next.roundTripMs ? best : next),
        undefined,
      ),
  }
}
