import type { ZoneClock } from './zone-ports.js'

/**
 * The clocks as one call into the zone sees them: each is read once, the wall clock only if somebody asks. All that the call does happens at one
 * moment, and a replay that gives a call the same moment gets the same bytes.
 */
export interface TurnClock extends ZoneClock {
  /** A call begins. */
  begin(): void
}

export function createTurnClock(clock: ZoneClock): TurnClock {
  let monotonicMs = clock.monotonicMs()
  let wallMs = 0
  let wallOffsetMs = 0
  let hasWall = false
  const readWall = (): void => {
    if (hasWall) return
    hasWall = true
    wallMs = clock.wallMs()
    wallOffsetMs = clock.wallOffsetMs()
  }
  return {
    begin() {
      monotonicMs = clock.monotonicMs()
      hasWall = false
    },
    monotonicMs: () => monotonicMs,
    wallMs() {
      readWall()
      return wallMs
    },
    wallOffsetMs() {
      readWall()
      return wallOffsetMs
    },
  }
}
