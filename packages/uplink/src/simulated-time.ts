// Time for tests: nothing passes unless the test says so.
import type { UplinkTime } from './link.js'

export interface SimulatedTime extends UplinkTime {
  readonly nowMs: number
  /** Lets `forMs` pass, calling what is due, in order of time. */
  pass(forMs: number): Promise<void>
}

const startMs = 1_700_000_000_000

export function createSimulatedTime(): SimulatedTime {
  let nowMs = 0
  let order = 0
  let due: { readonly atMs: number; readonly order: number; readonly call: () => void }[] = []

  return {
    get nowMs() {
      return nowMs
    },
    wallMs: () => startMs + nowMs,
    rawWallMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    schedule(delayMs, call) {
      const entry = { atMs: nowMs + Math.max(0, delayMs), order: order++, call }
      due.push(entry)
      return () => {
        due = due.filter(other => other !== entry)
      }
    },
    async pass(forMs) {
      const untilMs = nowMs + forMs
      for (;;) {
        await new Promise(setImmediate)
        const next = due.reduce<(typeof due)[number] | undefined>(
          (best, entry) =>
            entry.atMs > untilMs || (best && (best.atMs < entry.atMs || (best.atMs === entry.atMs && best.order < entry.order)))
              ? best
              : entry,
          undefined,
        )
        if (next === undefined) break
        due = due.filter(other => other !== next)
        nowMs = Math.max(nowMs, next.atMs)
        next.call()
      }
      nowMs = untilMs
    },
  }
}
