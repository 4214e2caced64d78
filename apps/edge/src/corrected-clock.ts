import type { HealthState } from '@outrider/service'
import type { ClockOffset } from '@outrider/uplink'
import type { ZoneClock } from '@outrider/zone'

export interface CorrectedClockOptions {
  readonly monotonicMs: () => number
  /** The machine's own wall clock, ms since 1970-01-01 UTC. */
  readonly rawWallMs: () => number
}

/**
 * The node's clocks. Wall time is corrected by the region's, so that tokens, validity and records of all nodes have one time; only what is
 * written, shown or checked against a token uses it. What lives is counted down on the monotonic clock, so that a better estimate, or a
 * clock that is set, moves no alert.
 */
export interface CorrectedClock extends ZoneClock {
  /** Takes the newest estimate; what was last heard stays while the region is away. */
  correct(offset: ClockOffset | undefined): void
  /** Always ok; the detail says how far off this machine is. */
  health(): HealthState
}

/** Beyond this a person should look at the machine's time service (design, invariant 6). */
const shownMs = 1_000

export function createCorrectedClock({ monotonicMs, rawWallMs }: CorrectedClockOptions): CorrectedClock {
  let offset: ClockOffset | undefined
  const offsetMs = () => offset?.offsetMs ?? 0
  return {
    monotonicMs,
    wallMs: () => rawWallMs() + offsetMs(),
    wallOffsetMs: offsetMs,
    correct(newest) {
      offset = newest ?? offset
    },
    health() {
      if (offset === undefined) return { ok: true, detail: 'not compared with a region' }
      const by = `${Math.round(Math.abs(offset.offsetMs))} ms`
      const from = offset.offsetMs < 0 ? 'ahead of the region' : 'behind the region'
      const isFar = Math.abs(offset.offsetMs) > shownMs
      return { ok: true, detail: `${by} ${from}, corrected${isFar ? '; over 1 s: set this machine’s clock by NTP' : ''}` }
    },
  }
}
