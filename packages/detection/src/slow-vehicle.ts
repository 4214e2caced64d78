/*
 * Slow vehicle 26: drives below half of what is usual where it is, for 20 s and 150 m, with nobody slow ahead who could be the reason: it is the first.
 * It is public when another vehicle of its direction drives past at nearly free flow, so that the road, too, is no reason; of a slow vehicle with a queue
 * behind it, and nobody who gets by, at least two have to say so, as the table of causes wants.
 */
import { distanceM } from '@outrider/geo'
import { countAlong, isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'

const slowVehicle = 26
const unavailable = 0
/** A vehicle beside or just behind and before it. */
const besideM = 40

export function findSlowVehicle(surroundings: Surroundings, row: number, { atMs, x, y }: Sighting): readonly Finding[] {
  const { tracks, frame, policy } = surroundings
  if (!isNewPeriod(surroundings, row, 1_000)) return noFindings
  const freeFlowMps = dawdles(surroundings, row)
  if (freeFlowMps === undefined) {
    tracks.dawdlingSinceMs[row] = Number.NaN
    return noFindings
  }
  if (Number.isNaN(tracks.dawdlingSinceMs[row]!)) {
    tracks.dawdlingSinceMs[row] = atMs
    tracks.dawdlingX[row] = x
    tracks.dawdlingY[row] = y
  }
  if (atMs - tracks.dawdlingSinceMs[row]! < policy.dawdlingMs) return noFindings
  if (distanceM(frame, tracks.dawdlingX[row]!, tracks.dawdlingY[row]!, x, y) < policy.dawdlingM) return noFindings
  return [
    {
      cause: slowVehicle,
      subCause: unavailable,
      x,
      y,
      uncertaintyM: accuracyOf(tracks.accuracyM[row]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: isOvertaken(surroundings, row, freeFlowMps),
      subject: true,
    },
  ]
}

/** The free flow, m/s, of a place where it drives far more slowly with nothing before it; undefined if it does not. */
export function dawdles(surroundings: Surroundings, row: number): number | undefined {
  const { tracks, usual, policy } = surroundings
  const speedMps = tracks.speedMps[row]!
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const course = tracks.courseDeg[row]!
  if (!(speedMps >= policy.creepingMpsMax) || Number.isNaN(course)) return undefined
  const freeFlowMps = usual.freeFlowOf(x, y, course)
  if (!(freeFlowMps >= policy.dawdlingFlowMpsMin) || speedMps > freeFlowMps * policy.dawdlingShareMax) return undefined
  if (usual.visitsOf(x, y, course) < policy.usualVisitsMin) return undefined
  const ahead = { fromM: 1, toM: policy.dawdlingClearM, lateralM: policy.trafficLateralM }
  const isHeldUp = countAlong(surroundings, row, ahead, other => tracks.speedMps[other]! <= speedMps * 1.2) > 0
  return isHeldUp ? undefined : freeFlowMps
}

function isOvertaken(surroundings: Surroundings, row: number, freeFlowMps: number): boolean {
  const { tracks, policy } = surroundings
  const beside = { fromM: -besideM, toM: besideM, lateralM: policy.trafficLateralM }
  return countAlong(surroundings, row, beside, other => tracks.speedMps[other]! >= freeFlowMps * policy.dawdlingPassShareMin) > 0
}
