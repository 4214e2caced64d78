/*
 * Where a vehicle is that has not said for a while where it is, be it silent or without a position (a tunnel): further along its course at its
 * last speed, and less and less surely. It is looked for there when an alert comes; it is not targeted any more after three of its asked
 * intervals, at least 10 s, until it says again where it is.
 */
import { eastMPerUnit, frameReachUnits, northMPerUnit } from '@outrider/geo'
import type { ZoneState } from './zone-state.js'

const radPerDeg = Math.PI / 180

export interface Reckoning {
  x: number
  y: number
  /** How far it may be from there, m; 0 for who has just reported. */
  uncertaintyM: number
}

/** Writes the vehicle's place at `nowMs` into `into`, which is returned. */
export function reckon(zone: ZoneState, row: number, nowMs: number, into: Reckoning): Reckoning {
  const { tracks, policy, frame } = zone
  const silentMs = nowMs - tracks.atMs[row]!
  into.x = tracks.x[row]!
  into.y = tracks.y[row]!
  into.uncertaintyM = 0
  if (silentMs <= tracks.intervalMs[row]! * policy.silentIntervals) return into
  const silentS = silentMs / 1_000
  into.uncertaintyM = Math.min(policy.silentUncertaintyMMax, 0.5 * policy.silentMps2 * silentS * silentS)
  const courseDeg = tracks.courseDeg[row]!
  const speedMps = tracks.speedMps[row]!
  if (Number.isNaN(courseDeg) || !(speedMps >= 1)) return into
  const wayM = speedMps * silentS
  into.x = inReach(into.x + Math.round((Math.sin(courseDeg * radPerDeg) * wayM) / eastMPerUnit(frame, into.y)))
  into.y = inReach(into.y + Math.round((Math.cos(courseDeg * radPerDeg) * wayM) / northMPerUnit))
  return into
}

function inReach(units: number): number {
  return Math.max(-frameReachUnits, Math.min(frameReachUnits, units))
}

/** Moves the silent to where they are reckoned to be, and takes those who are silent for too long out of the grid. */
export function moveSilent(zone: ZoneState, row: number, nowMs: number, into: Reckoning): void {
  const { tracks, policy, grid } = zone
  if (!grid.has(row)) return
  const silentMs = nowMs - tracks.atMs[row]!
  const intervalMs = tracks.intervalMs[row]!
  if (silentMs <= intervalMs * policy.silentIntervals) return
  if (silentMs > Math.max(intervalMs * policy.targetedIntervals, policy.targetedMsMin)) {
    grid.remove(row)
    zone.standing.remove(row)
    return
  }
  reckon(zone, row, nowMs, into)
  grid.place(row, into.x, into.y)
}
