/*
 * Dangerous end of queue 27: the last of a queue, and the one before it, say so; the place is the last one's, and moves as the queue grows.
 *
 * Two vehicles below 5 m/s, at most one slow one behind, and traffic of their direction that arrives at 15 m/s or more within 250 m. On a road that is
 * known to be fast, and where nobody usually stands, that is enough; elsewhere (lights, slower or unknown roads) the queue has to be a jam: four that
 * creep for longer than the lights hold them (jam.ts).
 */
import { countAlong, isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { isHeld, jamFromMs } from './jam.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'

const endOfQueue = 27
const unavailable = 0
/** What took two minutes to become a hazard is looked for less often. */
export const jamPeriodMs = 5_000
/** Who arrives is further behind than the next vehicle of the queue would be. */
const arrivesFromM = 15

export function findEndOfQueue(surroundings: Surroundings, row: number, { atMs }: Sighting): readonly Finding[] {
  const { tracks, policy } = surroundings
  if (!(atMs - tracks.slowSinceMs[row]! >= policy.queueMs) || !isNewPeriod(surroundings, row, 1_000)) return noFindings
  const isFast = isFastRoad(surroundings, row)
  if (!isFast && !(isNewPeriod(surroundings, row, jamPeriodMs) && isJamAhead(surroundings, row, atMs))) return noFindings
  const last = lastOfQueue(surroundings, row, atMs)
  if (last < 0 || !isQueue(surroundings, row, atMs) || !isApproached(surroundings, row)) return noFindings
  return [
    {
      cause: endOfQueue,
      subCause: unavailable,
      x: tracks.x[last]!,
      y: tracks.y[last]!,
      uncertaintyM: accuracyOf(tracks.accuracyM[last]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: false,
      subject: false,
    },
  ]
}

/** Known, free flow above 65 km/h, and nobody usually stands there. */
export function isFastRoad({ tracks, usual, policy }: Surroundings, row: number): boolean {
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const course = tracks.courseDeg[row]!
  if (!(usual.visitsOf(x, y, course) >= policy.usualVisitsMin)) return false
  return usual.freeFlowOf(x, y, course) >= policy.fastMpsMin && usual.standingOf(x, y, course).longestS === 0
}

export function isJamAhead(surroundings: Surroundings, row: number, atMs: number): boolean {
  const { jamM, trafficLateralM, jamVehiclesMin, jamMs } = surroundings.policy
  const band = { fromM: 0, toM: jamM, lateralM: trafficLateralM }
  // Who is held for 120 s is counted first: what is usual at each place is only asked if there are enough of them.
  if (countAlong(surroundings, row, band, other => isHeld(surroundings, other, jamMs, atMs)) < jamVehiclesMin) return false
  return countAlong(surroundings, row, band, other => isHeld(surroundings, other, jamFromMs(surroundings, other), atMs)) >= jamVehiclesMin
}

/** Row of the queue's last vehicle, itself or the only slow one behind it; -1 if it is further ahead in the queue. */
export function lastOfQueue(surroundings: Surroundings, row: number, atMs: number): number {
  const { jamM, trafficLateralM } = surroundings.policy
  let last = row
  const behind = countAlong(surroundings, row, { fromM: -jamM, toM: -1, lateralM: trafficLateralM }, other => {
    if (!isSlow(surroundings, other, atMs)) return false
    last = other
    return true
  })
  return behind <= 1 ? last : -1
}

export function isQueue(surroundings: Surroundings, row: number, atMs: number): boolean {
  const { jamM, trafficLateralM } = surroundings.policy
  const band = { fromM: -jamM, toM: jamM, lateralM: trafficLateralM }
  return countAlong(surroundings, row, band, other => isSlow(surroundings, other, atMs)) >= 1
}

export function isApproached(surroundings: Surroundings, row: number): boolean {
  const { tracks, policy } = surroundings
  const band = { fromM: -policy.arrivingM, toM: -arrivesFromM, lateralM: policy.trafficLateralM }
  return countAlong(surroundings, row, band, other => tracks.speedMps[other]! >= policy.arrivingMpsMin) >= 1
}

function isSlow({ tracks, policy }: Surroundings, row: number, atMs: number): boolean {
  return atMs - tracks.slowSinceMs[row]! >= policy.queueMs
}
