import type { SocketPort } from '@outrider/delivery'
import type { Spool } from '@outrider/spool'

/*
 * What a zone needs from outside. The edge app gives it uWebSockets.js, a spool on disk and the clocks; evaluate, simulation and tests
 * give it memory. A zone calls these synchronously, within its own calls, and never from anywhere else but `whenSynced`.
 * None of them may call the zone back before it has returned: a vehicle's answer is another turn.
 */

/** Sockets by the vehicle's row. When `close` returns, the row has no socket any more, and `zone.closed` is not called for it. */
export interface ZoneSockets extends SocketPort {
  close(row: number, code: number, reason: string): void
}

/** One of a node's two logs: a started `Spool`, or memory. */
export type RecordLane = Pick<Spool, 'append' | 'syncedThrough' | 'appendedThrough' | 'whenSynced'>

/** All clocks in ms. Two reads of a clock within one call may differ; a zone reads each once per call (turn-clock.ts). */
export interface ZoneClock {
  /** Never goes back. */
  monotonicMs(): number
  /** Corrected wall time, since 1970-01-01 UTC. */
  wallMs(): number
  /** What was added to the machine's own clock to get it. */
  wallOffsetMs(): number
}

/** Times of one report on its way, monotonic ms by step; 0 = not passed. */
export type StageTimes = Float64Array

/** Steps of the alert path, as indices into `StageTimes`. */
export const stages = {
  receive: 0,
  admit: 1,
  decode: 2,
  track: 3,
  enter: 4,
  detect: 5,
  issue: 6,
  match: 7,
  record: 8,
} as const
