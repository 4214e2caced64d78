// Samples that wait for their telemetry frame. The zone says how often frames come; a frame holds at most ten samples. So samples
// that come closer than a tenth of the interval give way to the newest, and the frame is spread over the whole interval instead of
// holding its last moment only. While nothing can be sent the batch slides along: the newest ten, none older than ten seconds.
import type { WireSample } from './wire-sample.js'

/** Farthest a sample may lie from the report's time (report.proto, time_offset_ms). */
const windowMs = 10_000

export interface TelemetryBatch {
  /** Takes a sample; returns how many were given up for it. `gapMs`: least distance of samples, the newest excepted. */
  add(sample: WireSample, nowMs: number, gapMs: number, samplesMax: number): number
  /** Takes all out, oldest first; what waited longer than the window is given up. */
  take(nowMs: number): { readonly samples: readonly WireSample[]; readonly givenUp: number }
  readonly size: number
}

export function createTelemetryBatch(): TelemetryBatch {
  let waiting: { readonly sample: WireSample; readonly addedAtMs: number }[] = []
  return {
    get size() {
      return waiting.length
    },
    add(sample, nowMs, gapMs, samplesMax) {
      const before = waiting.length
      const newestMs = waiting.at(-1)?.sample.timeMs ?? sample.timeMs
      // The clock was set back: what was measured before it cannot share a frame with what comes now.
      if (sample.timeMs < newestMs - windowMs) waiting = []
      waiting.push({ sample, addedAtMs: nowMs })
      waiting.sort((a, b) => a.sample.timeMs - b.sample.timeMs)
      const endMs = waiting.at(-1)!.sample.timeMs
      waiting = waiting.filter(entry => entry.sample.timeMs >= endMs - windowMs)
      const last = waiting.length - 1
      if (last >= 2 && waiting[last - 1]!.sample.timeMs - waiting[last - 2]!.sample.timeMs < gapMs) waiting.splice(last - 1, 1)
      while (waiting.length > samplesMax) waiting.shift()
      return before + 1 - waiting.length
    },
    take(nowMs) {
      const fresh = waiting.filter(entry => nowMs - entry.addedAtMs <= windowMs)
      const givenUp = waiting.length - fresh.length
      waiting = []
      return { samples: fresh.map(entry => entry.sample), givenUp }
    },
  }
}
