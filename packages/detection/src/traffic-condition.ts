/*
 * Traffic condition 1: four vehicles of one direction, within 100 m, creep below 1.4 m/s for 120 s, and for longer than half as long again as vehicles
 * usually stand there. Nobody of their direction gets by: else they are a rank, a turning lane or a row of parked cars. Public from three of them.
 */
import { countAlong, isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { isHeld, jamFromMs } from './jam.js'
import { noFindings } from './no-findings.js'
import { passersOf } from './passers.js'
import { accuracyOf } from './plausibility.js'

const trafficCondition = 1
const trafficJam = 5

export function findTrafficCondition(surroundings: Surroundings, row: number, { atMs, x, y }: Sighting): readonly Finding[] {
  const { tracks, policy } = surroundings
  if (!isHeld(surroundings, row, policy.jamMs, atMs) || !isNewPeriod(surroundings, row, 1_000)) return noFindings
  const fromMs = jamFromMs(surroundings, row)
  if (!isHeld(surroundings, row, fromMs, atMs) || isPassed(surroundings, row, atMs)) return noFindings
  if (heldAround(surroundings, row, fromMs, atMs) < policy.jamVehiclesMin) return noFindings
  return [
    {
      cause: trafficCondition,
      subCause: trafficJam,
      x,
      y,
      uncertaintyM: accuracyOf(tracks.accuracyM[row]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: false,
      subject: false,
    },
  ]
}

/** Passers are only counted of who stands; of who creeps nothing is known, and then it counts. */
export function isPassed(surroundings: Surroundings, row: number, atMs: number): boolean {
  return !Number.isNaN(surroundings.tracks.standingSinceMs[row]!) && passersOf(surroundings, row, atMs) >= surroundings.policy.passersMin
}

/** Itself and others of its direction, at most half of `jamM` before and behind it. */
export function heldAround(surroundings: Surroundings, row: number, fromMs: number, atMs: number): number {
  const { jamM, trafficLateralM } = surroundings.policy
  const band = { fromM: -jamM / 2, toM: jamM / 2, lateralM: trafficLateralM }
  return 1 + countAlong(surroundings, row, band, other => isHeld(surroundings, other, fromMs, atMs))
}
