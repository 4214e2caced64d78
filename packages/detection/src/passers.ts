/*
 * Who drives past a standing vehicle, and on which side: what tells a blocked lane from a red light, a queue, a car park and a closed road.
 *
 * A passer is a different vehicle of the same course that gets from behind to beyond it, at most a lane's width to the side, at speed. It
 * "went on" when it is 30 m beyond and still drives: who pulls up beside a standing vehicle waits for the same light. If others drive through the
 * very place, it is beside their lane (in a bay, at a kerb, on another level, or its position is off), and their lane is free.
 */
import { distanceM, eastMPerUnit, headingDifferenceDeg, northMPerUnit } from '@outrider/geo'
import type { Surroundings } from './detector.js'
import { historyCount, passersPerSide, pastIndex } from './track-table.js'

/** Longest step between two samples that still is a straight line past a vehicle: 5 s at 20 m/s. */
const stepMMax = 100
const sides = 2
const left = 0
const right = 1
/** What one passer weighs in the share of those who drive through: two in a row are too many, one among others is a bad position. */
const shareWeight = 0.2

/** Notes the row, which drives, as a passer of every standing vehicle beside the line from its last position to this one. */
export function countAsPasser(surroundings: Surroundings, row: number): void {
  const { tracks, standing, frame, policy, rows } = surroundings
  if (standing.size === 0 || historyCount(tracks, row) < 2 || tracks.distrust[row]! > policy.distrustMax) return
  const before = pastIndex(tracks, row, 1)
  const fromX = tracks.pastX[before]!
  const fromY = tracks.pastY[before]!
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const scale = eastMPerUnit(frame, fromY)
  const eastM = (x - fromX) * scale
  const northM = (y - fromY) * northMPerUnit
  const stepM = Math.sqrt(eastM * eastM + northM * northM)
  if (stepM === 0 || stepM > stepMMax) return
  // A position that fell back is no passing.
  const courseRad = (tracks.courseDeg[row]! * Math.PI) / 180
  if (!(eastM * Math.sin(courseRad) + northM * Math.cos(courseRad) > 0)) return
  // Wide enough to find again, after the next step, whom it passed with the one before.
  const found = Math.min(standing.queryCircle(x, y, stepM + policy.wentOnM, rows), rows.length)
  for (let i = 0; i < found; i++) {
    const stood = rows[i]!
    if (!(tracks.atMs[row]! >= tracks.standingSinceMs[stood]!)) continue
    if (!(headingDifferenceDeg(tracks.courseDeg[stood]!, tracks.courseDeg[row]!) <= policy.courseDeg)) continue
    const asideEastM = (tracks.standX[stood]! - fromX) * scale
    const asideNorthM = (tracks.standY[stood]! - fromY) * northMPerUnit
    const along = (asideEastM * eastM + asideNorthM * northM) / (stepM * stepM)
    // Positive if the standing vehicle is to the right of the line, so that it was passed on its left.
    const lateralM = (asideEastM * northM - asideNorthM * eastM) / stepM
    if (along > 0 && along <= 1 && Math.abs(lateralM) <= policy.passerLateralM) notePasser(surroundings, stood, row, lateralM)
    if (tracks.speedMps[row]! < policy.wentOnMpsMin) continue
    if (distanceM(frame, x, y, tracks.standX[stood]!, tracks.standY[stood]!) >= policy.wentOnM) noteWentOn(surroundings, stood, row)
  }
}

function notePasser(surroundings: Surroundings, stood: number, row: number, lateralM: number): void {
  const { tracks, policy } = surroundings
  const asideM = Math.abs(lateralM)
  if (asideM < policy.throughM) tracks.throughShare[stood]! += (1 - tracks.throughShare[stood]!) * shareWeight
  else tracks.throughShare[stood]! *= 1 - shareWeight
  // Less than half a lane to the side is neither one side nor the other.
  if (asideM >= policy.queueLateralM) takePlace(surroundings, stood, row, lateralM > 0 ? left : right)
}

/**
 * Takes the passer's own place, or one that is free or out of date, or the newest one: the oldest ones stay, since they say for how long the
 * lane has run.
 */
function takePlace({ tracks, policy }: Surroundings, stood: number, row: number, side: number): void {
  const first = (stood * sides + side) * passersPerSide
  const outdatedMs = tracks.atMs[row]! - policy.passersWithinMs
  // What is free or out of date is taken first, then the newest.
  const worth = (at: number) =>
    tracks.passer[at] === 0 || tracks.passedAtMs[at]! < outdatedMs ? Number.POSITIVE_INFINITY : tracks.passedAtMs[at]!
  let place = first
  for (let at = first; at < first + passersPerSide; at++) {
    if (tracks.passer[at] === row + 1) {
      place = at
      break
    }
    if (worth(at) > worth(place)) place = at
  }
  tracks.passer[place] = row + 1
  tracks.passedAtMs[place] = tracks.atMs[row]!
  tracks.wentOn[place] = 0
}

function noteWentOn({ tracks }: Surroundings, stood: number, row: number): void {
  const first = stood * sides * passersPerSide
  for (let at = first; at < first + sides * passersPerSide; at++) if (tracks.passer[at] === row + 1) tracks.wentOn[at] = 1
}

/** False if it is where others drive. */
export function standsInTheWay({ tracks, policy }: Surroundings, stood: number): boolean {
  return tracks.throughShare[stood]! <= policy.throughShareMax
}

/** How many different vehicles moved by within the past minute; more than are remembered do not make it surer. */
export function passersOf({ tracks, policy }: Surroundings, stood: number, atMs: number): number {
  const first = stood * sides * passersPerSide
  let passers = 0
  for (let at = first; at < first + sides * passersPerSide; at++) {
    if (tracks.passer[at] !== 0 && atMs - tracks.passedAtMs[at]! <= policy.passersWithinMs) passers++
  }
  return passers
}

/** True if `passersMin` went by on whichever side and on, one of them `runsForMs` ago or longer: traffic there runs, and has for a while. */
export function runsBeside({ tracks, policy }: Surroundings, stood: number, atMs: number): boolean {
  const first = stood * sides * passersPerSide
  let wentOn = 0
  let hasRun = false
  for (let at = first; at < first + sides * passersPerSide; at++) {
    const agoMs = atMs - tracks.passedAtMs[at]!
    if (tracks.wentOn[at] === 0 || agoMs > policy.passersWithinMs) continue
    wentOn++
    if (agoMs >= policy.runsForMs) hasRun = true
  }
  return hasRun && wentOn >= policy.passersMin
}

/** True if on each side somebody went by and on `runsForMs` ago or longer, and `passersMin` did in all: both lanes run, and have for a while. */
export function runsOnBothSides({ tracks, policy }: Surroundings, stood: number, atMs: number): boolean {
  let wentOn = 0
  for (let side = left; side <= right; side++) {
    const first = (stood * sides + side) * passersPerSide
    let hasRun = false
    for (let at = first; at < first + passersPerSide; at++) {
      const agoMs = atMs - tracks.passedAtMs[at]!
      if (tracks.wentOn[at] === 0 || agoMs > policy.passersWithinMs) continue
      wentOn++
      if (agoMs >= policy.runsForMs) hasRun = true
    }
    if (!hasRun) return false
  }
  return wentOn >= policy.passersMin
}
