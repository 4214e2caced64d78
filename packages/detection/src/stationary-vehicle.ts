/*
 * A vehicle that stands where none should, 94.
 *
 * With a signal of its own (hazard lights, breakdown) it counts after 5 s of standing. Without one it counts after 120 s, longer than red
 * phases are, and only if others drive by: at least three different vehicles within the last minute, on its course, within a lane's
 * width to the side, at 3 m/s or more. That tells a blocked lane from a queue, a car park and a closed road, where nobody drives by.
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
import { accuracyOf } from './plausibility.js'
import { historyCount, passersKept, pastIndex, type TrackTable } from './track-table.js'

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
/** Longest step between two samples that still is a straight line past a vehicle: 5 s at 20 m/s. */
const stepMMax = 100
/** Nobody has to be remembered as passed who stands for less: shorter than any red phase. */
const passedAfterMs = 20_000

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
    if (stoodMs < policy.standingSilentMs || (flags & ignitionOff) !== 0 || isBus) return noFindings
    if (passersOf(surroundings, row, sighting.atMs) < policy.passersMin || standsInQueue(surroundings, row)) return noFindings
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

export function isPublicTransport(tracks: TrackTable, row: number): boolean {
  return tracks.role[row] === publicTransport
}

/** How many different vehicles moved by within the past minute. */
export function passersOf({ tracks, policy }: Surroundings, row: number, atMs: number): number {
  let passers = 0
  for (let at = row * passersKept; at < (row + 1) * passersKept; at++) {
    if (tracks.passer[at] !== 0 && atMs - tracks.passedAtMs[at]! <= policy.passersWithinMs) passers++
  }
  return passers
}

/** Notes the row as a passer of every standing vehicle beside the line from its last position to this one. */
function countAsPasser(surroundings: Surroundings, row: number): void {
  const { tracks, standing, frame, policy, rows } = surroundings
  if (standing.size === 0 || historyCount(tracks, row) < 2) return
  const before = pastIndex(tracks, row, 1)
  const fromX = tracks.pastX[before]!
  const fromY = tracks.pastY[before]!
  const scale = eastMPerUnit(frame, fromY)
  const eastM = (tracks.x[row]! - fromX) * scale
  const northM = (tracks.y[row]! - fromY) * northMPerUnit
  const stepM = Math.sqrt(eastM * eastM + northM * northM)
  if (stepM === 0 || stepM > stepMMax) return
  const middleX = Math.round((fromX + tracks.x[row]!) / 2)
  const middleY = Math.round((fromY + tracks.y[row]!) / 2)
  const found = Math.min(standing.queryCircle(middleX, middleY, stepM / 2 + policy.passerLateralM, rows), rows.length)
  for (let i = 0; i < found; i++) {
    const stood = rows[i]!
    if (tracks.atMs[row]! - tracks.standingSinceMs[stood]! < passedAfterMs) continue
    if (!(headingDifferenceDeg(tracks.courseDeg[stood]!, tracks.courseDeg[row]!) <= policy.courseDeg)) continue
    const asideEastM = (tracks.standX[stood]! - fromX) * scale
    const asideNorthM = (tracks.standY[stood]! - fromY) * northMPerUnit
    const along = (asideEastM * eastM + asideNorthM * northM) / (stepM * stepM)
    const lateralM = Math.abs(asideEastM * northM - asideNorthM * eastM) / stepM
    if (along > 0 && along <= 1 && lateralM <= policy.passerLateralM) notePasser(surroundings, stood, row)
  }
}

/** Takes the passer's own place, or the oldest one. */
function notePasser({ tracks }: Surroundings, stood: number, row: number): void {
  const first = stood * passersKept
  let place = first
  for (let at = first; at < first + passersKept; at++) {
    if (tracks.passer[at] === row + 1) {
      place = at
      break
    }
    if (tracks.passer[at] === 0 || (tracks.passer[place] !== 0 && tracks.passedAtMs[at]! < tracks.passedAtMs[place]!)) place = at
  }
  tracks.passer[place] = row + 1
  tracks.passedAtMs[place] = tracks.atMs[row]!
}

/** True if somebody stands in the same lane close ahead. */
export function standsInQueue({ tracks, standing, frame, policy, rows }: Surroundings, row: number): boolean {
  const course = tracks.courseDeg[row]!
  if (Number.isNaN(course)) return false
  const east = Math.sin(course * radPerDeg)
  const north = Math.cos(course * radPerDeg)
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const scale = eastMPerUnit(frame, y)
  const found = Math.min(standing.queryCircle(x, y, policy.queueAheadM, rows), rows.length)
  for (let i = 0; i < found; i++) {
    const other = rows[i]!
    if (other === row || !(headingDifferenceDeg(tracks.courseDeg[other]!, course) <= policy.courseDeg)) continue
    const eastM = (tracks.x[other]! - x) * scale
    const northM = (tracks.y[other]! - y) * northMPerUnit
    if (eastM * east + northM * north > 2 && Math.abs(eastM * north - northM * east) <= policy.queueLateralM) return true
  }
  return false
}
