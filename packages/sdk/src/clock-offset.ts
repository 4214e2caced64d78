// How far the node's clock is ahead of ours, as NTP measures it. Of the last exchanges the one with the shortest delay is believed: a
// delay is queueing, and queueing in one direction only is what falsifies an offset. Kept against the monotonic clock, so that a step
// of the wall clock does not spoil what was measured before it.

/** Exchanges remembered: at one a minute eight minutes, in which a bad quartz (50 ppm) drifts 24 ms. */
const exchangesMax = 8

/** Wall clocks count whole ms on most platforms: a delay may come out that much too short, and an offset be that much off. */
const grainMs = 1

export interface ClockExchange {
  /** Our monotonic clock when the question went out, in ms. */
  readonly askedAtMs: number
  /** Node's clock when the question came: ms since 1970-01-01 UTC. */
  readonly receivedTimeMs: number
  /** Node's clock when the answer went out. */
  readonly answeredTimeMs: number
  /** Our monotonic clock when the answer came. */
  readonly answeredAtMs: number
}

export interface ClockOffset {
  add(exchange: ClockExchange): void
  /** Node's clock less a monotonic reading of ours, in ms; undefined before the first exchange. */
  readonly nodeLessMonotonicMs: number | undefined
  /** Half the shortest delay and a clock's grain: the offset is right within this many ms, drift aside; undefined before the first exchange. */
  readonly errorMs: number | undefined
  /** Another node, another clock: forgets all. */
  reset(): void
}

export function createClockOffset(): ClockOffset {
  let kept: { readonly offsetMs: number; readonly delayMs: number }[] = []
  const best = () => kept.reduce<(typeof kept)[number] | undefined>((a, b) => (a === undefined || b.delayMs < a.delayMs ? b : a), undefined)
  return {
    add({ askedAtMs, receivedTimeMs, answeredTimeMs, answeredAtMs }) {
      const delayMs = answeredAtMs - askedAtMs - (answeredTimeMs - receivedTimeMs)
      // A node whose clock was stepped between the two readings says nothing usable.
      if (!(delayMs >= -grainMs && delayMs < Number.POSITIVE_INFINITY)) return
      kept.push({ delayMs: Math.max(0, delayMs), offsetMs: (receivedTimeMs + answeredTimeMs - askedAtMs - answeredAtMs) / 2 })
      if (kept.length > exchangesMax) kept.shift()
    },
    get nodeLessMonotonicMs() {
      return best()?.offsetMs
    },
    get errorMs() {
      const delayMs = best()?.delayMs
      return delayMs === undefined ? undefined : delayMs / 2 + grainMs
    },
    reset() {
      kept = []
    },
  }
}
