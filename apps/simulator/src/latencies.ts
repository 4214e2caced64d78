import { build } from 'hdr-histogram-js'

export interface LatencySummary {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Latencies of one run, kept to 1 µs and three significant digits, up to a minute; longer ones count as a minute. */
export interface Latencies {
  record(ms: number): void
  readonly count: number
  /** In ms; null while there is none. */
  summary(): LatencySummary | null
}

const microsMax = 60_000_000

export function createLatencies(): Latencies {
  const micros = build({ lowestDiscernibleValue: 1, highestTrackableValue: microsMax, numberOfSignificantValueDigits: 3 })
  const ms = (value: number) => Math.round(value) / 1_000
  return {
    record: value => micros.recordValue(Math.min(microsMax, Math.max(1, Math.round(value * 1_000)))),
    get count() {
      return micros.totalCount
    },
    summary() {
      if (micros.totalCount === 0) return null
      // A percentile is the top of its bucket, which may lie above the greatest value there was.
      const percentile = (percent: number) => ms(Math.min(micros.getValueAtPercentile(percent), micros.maxValue))
      return { p50: percentile(50), p99: percentile(99), max: ms(micros.maxValue) }
    },
  }
}
