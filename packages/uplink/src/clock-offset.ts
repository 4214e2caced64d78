import type { outrider } from '@outrider/protocol'

type UplinkClock = outrider.v1.UplinkClock.$Properties

/** How far the region's clock is ahead of this machine's. */
export interface ClockOffset {
  /** ms to add to this machine's wall clock. */
  readonly offsetMs: number
  /** Round trip of the exchange it is from, ms; the offset is off by half of it at most. */
  readonly roundTripMs: number
}

/** Exchanges remembered: at one every 5 s, the best of 40 s. */
const exchangesMax = 8
/** What two clocks may drift apart in those 40 s: quartz is good to 100 ppm or 4 ms, an NTP slew to 500 ppm or 20 ms. */
const driftMsMax = 50

export interface ClockOffsetEstimate {
  /** Takes in an answer that came at `nowMs` of this machine's wall clock. False if it is not one. */
  take(answer: UplinkClock, nowMs: number): boolean
  /** The exchange with the shortest round trip among the last eight, as NTP's clock filter does (RFC 5905, 10). */
  read(): ClockOffset | undefined
}

export function createClockOffsetEstimate(): ClockOffsetEstimate {
  const exchanges: ClockOffset[] = []
  return {
    take({ askedTimeMs, receivedTimeMs, answeredTimeMs }, nowMs) {
      if (askedTimeMs == null || receivedTimeMs == null || answeredTimeMs == null) return false
      const roundTripMs = nowMs - askedTimeMs - (answeredTimeMs - receivedTimeMs)
      const offsetMs = (receivedTimeMs - askedTimeMs + (answeredTimeMs - nowMs)) / 2
      // A clock that was set in between makes no round trip of it.
      if (!(roundTripMs >= 0) || !Number.isFinite(offsetMs)) return false
      // Each is off by half its round trip at most. Where two cannot both be, a clock was set, and what is older is void.
      if (exchanges.some(before => Math.abs(before.offsetMs - offsetMs) > (before.roundTripMs + roundTripMs) / 2 + driftMsMax))
        exchanges.length = 0
      exchanges.push({ offsetMs, roundTripMs })
      if (exchanges.length > exchangesMax) exchanges.shift()
      return true
    },
    read: () =>
      exchanges.reduce<ClockOffset | undefined>((best, next) => (best && best.roundTripMs <= next.roundTripMs ? best : next), undefined),
  }
}
