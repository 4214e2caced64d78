import { build } from 'hdr-histogram-js'

/** Latencies of one run, kept to 1 µs and three significant digits, up to a minute. */
export interface Latencies {
  record(ms: number): void
  /** In ms; `percent` 0 to 100. */
  percentile(percent: number): number
}

export function createLatencies(): Latencies {
  const micros = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
  return {
    record: ms => micros.recordValue(Math.max(1, Math.round(ms * 1000))),
    percentile: percent => micros.getValueAtPercentile(percent) / 1000,
  }
}
