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
