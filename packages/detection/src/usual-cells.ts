/*
 * The cells of what is usual: squares of about 20 m, one entry for each of eight directions of travel through them. An entry is 96 bytes that lie
 * together, so that a vehicle that enters a cell reads two cache lines; with its share of the open-addressed index it is 112.
 *
 * Cells are counted from latitude and longitude 0, not from the zone's middle, and their width is that of the nearest whole degree of latitude:
 * a node whose zone was moved a little still finds what it learned.
 *
 * Overflow: when no entry is free the least visited ones go, an eighth of all, so that who invents places pushes out nobody's road.
 */
import { type Frame, northMPerUnit, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'

/** Side of a cell: three of them are passed in 4 s at 50 km/h, and all lanes of a direction are in one or two. */
const cellM = 20
export const sectors = 8
const degPerSector = 360 / sectors
/** Strips along the direction of travel, 1.5 m wide, for where in the cell vehicles drive; 16 of them hold its diagonal but for the corners. */
export const strips = 16
export const stripM = 1.5
/** One visit in the strips' whole numbers: so forgetting by a few percent has something to take. */
export const stripVisit = 16
/** Lower ends of the classes that standing is counted in, s; 5 s is the least that is standing at all. */
export const standFromS = [5, 15, 30, 60, 90, 120, 240, 600] as const
export const standClasses = standFromS.length

/** Words of 4 bytes in an entry. */
export const entryWords = 24
/** Which word of an entry is what. The first two are whole numbers, the last eight the strips, two in a word; the others floats. */
export const words = {
  /** Cell's column. */
  column: 0,
  /** Cell's row × 8 + sector. */
  rowSector: 1,
  /** Vehicles that drove in, less what is forgotten. */
  visits: 2,
  /** Sums of the sine and cosine of their courses. */
  east: 3,
  north: 4,
  /** Speed that 85 % of them do not exceed, m/s; NaN = nobody drove. */
  freeFlowMps: 5,
  /** Sine and cosine of the course of the first one: across it the strips are counted. */
  axisEast: 6,
  axisNorth: 7,
  /** Vehicles that stood, one for each class. */
  stands: 8,
  /** Visits by strip, in `stripVisit`: 16 numbers of 2 bytes. */
  driven: 16,
} as const

export interface UsualCells {
  /** The entries: the same memory as whole numbers, floats and, for the strips, halves of words. */
  readonly ints: Int32Array
  readonly floats: Float32Array
  readonly halves: Uint16Array
  readonly size: number
  readonly cellsMax: number
  /** Widths of a cell in 1e-7 degree; what was learned with others does not fit. */
  readonly eastE7: number
  readonly northE7: number
  columnOf(x: number): number
  rowOf(y: number): number
  /** Middle of a cell, in the frame's units. */
  middleX(column: number): number
  middleY(row: number): number
  /** An entry's number, below `size`; -1 = not known. Numbers hold until the next `take`, `fade` or `refill`. */
  find(column: number, rowSector: number): number
  /** Found, or new. */
  take(column: number, rowSector: number, axisEast: number, axisNorth: number): number
  /** Multiplies all that is counted; what then is less than `leastVisits`, driving and standing, is forgotten. */
  fade(keep: number, leastVisits: number): void
  /** Makes the first `size` entries, written by somebody else, the table. */
  refill(size: number): void
}

export function sectorOf(courseDeg: number): number {
  return Math.round(courseDeg / degPerSector) & (sectors - 1)
}

export function createUsualCells(frame: Frame, entriesMax: number): UsualCells {
  const cellsMax = Math.floor(entriesMax)
  const northE7 = Math.round(cellM / northMPerUnit)
  const latitudeDeg = Math.round(frame.originLatitudeE7 / 1e7)
  const eastE7 = Math.round(cellM / (northMPerUnit * Math.cos((latitudeDeg * Math.PI) / 180)))
  const originColumn = toLongitudeE7(frame, 0) / eastE7
  const originRow = toLatitudeE7(frame, 0) / northE7
  const perX = 1 / eastE7
  const perY = 1 / northE7
  // Of zeros, so that memory is only taken as entries are.
  const memory = new ArrayBuffer(cellsMax * entryWords * 4)
  const ints = new Int32Array(memory)
  const floats = new Float32Array(memory)
  const halves = new Uint16Array(memory)
  const places = 2 ** Math.ceil(Math.log2(cellsMax * 2))
  /** Entry + 1; 0 = free. At most half of it is taken. */
  const index = new Int32Array(places)
  let size = 0

  const placeOf = (column: number, rowSector: number): number => {
    let mixed = Math.imul(column, 0x9e3779b1) + rowSector
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    let place = (mixed ^ (mixed >>> 15)) & (places - 1)
    for (let taken = index[place]!; taken !== 0; taken = index[place]!) {
      const at = (taken - 1) * entryWords
      if (ints[at + words.column] === column && ints[at + words.rowSector] === rowSector) break
      place = (place + 1) & (places - 1)
    }
    return place
  }

  const reindex = (): void => {
    index.fill(0)
    for (let entry = 0; entry < size; entry++) {
      const at = entry * entryWords
      index[placeOf(ints[at + words.column]!, ints[at + words.rowSector]!)] = entry + 1
    }
  }

  /** Keeps the entries for which it is true, in their order. */
  const keepOnly = (isKept: (entry: number) => boolean): void => {
    let kept = 0
    for (let entry = 0; entry < size; entry++) {
      if (!isKept(entry)) continue
      if (kept !== entry) ints.copyWithin(kept * entryWords, entry * entryWords, (entry + 1) * entryWords)
      kept++
    }
    size = kept
    reindex()
  }

  /** An eighth goes, the least visited, by classes of visits; of one class the newest. Some ms, once in so many new entries. */
  const makeRoom = (): void => {
    const classOf = (entry: number): number => visitClassOf(floats[entry * entryWords + words.visits]!)
    const inClass = new Int32Array(visitClasses)
    for (let entry = 0; entry < size; entry++) inClass[classOf(entry)]!++
    let goes = Math.max(1, size >> 3)
    let lastClass = 0
    while (inClass[lastClass]! < goes) goes -= inClass[lastClass++]!
    let stays = inClass[lastClass]! - goes
    keepOnly(entry => classOf(entry) > lastClass || (classOf(entry) === lastClass && stays-- > 0))
  }

  const fadeEntry = (at: number, keep: number): void => {
    floats[at + words.visits]! *= keep
    floats[at + words.east]! *= keep
    floats[at + words.north]! *= keep
    for (let of = 0; of < standClasses; of++) floats[at + words.stands + of]! *= keep
    const first = (at + words.driven) * 2
    for (let strip = first; strip < first + strips; strip++) halves[strip] = Math.floor(halves[strip]! * keep)
  }

  return {
    ints,
    floats,
    halves,
    get size() {
      return size
    },
    cellsMax,
    eastE7,
    northE7,
    columnOf: x => Math.floor(originColumn + x * perX),
    rowOf: y => Math.floor(originRow + y * perY),
    middleX: column => (column + 0.5 - originColumn) * eastE7,
    middleY: row => (row + 0.5 - originRow) * northE7,
    find: (column, rowSector) => index[placeOf(column, rowSector)]! - 1,
    take(column, rowSector, axisEast, axisNorth) {
      let place = placeOf(column, rowSector)
      if (index[place] !== 0) return index[place]! - 1
      if (size === cellsMax) {
        makeRoom()
        place = placeOf(column, rowSector)
      }
      const entry = size++
      index[place] = entry + 1
      const at = entry * entryWords
      ints.fill(0, at, at + entryWords)
      ints[at + words.column] = column
      ints[at + words.rowSector] = rowSector
      floats[at + words.freeFlowMps] = Number.NaN
      floats[at + words.axisEast] = axisEast
      floats[at + words.axisNorth] = axisNorth
      return entry
    },
    fade(keep, leastVisits) {
      keepOnly(entry => {
        const at = entry * entryWords
        fadeEntry(at, keep)
        let counted = floats[at + words.visits]!
        for (let of = 0; of < standClasses; of++) counted += floats[at + words.stands + of]!
        return counted >= leastVisits
      })
    },
    refill(count) {
      size = count
      reindex()
    },
  }
}

const visitClasses = 64
/** Four classes to every doubling. */
function visitClassOf(visits: number): number {
  return Math.min(visitClasses - 1, Math.floor(Math.log2(visits + 1) * 4))
}
