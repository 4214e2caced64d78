/*
 * Who else of its course is on its road, ahead of a vehicle or behind it: within a band along its course, straight on. Beyond some hundred metres roads
 * bend, and nobody is looked for.
 */
import { eastMPerUnit, headingDifferenceDeg, northMPerUnit } from '@outrider/geo'
import type { Surroundings } from './detector.js'
import { historyCount, pastIndex } from './track-table.js'

/** From so far ahead (behind is negative) to so far, and so far to either side, m. */
export interface Band {
  readonly fromM: number
  readonly toM: number
  readonly lateralM: number
}

const radPerDeg = Math.PI / 180

/** Trusted vehicles of its course in the band for which `isMeant`, told how far ahead they are; a query of the grid. */
export function countAlong(
  { tracks, around, frame, policy, rows }: Surroundings,
  row: number,
  { fromM, toM, lateralM }: Band,
  isMeant: (other: number, aheadM: number) => boolean,
): number {
  const course = tracks.courseDeg[row]!
  if (Number.isNaN(course)) return 0
  const east = Math.sin(course * radPerDeg)
  const north = Math.cos(course * radPerDeg)
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const scale = eastMPerUnit(frame, y)
  const found = Math.min(around.queryCircle(x, y, Math.max(Math.abs(fromM), Math.abs(toM)) + lateralM, rows), rows.length)
  let count = 0
  for (let i = 0; i < found; i++) {
    const other = rows[i]!
    if (other === row || tracks.samples[other] === 0 || tracks.distrust[other]! > policy.distrustMax) continue
    if (!(headingDifferenceDeg(tracks.courseDeg[other]!, course) <= policy.courseDeg)) continue
    const eastM = (tracks.x[other]! - x) * scale
    const northM = (tracks.y[other]! - y) * northMPerUnit
    const aheadM = eastM * east + northM * north
    if (aheadM < fromM || aheadM > toM || Math.abs(eastM * north - northM * east) > lateralM) continue
    if (isMeant(other, aheadM)) count++
  }
  return count
}

/** True with the first sample of each period, whatever their rate: what costs a query is not asked more often. */
export function isNewPeriod({ tracks }: Surroundings, row: number, periodMs: number): boolean {
  if (historyCount(tracks, row) < 2) return true
  return Math.floor(tracks.pastAtMs[pastIndex(tracks, row, 1)]! / periodMs) !== Math.floor(tracks.atMs[row]! / periodMs)
}
