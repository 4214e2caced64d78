/*
 * What the road and the air are like, cell by cell, from many vehicles. A cell is a square of the zone's frame, 200 m wide, and holds the last
 * word of at most eight vehicles that are independent of each other: a vehicle of an enrolment that is in it already takes that one's
 * place, so that a hundred names of one enrolment are one source. What is asked is the median, which no single liar moves past what two
 * honest vehicles say, with its spread, the number of sources and their age.
 *
 * Bounds: `cellsMax` cells of 330 bytes (4,096: 1.4 MB, 160 km2 of roads driven in the past ten minutes). A cell nobody spoke of for
 * `keptMs` is forgotten at a tick; when all are in use a new cell is not taken, and counted. A full cell gives up its oldest source.
 */
import { eastMPerUnit, type Frame, northMPerUnit } from '@outrider/geo'
import { areIndependent } from '@outrider/identity'
import { flagBit, type ReportRecord } from '@outrider/protocol'
import type { VehicleLinks } from './evidence.js'

/** What is kept of each source: `column` of a report that means the same, and which of two values of one stay in a cell is kept. */
const conditionValues = {
  /** The slipperiest it was: a patch is smaller than a cell. */
  friction: { column: 'friction', keeps: 'lowest' },
  airTemperatureC: { column: 'airTemperatureC', keeps: 'newest' },
  rain: { column: 'rain', keeps: 'newest' },
  wiper: { column: 'wiper', keeps: 'newest' },
  visibilityM: { column: 'visibilityM', keeps: 'newest' },
  roughnessMps2: { column: 'roughnessMps2', keeps: 'highest' },
  speedMps: { column: 'speedMps', keeps: 'newest' },
} as const satisfies Record<string, { column: keyof ReportRecord; keeps: 'lowest' | 'highest' | 'newest' }>
export type ConditionValue = keyof typeof conditionValues

const names = Object.keys(conditionValues) as ConditionValue[]
/** Column and rule of each value, in order: read for every sample. */
const kept = Object.values(conditionValues)
const width = names.length
export const sourcesPerCell = 8
/** Side of a cell, m: about that of an H3 cell of resolution 9 (edge 201 m), in which records are told. */
const conditionCellM = 200
/** Weather changes within a quarter of an hour, and roads are salted: older words are not asked. */
export const conditionKeptMs = 600_000
const fogRear = flagBit('fog_rear')

/** A robust estimate of one value. */
export interface Estimate {
  /** Median, of an even number the mean of the middle two. */
  readonly median: number
  /** Median distance from the median: half of the sources are as near. */
  readonly spread: number
  readonly lowest: number
  /** Independent vehicles that measured it, 1..8. */
  readonly sources: number
}

/** What is known of one cell. */
export interface CellCondition {
  /** Its middle, in the frame's units. */
  readonly x: number
  readonly y: number
  /** Independent vehicles in it, 1..8. */
  readonly sources: number
  /** When the oldest and the newest of them spoke, monotonic ms. */
  readonly oldestAtMs: number
  readonly newestAtMs: number
  /** Undefined = nobody measured it. */
  readonly values: { readonly [Name in ConditionValue]: Estimate | undefined }
  /** Wire RoadSurface said most often; 0 = nobody said. */
  readonly roadSurface: number
  /** Share of the sources whose rear fog light is on, 0..1. */
  readonly fogShare: number
}

export interface ConditionField {
  /** Takes one believed sample of a trusted vehicle. @param x @param y where, in the frame's units @param atMs monotonic */
  note(row: number, vehicle: VehicleLinks, report: ReportRecord, index: number, x: number, y: number, atMs: number): void
  /** The cell that holds the place, as it was said in the `conditionKeptMs` before; undefined = nobody spoke of it. Allocates: not for every sample. */
  at(x: number, y: number, nowMs: number): CellCondition | undefined
  /** Share of the cell's sources that measured at least `from`, 0..1; NaN if fewer than `sourcesMin` measured it. Allocates nothing. */
  shareFrom(name: ConditionValue, from: number, sourcesMin: number, x: number, y: number, nowMs: number): number
  /** Share of the cell's sources whose rear fog light is on; NaN if there are fewer than `sourcesMin`. Allocates nothing. */
  fogShare(sourcesMin: number, x: number, y: number, nowMs: number): number
  /**
   * At most `limit` cells that have not been asked for in this way for `everyMs`, since they began, and of which somebody spoke since: in turn, those
   * that wait longest first.
   */
  due(nowMs: number, everyMs: number, limit: number): readonly CellCondition[]
  /** A row was given to another vehicle. */
  forgetRow(row: number): void
  /** Forgets cells nobody speaks of. Call about once a second or less often. */
  tick(nowMs: number): void
  counts(): { readonly cells: number; readonly refusedFull: number }
}

export interface ConditionFieldOptions {
  readonly frame: Frame
  readonly rows: number
  /** Cells at once, 1..65,536; default 4,096. */
  readonly cellsMax?: number
}

/** Columns of a cell number are 2^16 apart: a frame is 746 km wide, 3,730 cells. */
const rowStride = 65_536

export function createConditionField({ frame, rows, cellsMax = 4_096 }: ConditionFieldOptions): ConditionField {
  const cellUnitsY = Math.round(conditionCellM / northMPerUnit)
  const cellUnitsX = Math.round(conditionCellM / eastMPerUnit(frame, 0))
  const places = cellsMax * sourcesPerCell
  const values = new Float32Array(places * width)
  const atMs = new Float64Array(places)
  const rowAt = new Int32Array(places).fill(-1)
  const surfaces = new Uint8Array(places)
  const fog = new Uint8Array(places)
  const vehicles: (VehicleLinks | undefined)[] = Array.from({ length: places })
  const cellKeys = new Float64Array(cellsMax)
  const toldAtMs = new Float64Array(cellsMax)
  const cells = new Map<number, number>()
  const free: number[] = Array.from({ length: cellsMax }, (_, index) => cellsMax - 1 - index)
  /** Where each row wrote last: most samples are of the same cell. */
  const lastPlace = new Int32Array(rows).fill(-1)
  let refusedFull = 0

  const keyOf = (x: number, y: number) => Math.floor(y / cellUnitsY) * rowStride + Math.floor(x / cellUnitsX)

  const clear = (place: number): void => {
    rowAt[place] = -1
    vehicles[place] = undefined
    surfaces[place] = 0
    fog[place] = 0
    values.fill(Number.NaN, place * width, (place + 1) * width)
  }

  /** The vehicle's own place in a cell, or one to take: that of its enrolment, a free one, the oldest. */
  const placeIn = (cell: number, vehicle: VehicleLinks): number => {
    const first = cell * sourcesPerCell
    let worst = first
    let own = -1
    for (let place = first; place < first + sourcesPerCell; place++) {
      const known = vehicles[place]
      if (known !== undefined && (known === vehicle || !areIndependent(known, vehicle))) {
        // Two that were independent of each other, but not of this one, are one source from now on.
        if (own >= 0) clear(place)
        else own = place
      } else if (vehicles[worst] !== undefined && (known === undefined || atMs[place]! < atMs[worst]!)) worst = place
    }
    const place = own >= 0 ? own : worst
    if (vehicles[place] !== vehicle) clear(place)
    return place
  }

  const cellFor = (key: number, nowMs: number): number | undefined => {
    const known = cells.get(key)
    if (known !== undefined) return known
    const cell = free.pop()
    if (cell === undefined) {
      refusedFull++
      return undefined
    }
    for (let place = cell * sourcesPerCell; place < (cell + 1) * sourcesPerCell; place++) clear(place)
    cells.set(key, cell)
    cellKeys[cell] = key
    toldAtMs[cell] = nowMs
    return cell
  }

  const write = (place: number, report: ReportRecord, index: number, isStay: boolean): void => {
    for (let at = 0; at < width; at++) {
      const { column, keeps } = kept[at]!
      const value = report[column][index]!
      if (Number.isNaN(value)) continue
      const to = place * width + at
      const before = values[to]!
      if (isStay && keeps === 'lowest' && before < value) continue
      if (isStay && keeps === 'highest' && before > value) continue
      values[to] = value
    }
    if (report.roadSurface[index]! !== 0) surfaces[place] = report.roadSurface[index]!
    fog[place] = (report.flags[index]! & fogRear) === 0 ? 0 : 1
  }

  const read = (cell: number, nowMs: number): CellCondition | undefined => {
    const first = cell * sourcesPerCell
    const said: number[] = []
    for (let place = first; place < first + sourcesPerCell; place++)
      if (vehicles[place] !== undefined && nowMs - atMs[place]! <= conditionKeptMs) said.push(place)
    if (said.length === 0) return undefined
    const key = cellKeys[cell]!
    const row = Math.round(key / rowStride)
    const column = key - row * rowStride
    const estimates = Object.fromEntries(
      names.map((name, at) => [name, estimateOf(said.map(place => values[place * width + at]!).filter(value => !Number.isNaN(value)))]),
    ) as CellCondition['values']
    return {
      x: Math.round((column + 0.5) * cellUnitsX),
      y: Math.round((row + 0.5) * cellUnitsY),
      sources: said.length,
      oldestAtMs: Math.min(...said.map(place => atMs[place]!)),
      newestAtMs: Math.max(...said.map(place => atMs[place]!)),
      values: estimates,
      roadSurface: mostFrequent(said.map(place => surfaces[place]!).filter(surface => surface !== 0)),
      fogShare: said.filter(place => fog[place] === 1).length / said.length,
    }
  }

  const shareOf = (x: number, y: number, nowMs: number, sourcesMin: number, test: (place: number) => boolean | undefined): number => {
    const cell = cells.get(keyOf(x, y))
    if (cell === undefined) return Number.NaN
    let asked = 0
    let met = 0
    for (let place = cell * sourcesPerCell; place < (cell + 1) * sourcesPerCell; place++) {
      if (vehicles[place] === undefined || nowMs - atMs[place]! > conditionKeptMs) continue
      const outcome = test(place)
      if (outcome === undefined) continue
      asked++
      if (outcome) met++
    }
    return asked < sourcesMin ? Number.NaN : met / asked
  }

  return {
    note(row, vehicle, report, index, x, y, sampleAtMs) {
      const key = keyOf(x, y)
      let place = lastPlace[row]!
      const isStay = place >= 0 && rowAt[place] === row && cellKeys[Math.floor(place / sourcesPerCell)] === key
      if (!isStay) {
        const cell = cellFor(key, sampleAtMs)
        if (cell === undefined) return
        place = placeIn(cell, vehicle)
        clear(place)
        rowAt[place] = row
        vehicles[place] = vehicle
        lastPlace[row] = place
        atMs[place] = sampleAtMs
      }
      write(place, report, index, isStay)
      if (sampleAtMs > atMs[place]!) atMs[place] = sampleAtMs
    },
    at(x, y, nowMs) {
      const cell = cells.get(keyOf(x, y))
      return cell === undefined ? undefined : read(cell, nowMs)
    },
    shareFrom(name, from, sourcesMin, x, y, nowMs) {
      const at = names.indexOf(name)
      return shareOf(x, y, nowMs, sourcesMin, place => {
        const value = values[place * width + at]!
        return Number.isNaN(value) ? undefined : value >= from
      })
    },
    fogShare: (sourcesMin, x, y, nowMs) => shareOf(x, y, nowMs, sourcesMin, place => fog[place] === 1),
    due(nowMs, everyMs, limit) {
      const found: CellCondition[] = []
      // A cell that was told, or has nothing new, goes to the end of the map: what stands first waits longest, and ends the search.
      for (const [key, cell] of cells) {
        if (found.length >= limit || nowMs - toldAtMs[cell]! < everyMs) break
        const condition = read(cell, nowMs)
        if (condition !== undefined && condition.newestAtMs >= toldAtMs[cell]!) found.push(condition)
        toldAtMs[cell] = nowMs
        cells.delete(key)
        cells.set(key, cell)
      }
      return found
    },
    forgetRow(row) {
      const place = lastPlace[row]!
      if (place >= 0 && rowAt[place] === row) rowAt[place] = -1
      lastPlace[row] = -1
    },
    tick(nowMs) {
      for (const [key, cell] of cells) {
        const first = cell * sourcesPerCell
        let lives = false
        for (let place = first; place < first + sourcesPerCell; place++)
          if (vehicles[place] !== undefined && nowMs - atMs[place]! <= conditionKeptMs) lives = true
        if (lives) continue
        for (let place = first; place < first + sourcesPerCell; place++) clear(place)
        cells.delete(key)
        cellKeys[cell] = Number.NaN
        free.push(cell)
      }
    },
    counts: () => ({ cells: cells.size, refusedFull }),
  }
}

/** Undefined for none. */
function estimateOf(values: readonly number[]): Estimate | undefined {
  if (values.length === 0) return undefined
  const median = medianOf(values)
  return {
    median,
    spread: medianOf(values.map(value => Math.abs(value - median))),
    lowest: Math.min(...values),
    sources: values.length,
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Of as many the smaller; 0 for none. */
function mostFrequent(values: readonly number[]): number {
  let best = 0
  let bestCount = 0
  for (const value of [...new Set(values)].sort((a, b) => a - b)) {
    const count = values.filter(other => other === value).length
    if (count <= bestCount) continue
    best = value
    bestCount = count
  }
  return best
}
