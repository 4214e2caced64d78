/*
 * Total blockage 5: the first of a queue, and the second, say that nothing goes on. The first stands for 180 s, and twice as long as is usual there, where
 * traffic is known to drive; nobody of its direction stands ahead of it, on whatever lane, nobody gets by, and others are held behind. A light that is red for so
 * long has failed, or a level crossing has; a partial blockage lets others by, and is a stationary vehicle. Public from two.
 */
import { countAlong, isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { isHeld } from './jam.js'
import { noFindings } from './no-findings.js'
import { passersOf } from './passers.js'
import { accuracyOf } from './plausibility.js'

const impassability = 5
const unavailable = 0
const timesUsual = 2
/** What takes minutes is looked for less often. */
export const blockagePeriodMs = 5_000

export function findBlockage(surroundings: Surroundings, row: number, { atMs }: Sighting): readonly Finding[] {
  const { tracks, policy } = surroundings
  if (Number.isNaN(tracks.standingSinceMs[row]!) || !isHeld(surroundings, row, policy.blockedMs, atMs)) return noFindings
  if (!isNewPeriod(surroundings, row, blockagePeriodMs)) return noFindings
  if (!isHeld(surroundings, row, blockedFromMs(surroundings, row), atMs)) return noFindings
  const first = firstOfQueue(surroundings, row, atMs)
  if (first < 0 || passersOf(surroundings, row, atMs) > 0 || heldBehind(surroundings, first, atMs) < policy.blockedBehindMin)
    return noFindings
  return [
    {
      cause: impassability,
      subCause: unavailable,
      x: tracks.x[first]!,
      y: tracks.y[first]!,
      uncertaintyM: accuracyOf(tracks.accuracyM[first]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: false,
      subject: false,
    },
  ]
}

/** How long standing there is a blockage, ms; Infinity where nothing is known, and where vehicles park. */
export function blockedFromMs({ tracks, usual, policy }: Surroundings, row: number): number {
  const x = tracks.standX[row]!
  const y = tracks.standY[row]!
  const course = tracks.standCourseDeg[row]!
  if (!(usual.visitsOf(x, y, course) >= policy.usualVisitsMin)) return Number.POSITIVE_INFINITY
  return Math.max(policy.blockedMs, usual.standingOf(x, y, course).longestS * 1_000 * timesUsual)
}

/** Row of the queue's first vehicle, itself or the only one that is held ahead of it; -1 if it is further behind. */
export function firstOfQueue(surroundings: Surroundings, row: number, atMs: number): number {
  const { jamM, trafficLateralM, blockedBehindMs } = surroundings.policy
  let first = row
  const ahead = countAlong(surroundings, row, { fromM: 1, toM: jamM, lateralM: trafficLateralM }, other => {
    if (!isHeld(surroundings, other, 0, atMs)) return false
    first = other
    return true
  })
  // The one ahead has to be held for long too: who has just come to stand there was let by.
  return ahead <= 1 && isHeld(surroundings, first, blockedBehindMs, atMs) ? first : -1
}

/** How many are held behind a vehicle. */
export function heldBehind(surroundings: Surroundings, first: number, atMs: number): number {
  const { jamM, trafficLateralM, blockedBehindMs } = surroundings.policy
  const band = { fromM: -jamM, toM: -1, lateralM: trafficLateralM }
  return countAlong(surroundings, first, band, other => isHeld(surroundings, other, blockedBehindMs, atMs))
}
