import type { SpoolClock } from './clock.js'

/** A clock that stands still until it is told; what is due at the end of a turn still runs then. */
export interface SimulatedClock extends SpoolClock {
  /** Goes on by `ms`, and calls what comes due on the way, in order. */
  advance(ms: number): void
}

export function createSimulatedClock(startMs = 1_700_000_000_000): SimulatedClock {
  let nowMs = startMs
  const timers = new Map<() => void, number>()
  return {
    wallMs: () => nowMs,
    schedule(delayMs, call) {
      if (delayMs <= 0) {
        const immediate = setImmediate(call)
        return () => clearImmediate(immediate)
      }
      const entry = () => call()
      timers.set(entry, nowMs + delayMs)
      return () => timers.delete(entry)
    },
    advance(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        const [due] = [...timers].filter(([, atMs]) => atMs <= untilMs).sort(([, a], [, b]) => a - b)
        if (due === undefined) break
        timers.delete(due[0])
        nowMs = Math.max(nowMs, due[1])
        due[0]()
      }
      nowMs = untilMs
    },
  }
}
