import type { ZoneClock } from '@outrider/zone'

/** Wall time at which every replay begins: what is computed from it must not depend on the day. 2026-09-21. */
const startWallMs = 1_790_000_000_000
/** More than everything a zone remembers: an alert is kept for 24 h at most. Longer gaps are cut to it, so that they end. */
const gapMsMax = 25 * 3_600_000

/** Time as a trace has it, driving a zone's clocks. Whole ms. */
export interface TraceClock extends ZoneClock {
  /** Moves on to a time of the trace, s; earlier ones change nothing. `onTick` is called at every `tickMs` passed, the time being that of the tick. */
  moveTo(timeS: number, onTick: () => void): void
  /** Now, in the trace's base, s. */
  nowS(): number
}

export function createTraceClock(tickMs: number): TraceClock {
  /** Monotonic ms; begins at a tick, so that it is no special time to any part of the zone. */
  let nowMs = tickMs
  let nextTickMs = 2 * tickMs
  /** To be added to monotonic ms to get the trace's; set by the first time. */
  let traceOffsetMs: number | undefined

  return {
    monotonicMs: () => nowMs,
    wallMs: () => startWallMs + nowMs,
    wallOffsetMs: () => 0,
    nowS: () => (nowMs + (traceOffsetMs ?? 0)) / 1_000,
    moveTo(timeS, onTick) {
      const timeMs = Math.round(timeS * 1_000)
      traceOffsetMs ??= timeMs - nowMs
      const aheadMs = timeMs - traceOffsetMs - nowMs
      const untilMs = nowMs + Math.min(aheadMs, gapMsMax)
      while (nextTickMs <= untilMs) {
        nowMs = nextTickMs
        nextTickMs += tickMs
        onTick()
      }
      nowMs = Math.max(nowMs, untilMs)
      if (aheadMs > gapMsMax) traceOffsetMs = timeMs - nowMs
    },
  }
}
