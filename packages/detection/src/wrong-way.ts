/*
 * Wrong way 14: against the learned direction over three cells in a row. In each of them a hundred drove the other way on these very strips, and hardly
 * anyone this way within a lane's width and the position's accuracy to the side: on a two-way road there is a lane of one's own, also for who overtakes or
 * seems to drive on the other side. One vehicle is enough.
 *
 * Not counted: buses and emergency vehicles, who have lanes of their own against the traffic and are let through; whoever is slower than 5 m/s; and
 * reversing, which is slower. The reference is the wrong driver's course, and those who come towards it are told.
 */
import { eastMPerUnit, northMPerUnit, reverseHeadingDeg } from '@outrider/geo'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'
import { stripM } from './usual-cells.js'

const wrongWayDriving = 14
const wrongDirection = 2
/** Wire VehicleRole: public transport, emergency. */
const exempted: readonly number[] = [2, 7]
const cellsCounted = 255
/** Share of the others on the strips it drives on: a quarter of four lanes, and somewhat less. */
const drivenShareMin = 0.1
const radPerDeg = Math.PI / 180

export function findWrongWay(surroundings: Surroundings, row: number, { x, y }: Sighting): readonly Finding[] {
  const { tracks, usual, policy } = surroundings
  const column = usual.cells.columnOf(x)
  const cellRow = usual.cells.rowOf(y)
  const isNew = column !== tracks.wrongWayColumn[row] || cellRow !== tracks.wrongWayRow[row]
  if (isNew) {
    tracks.wrongWayColumn[row] = column
    tracks.wrongWayRow[row] = cellRow
    const cells = isAgainst(surroundings, row) ? tracks.wrongWayCells[row]! + 1 : 0
    tracks.wrongWayCells[row] = Math.min(cellsCounted, cells)
  }
  if (tracks.wrongWayCells[row]! < policy.wrongWayCells || !(tracks.speedMps[row]! >= policy.wrongWayMpsMin)) return noFindings
  return [
    {
      cause: wrongWayDriving,
      subCause: wrongDirection,
      x,
      y,
      uncertaintyM: accuracyOf(tracks.accuracyM[row]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: true,
      subject: true,
    },
  ]
}

/** True if others drive here the other way, and not this way. */
function isAgainst({ tracks, usual, frame, policy }: Surroundings, row: number): boolean {
  const course = tracks.courseDeg[row]!
  if (!(tracks.speedMps[row]! >= policy.wrongWayMpsMin) || Number.isNaN(course) || exempted.includes(tracks.role[row]!)) return false
  const accuracyM = accuracyOf(tracks.accuracyM[row]!, policy)
  if (accuracyM > policy.wrongWayAccuracyMMax) return false
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const reverse = reverseHeadingDeg(course)
  const against = usual.visitsOf(x, y, reverse)
  if (against < policy.wrongWayVisitsMin) return false
  const perStripX = (Math.cos(course * radPerDeg) * stripM) / eastMPerUnit(frame, y)
  const perStripY = (-Math.sin(course * radPerDeg) * stripM) / northMPerUnit
  let theirs = 0
  let ours = 0
  const reach = Math.round((policy.wrongWayLateralM + accuracyM) / stripM)
  for (let strip = -reach; strip <= reach; strip++) {
    const atX = x + strip * perStripX
    const atY = y + strip * perStripY
    ours += usual.drivenOf(atX, atY, course)
    if (Math.abs(strip) <= 1) theirs += usual.drivenOf(atX, atY, reverse)
  }
  return theirs >= against * drivenShareMin && ours <= against * policy.wrongWayShareMax
}
