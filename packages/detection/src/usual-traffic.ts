/*
 * What is usual in traffic, learned from traffic: no map is needed. Per cell of 20 m and direction of travel: how many drive there, on which
 * course, how fast when free, on which strips of 1.5 m; how many stand, and for how long. Car parks, kerbs, bus stops, lights with their
 * red phases are all the same to it: places where vehicles usually stand, for so long.
 *
 * A vehicle is counted once when it enters a cell at 1 m/s or more, and once when it has stood: a long stop is one stop. What stands because it is a
 * hazard is not usual, nor is what a distrusted sender says. All counts halve in `usualHalfLifeDays`.
 *
 * Learning is the last thing done with a sample, after the detectors: nobody's own sample is usual to itself. It looks at nothing but the row.
 */
import { eastMPerUnit, type Frame, northMPerUnit } from '@outrider/geo'
import type { DetectionPolicy } from './detection-policy.js'
import type { TrackTable } from './track-table.js'
import {
  createUsualCells,
  entryWords,
  sectorOf,
  sectors,
  standClasses,
  standFromS,
  stripM,
  strips,
  stripVisit,
  type UsualCells,
  words,
} from './usual-cells.js'

export interface UsualTraffic {
  readonly cells: UsualCells
  /** Takes the newest sample of a row into account; in order of its samples. */
  learn(row: number): void
  /** The row's vehicle is gone: if it stood, it has stood until its last sample. */
  forgetRow(row: number): void
  /** Vehicles that drove through the cell within 45° of the course. */
  visitsOf(x: number, y: number, courseDeg: number): number
  /** Their mean course, degrees; NaN = nobody drove. */
  usualCourseOf(x: number, y: number, courseDeg: number): number
  /** Of those, how many on the very strip of 1.5 m, of 16. */
  drivenOf(x: number, y: number, courseDeg: number): number
  /** Speed that 85 % of them do not exceed, m/s; NaN = nobody drove. */
  freeFlowOf(x: number, y: number, courseDeg: number): number
  /** Standing of that direction there and in the eight cells around. */
  standingOf(x: number, y: number, courseDeg: number): UsualStanding
  /** Halves all counts in `usualHalfLifeDays` of the wall's time. Call about once a second. */
  tick(wallMs: number): void
  /** Wall time up to which it has forgotten; NaN = not begun. */
  fadedAtMs: number
}

interface UsualStanding {
  /** Vehicles that drove in, in all nine cells. */
  readonly visits: number
  /** Vehicles that stood for 5 s or longer. */
  readonly stands: number
  /** Longest usual standing, s: at least two, and one in fifty, stood for about so long. 0 = nobody usually stands, Infinity = over 600 s. */
  readonly longestS: number
}

export interface UsualTrafficOptions {
  readonly frame: Frame
  readonly tracks: TrackTable
  readonly policy: DetectionPolicy
}

const movingMpsMin = 1
/** Share of a step that the 85th percentile moves by, and its least step. */
const quantile = 0.85
const quantileStep = 0.05
const quantileStepMps = 0.2
/** So often within a half-life all counts are faded: 2 % at a time. */
const fadesPerHalfLife = 32
/** Less than this of a visit is forgotten. */
const leastVisits = 0.05
const dayMs = 86_400_000
/** Stands of a class, from the longest down, that make it usual. */
const usualStands = 2
const usualShare = 0.02
const radPerDeg = Math.PI / 180
const nobodyStood: UsualStanding = Object.freeze({ visits: 0, stands: 0, longestS: 0 })

export function createUsualTraffic({ frame, tracks, policy }: UsualTrafficOptions): UsualTraffic {
  const { rowsMax } = tracks
  const cells = createUsualCells(frame, policy.usualCellsMax)
  const { ints, floats, halves } = cells
  /** The entry a row was last counted in, and the standing that is not over. */
  const lastColumn = new Int32Array(rowsMax)
  const lastRowSector = new Int32Array(rowsMax).fill(-1)
  const stoodSinceMs = new Float64Array(rowsMax).fill(Number.NaN)
  const stoodUntilMs = new Float64Array(rowsMax)
  const stoodX = new Int32Array(rowsMax)
  const stoodY = new Int32Array(rowsMax)
  const stoodCourseDeg = new Float32Array(rowsMax)
  const isHazard = new Uint8Array(rowsMax)
  const classSums = new Float32Array(standClasses)

  /** Place of the strip in `halves`. */
  const stripOf = (entry: number, x: number, y: number): number => {
    const at = entry * entryWords
    const eastM = (x - cells.middleX(ints[at + words.column]!)) * eastMPerUnit(frame, y)
    const northM = (y - cells.middleY(ints[at + words.rowSector]! >> 3)) * northMPerUnit
    const rightM = eastM * floats[at + words.axisNorth]! - northM * floats[at + words.axisEast]!
    return (at + words.driven) * 2 + Math.max(0, Math.min(strips - 1, Math.floor(rightM / stripM) + strips / 2))
  }

  const noteVisit = (row: number, column: number, rowSector: number): void => {
    const course = tracks.courseDeg[row]! * radPerDeg
    const east = Math.sin(course)
    const north = Math.cos(course)
    const speedMps = tracks.speedMps[row]!
    const entry = cells.take(column, rowSector, east, north)
    const at = entry * entryWords
    floats[at + words.visits]!++
    floats[at + words.east]! += east
    floats[at + words.north]! += north
    const strip = stripOf(entry, tracks.x[row]!, tracks.y[row]!)
    halves[strip] = Math.min(0xffff, halves[strip]! + stripVisit)
    const free = floats[at + words.freeFlowMps]!
    const stepMps = Math.max(quantileStepMps, free * quantileStep)
    if (Number.isNaN(free)) floats[at + words.freeFlowMps] = speedMps
    else floats[at + words.freeFlowMps] = Math.max(0, free + (speedMps > free ? quantile : quantile - 1) * stepMps)
  }

  const noteStand = (row: number): void => {
    const stoodS = (stoodUntilMs[row]! - stoodSinceMs[row]!) / 1_000
    stoodSinceMs[row] = Number.NaN
    const course = stoodCourseDeg[row]!
    if (stoodS < standFromS[0] || isHazard[row] === 1 || Number.isNaN(course)) return
    const rowSector = cells.rowOf(stoodY[row]!) * sectors + sectorOf(course)
    const entry = cells.take(cells.columnOf(stoodX[row]!), rowSector, Math.sin(course * radPerDeg), Math.cos(course * radPerDeg))
    floats[entry * entryWords + words.stands + standClassOf(stoodS)]!++
  }

  const learnStanding = (row: number): void => {
    const sinceMs = tracks.standingSinceMs[row]!
    if (stoodSinceMs[row] !== sinceMs) {
      // Two stands in a row without driving between are two samples far apart: the first one's end is not known.
      if (stoodSinceMs[row]! < sinceMs || Number.isNaN(sinceMs)) noteStand(row)
      stoodSinceMs[row] = sinceMs
      stoodX[row] = tracks.standX[row]!
      stoodY[row] = tracks.standY[row]!
      stoodCourseDeg[row] = tracks.standCourseDeg[row]!
      isHazard[row] = 0
    }
    stoodUntilMs[row] = tracks.atMs[row]!
    if (tracks.subjectOf[row] !== 0) isHazard[row] = 1
  }

  /** Sum over the two sectors nearest to a course. */
  const overSectors = (column: number, cellRow: number, courseDeg: number, value: (entry: number) => number): number => {
    const exact = courseDeg / (360 / sectors)
    const low = Math.floor(exact)
    let sum = 0
    for (let sector = low; sector <= low + 1; sector++) {
      const entry = cells.find(column, cellRow * sectors + (sector & (sectors - 1)))
      if (entry >= 0) sum += value(entry)
    }
    return sum
  }

  const wordOf = (word: number) => (entry: number) => floats[entry * entryWords + word]!
  const visits = wordOf(words.visits)
  const east = wordOf(words.east)
  const north = wordOf(words.north)

  const addStands = (entry: number): number => {
    for (let of = 0; of < standClasses; of++) classSums[of]! += floats[entry * entryWords + words.stands + of]!
    return visits(entry)
  }

  return {
    cells,
    fadedAtMs: Number.NaN,
    learn(row) {
      if (tracks.distrust[row]! > policy.distrustMax) return
      if (!Number.isNaN(tracks.standingSinceMs[row]!) || !Number.isNaN(stoodSinceMs[row]!)) learnStanding(row)
      if (!(tracks.speedMps[row]! >= movingMpsMin)) return
      const course = tracks.courseDeg[row]!
      if (Number.isNaN(course)) return
      const column = cells.columnOf(tracks.x[row]!)
      const rowSector = cells.rowOf(tracks.y[row]!) * sectors + sectorOf(course)
      if (lastColumn[row] === column && lastRowSector[row] === rowSector) return
      lastColumn[row] = column
      lastRowSector[row] = rowSector
      noteVisit(row, column, rowSector)
    },
    forgetRow(row) {
      if (!Number.isNaN(stoodSinceMs[row]!)) noteStand(row)
      lastRowSector[row] = -1
    },
    visitsOf: (x, y, courseDeg) => overSectors(cells.columnOf(x), cells.rowOf(y), courseDeg, visits),
    usualCourseOf(x, y, courseDeg) {
      const column = cells.columnOf(x)
      const cellRow = cells.rowOf(y)
      const toEast = overSectors(column, cellRow, courseDeg, east)
      const toNorth = overSectors(column, cellRow, courseDeg, north)
      return toEast === 0 && toNorth === 0 ? Number.NaN : (Math.atan2(toEast, toNorth) / radPerDeg + 360) % 360
    },
    drivenOf: (x, y, courseDeg) =>
      overSectors(cells.columnOf(x), cells.rowOf(y), courseDeg, entry => halves[stripOf(entry, x, y)]! / stripVisit),
    freeFlowOf(x, y, courseDeg) {
      let drove = 0
      const sum = overSectors(cells.columnOf(x), cells.rowOf(y), courseDeg, entry => {
        const mps = floats[entry * entryWords + words.freeFlowMps]!
        if (Number.isNaN(mps)) return 0
        drove += visits(entry)
        return visits(entry) * mps
      })
      return sum / drove
    },
    standingOf(x, y, courseDeg) {
      if (Number.isNaN(courseDeg)) return nobodyStood
      classSums.fill(0)
      const column = cells.columnOf(x)
      const cellRow = cells.rowOf(y)
      let drove = 0
      for (let c = column - 1; c <= column + 1; c++)
        for (let r = cellRow - 1; r <= cellRow + 1; r++) drove += overSectors(c, r, courseDeg, addStands)
      let stands = 0
      for (const sum of classSums) stands += sum
      return { visits: drove, stands, longestS: longestUsualS(classSums, stands) }
    },
    tick(wallMs) {
      if (Number.isNaN(this.fadedAtMs)) this.fadedAtMs = wallMs
      const stepMs = (policy.usualHalfLifeDays * dayMs) / fadesPerHalfLife
      const steps = Math.floor((wallMs - this.fadedAtMs) / stepMs)
      if (steps < 1) return
      cells.fade(0.5 ** (steps / fadesPerHalfLife), leastVisits)
      this.fadedAtMs += steps * stepMs
    },
  }
}

function standClassOf(stoodS: number): number {
  let of = standClasses - 1
  while (stoodS < standFromS[of]!) of--
  return of
}

/** Upper end of the longest class that, with all longer ones, holds two and one in fifty. */
function longestUsualS(sums: Float32Array, stands: number): number {
  const needed = Math.max(usualStands, stands * usualShare)
  let sum = 0
  for (let of = standClasses - 1; of >= 0; of--) {
    sum += sums[of]!
    if (sum >= needed) return standFromS[of + 1] ?? Number.POSITIVE_INFINITY
  }
  return 0
}
