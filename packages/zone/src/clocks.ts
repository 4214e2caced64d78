import type { Now } from '@outrider/alerts'
import type { ZoneState } from './zone-state.js'

/** Both clocks of this moment. */
export function nowOf(zone: ZoneState): Now {
  return { monotonicMs: zone.clock.monotonicMs(), wallMs: zone.clock.wallMs() }
}

/** Corrected wall time of a moment on the monotonic clock. */
export function wallOf(zone: ZoneState, monotonicMs: number): number {
  return zone.clock.wallMs() + (monotonicMs - zone.clock.monotonicMs())
}

/** The first report says what the vehicle's clock shows, if nothing did before; later ones only make the way shorter that is in the estimate. */
export function anchorClock({ report, tracks, detection }: ZoneState, row: number, nowMs: number): void {
  const newestMs = report.timeMs + report.offsetMs[report.sampleCount - 1]!
  const offsetMs = tracks.offsetMs[row]!
  if (Number.isNaN(offsetMs)) tracks.offsetMs[row] = nowMs - newestMs
  else if (newestMs + offsetMs > nowMs && newestMs + offsetMs <= nowMs + detection.futureMs) tracks.offsetMs[row] = nowMs - newestMs
}
