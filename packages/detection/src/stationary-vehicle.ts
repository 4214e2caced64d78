/*
 * A vehicle that stands where none should, 94.
 *
 * With a signal of its own (hazard lights, breakdown) it counts after 5 s of standing. Without one, traffic tells:
 *
 * - It stands between two lanes that run: vehicles of its course went by on its left and on its right, at least three, and went on, and each
 *   side has run for 5 s; nobody of its direction stands beside it or ahead. Nobody stops between two running lanes by choice: a bus stop, a parked car or a loading van is at a road's edge, and a
 *   light stops the lanes beside each other together (of 2,290 stops of 15 s and more in the Hamburg traces none looks like this). From 10 s on.
 * - Otherwise, at an edge or in a turning lane, what is usual there tells it from those (usual-stop.ts): 15 s where vehicles never stand and three
 *   went on beside it; else longer than usual, 120 s at least and where nothing is known, and three passers on either side within the last minute.
 *
 * Never counted: who stands behind someone who stands (a queue; its head may be counted), a parked vehicle (ignition off without lights), a
 * bus at its stop (public transport with open doors, or standing silently), and a crashed vehicle, which is post-crash.
 */
import { eastMPerUnit, headingDifferenceDeg, northMPerUnit } from '@outrider/geo'
import { flagBit } from '@outrider/protocol'
import { crashMask } from './crash.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { countAsPasser, passersOf, runsBeside, runsOnBothSides, standsInTheWay } from './passers.js'
import { accuracyOf } from './plausibility.js'
import type { TrackTable } from './track-table.js'
import { remarkableFromMs } from './usual-stop.js'

const hazardLights = flagBit('hazard_lights')
const breakdown = flagBit('breakdown')
const ignitionOff = flagBit('ignition_off')
const doorsOpen = flagBit('doors_open')
/** Wire VehicleRole. */
const publicTransport = 2

const stationaryVehicle = 94
const unavailable = 0
const brokenDown = 2

const radPerDeg = Math.PI / 180
export function findStationaryVehicle(surroundings: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  const { tracks, policy } = surroundings
  const sinceMs = tracks.standingSinceMs[row]!
  if (Number.isNaN(sinceMs)) {
    if (tracks.speedMps[row]! >= policy.passingMpsMin) countAsPasser(surroundings, row)
    return noFindings
  }
  const { flags } = sighting
  const stoodMs = sighting.atMs - sinceMs
  if (stoodMs < policy.standingFlaggedMs || (flags & crashMask) !== 0) return noFindings
  const isBroken = (flags & breakdown) !== 0
  const isBus = isPublicTransport(tracks, row)
  if (!isBroken && (flags & hazardLights) !== 0) {
    if ((isBus && (flags & doorsOpen) !== 0) || standsInQueue(surroundings, row)) return noFindings
  } else if (!isBroken) {
    if (stoodMs < policy.standingBetweenMs || (flags & ignitionOff) !== 0 || isBus) return noFindings
    const isPassed = passersOf(surroundings, row, sighting.atMs) >= policy.passersMin && standsInTheWay(surroundings, row)
    if (!isPassed || standsInQueue(surroundings, row)) return noFindings
    if (!isRemarkable(surroundings, row, stoodMs, sighting.atMs)) return noFindings
  }
  return [
    {
      cause: stationaryVehicle,
      subCause: isBroken ? brokenDown : unavailable,
      x: tracks.standX[row]!,
      y: tracks.standY[row]!,
      uncertaintyM: accuracyOf(tracks.accuracyM[row]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: true,
      subject: true,
    },
  ]
}

/** True if it stands between two lanes that run, or longer than is usual where it stands. */
function isRemarkable(surroundings: Surroundings, row: number, stoodMs: number, atMs: number): boolean {
  const { policy } = surroundings
  if (runsOnBothSides(surroundings, row, atMs) && !waitsWithOthers(surroundings, row)) return true
  const fromMs = remarkableFromMs(surroundings, row)
  if (stoodMs < fromMs) return false
  return fromMs >= policy.standingSilentMs || (runsBeside(surroundings, row, atMs) && !waitsWithOthers(surroundings, row))
}

export function isPublicTransport(tracks: TrackTable, row: number): boolean {
  return tracks.role[row] === publicTransport
}

/** True if somebody stands in the same lane close ahead. */
export function standsInQueue(surroundings: Surroundings, row: number): boolean {
  const { queueAheadM, queueLateralM } = surroundings.policy
  return hasStandingNeighbour(surroundings, row, 2, queueAheadM, queueLateralM)
}

/** True if somebody stands on any lane of its direction beside it or ahead: then there is something to wait for. */
export function waitsWithOthers(surroundings: Surroundings, row: number): boolean {
  const { queueAheadM, waitingAheadM, waitingLateralM } = surroundings.policy
  return hasStandingNeighbour(surroundings, row, -queueAheadM / 2, waitingAheadM, waitingLateralM)
}

/** Looks for others of its course that stand from `fromM` to `toM` ahead of it, at most `lateralM` to the side. */
function hasStandingNeighbour(
  { tracks, standing, frame, policy, rows }: Surroundings,
  row: number,
  fromM: number,
  toM: number,
  lateralM: number,
): boolean {
  const course = tracks.courseDeg[row]!
  if (Number.isNaN(course)) return false
  const east = Math.sin(course * radPerDeg)
  const north = Math.cos(course * radPerDeg)
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const scale = eastMPerUnit(frame, y)
  const found = Math.min(standing.queryCircle(x, y, toM, rows), rows.length)
  for (let i = 0; i < found; i++) {
    const other = rows[i]!
    if (other === row || !(headingDifferenceDeg(tracks.courseDeg[other]!, course) <= policy.courseDeg)) continue
    const eastM = (tracks.x[other]! - x) * scale
    const northM = (tracks.y[other]! - y) * northMPerUnit
    if (eastM * east + northM * north > fromM && Math.abs(eastM * north - northM * east) <= lateralM) return true
  }
  return false
}
