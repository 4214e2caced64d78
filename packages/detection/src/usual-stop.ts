/*
 * How long a silent vehicle has to stand, where it does, to be remarkable: what traffic usually does there tells a stalled vehicle from a stop.
 *
 * - Where nobody ever stands, and on a strip on which others drive (not beside their lane), 15 s.
 * - Where vehicles usually stand, half as long again as the longest usual standing, and never less than the 120 s of a place that is not known.
 *   Where they stand for over ten minutes (a car park, a kerb) no standing is remarkable.
 */
import type { Surroundings } from './detector.js'

/** Once in so many visits somebody stands anywhere. */
const strayStandShare = 0.001
const strayStands = 0.5
/** Least share of the visits on the strip it stands on: a quarter of four lanes, spread over some strips. */
const drivenShareMin = 0.05
/** Of the longest usual standing: classes of standing are as coarse as that. */
const longerThanUsual = 1.5

/** ms from which standing there counts; Infinity = never. */
export function remarkableFromMs({ tracks, usual, policy }: Surroundings, stood: number): number {
  const x = tracks.standX[stood]!
  const y = tracks.standY[stood]!
  const course = tracks.standCourseDeg[stood]!
  if (Number.isNaN(course)) return policy.standingSilentMs
  const { visits, stands, longestS } = usual.standingOf(x, y, course)
  const visitsHere = usual.visitsOf(x, y, course)
  const nobodyStands = visitsHere >= policy.usualVisitsMin && stands <= Math.max(strayStands, visits * strayStandShare)
  if (nobodyStands && usual.drivenOf(x, y, course) >= visitsHere * drivenShareMin) return policy.standingUnusualMs
  return Math.max(policy.standingSilentMs, longestS * 1_000 * longerThanUsual)
}
