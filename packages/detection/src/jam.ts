/*
 * What a jam is, for traffic condition and end of queue: vehicles of one direction that creep for longer than the lights there ever hold them. A queue
 * that clears in one cycle is no hazard.
 */
import { flagBit } from '@outrider/protocol'
import type { Surroundings } from './detector.js'
import { isPublicTransport } from './stationary-vehicle.js'

const parked = flagBit('ignition_off') | flagBit('parking_brake')
/** Of the longest usual standing: classes of standing are as coarse as that. */
const longerThanUsual = 1.5

/** How long creeping is usual where a row is, ms, and never less than an unknown red phase; Infinity where vehicles park. */
export function jamFromMs({ tracks, usual, policy }: Surroundings, row: number): number {
  const { longestS } = usual.standingOf(tracks.x[row]!, tracks.y[row]!, tracks.courseDeg[row]!)
  return Math.max(policy.jamMs, longestS * 1_000 * longerThanUsual)
}

/** True if it is held by traffic: neither parked nor a bus at its stop, and creeping for so long. */
export function isHeld({ tracks }: Surroundings, row: number, forMs: number, atMs: number): boolean {
  return atMs - tracks.creepingSinceMs[row]! >= forMs && (tracks.flags[row]! & parked) === 0 && !isPublicTransport(tracks, row)
}
