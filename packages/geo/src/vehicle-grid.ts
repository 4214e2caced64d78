/*
 * Where everybody is. Four whole numbers a row (x, y, next and previous row in the cell), one cache line for four rows; a cell is the
 * head of a doubly linked list. A move within a cell writes two numbers; into another cell it relinks two neighbours. Nothing is
 * allocated after construction: 16 bytes a row and 4 a cell.
 *
 * Vehicles outside the extent are kept in the cells at its border, and are found there by the same exact tests.
 */
import { cellSpreadM, columnOf, createCells, rowOf } from './cells.js'
import { distanceM, type Extent, eastMPerUnit, type Frame, northMPerUnit } from './frame.js'
import { GeoError, geoErrorCodes } from './geo-error.js'
import { blockPlace, blockPlaces, placeIn, places, type Reach } from './reach.js'

export interface VehicleGridOptions {
  readonly frame: Frame
  /** The zone's footprint with the margin vehicles may leave it by. */
  readonly extent: Extent
  /** Side of a cell, metres, rounded to a power of two of units. Default 250: a kilometre's circle is about 80 cells. */
  readonly cellM?: number
  /** Rows the table has, 1..16,777,216. */
  readonly rows: number
}

/**
 * Rows are the caller's numbers, 0 ≤ row < rows, those of its table of vehicles. Positions are whole numbers inside the frame
 * (`inFrame`). A query writes at most `out.length` results and returns how many there are: more than that means `out` was too
 * short, and which were left out is not defined. An `out` as long as the table has rows is never too short.
 */
export interface VehicleGrid {
  /** Rows in the grid. */
  readonly size: number
  /** Puts a row at a place, whether or not it is in the grid. */
  place(row: number, x: number, y: number): void
  /** Takes a row out; false if it was not in. */
  remove(row: number): boolean
  has(row: number): boolean
  /** Only of a row that is in the grid. */
  xOf(row: number): number
  yOf(row: number): number
  /** Rows in the box, its borders included. */
  queryBox(minX: number, minY: number, maxX: number, maxY: number, out: Int32Array): number
  /** Rows at most `radiusM` metres from the point, as `distanceM` measures. For radii up to 20 km. */
  queryCircle(x: number, y: number, radiusM: number, out: Int32Array): number
  /** Rows in a reach, each as `row * 2 + 1` if it is inside the area, `row * 2` if it is only near. */
  queryReach(reach: Reach, out: Int32Array): number
}

const rowsMax = 2 ** 24
const none = -1
/** In the place of the previous row: this row is not in the grid. */
const absent = -2

/** @throws GeoError `extent_invalid`, `slot_out_of_range` */
export function createVehicleGrid({ frame, extent, cellM = 250, rows }: VehicleGridOptions): VehicleGrid {
  if (!(Number.isInteger(rows) && rows > 0 && rows <= rowsMax))
    throw new GeoError(geoErrorCodes.slotOutOfRange, `rows is ${rows}; must be a whole number, 1 to ${rowsMax}`)
  const cells = createCells(frame, extent, cellM)
  const spreadM = cellSpreadM(frame, cells)
  const lastColumn = cells.columns - 1
  const lastRow = cells.rows - 1
  const heads = new Int32Array(cells.columns * cells.rows).fill(none)
  /** x, y, next row, previous row. */
  const table = new Int32Array(rows * 4)
  for (let at = 3; at < table.length; at += 4) table[at] = absent
  let size = 0

  const cellOf = (x: number, y: number) => rowOf(cells, y) * cells.columns + columnOf(cells, x)
  const unlink = (at: number, cell: number) => {
    const next = table[at + 2]!
    const previous = table[at + 3]!
    if (next !== none) table[next * 4 + 3] = previous
    if (previous === none) heads[cell] = next
    else table[previous * 4 + 2] = next
  }
  const checkRow = (row: number) => {
    if (!(row >= 0 && row < rows)) throw new GeoError(geoErrorCodes.slotOutOfRange, `row is ${row}; must be below ${rows}`)
  }

  const queryBox = (minX: number, minY: number, maxX: number, maxY: number, out: Int32Array) => {
    const fromColumn = columnOf(cells, minX)
    const toColumn = columnOf(cells, maxX)
    const toRow = rowOf(cells, maxY)
    let found = 0
    for (let r = rowOf(cells, minY); r <= toRow; r++) {
      for (let c = fromColumn; c <= toColumn; c++) {
        for (let row = heads[r * cells.columns + c]!; row !== none; row = table[row * 4 + 2]!) {
          const x = table[row * 4]!
          const y = table[row * 4 + 1]!
          if (x >= minX && x <= maxX && y >= minY && y <= maxY) out[found++] = row
        }
      }
    }
    return found
  }

  return {
    get size() {
      return size
    },
    place(row, x, y) {
      checkRow(row)
      const at = row * 4
      const cell = cellOf(x, y)
      if (table[at + 3] === absent) size++
      else {
        const from = cellOf(table[at]!, table[at + 1]!)
        if (from === cell) {
          table[at] = x
          table[at + 1] = y
          return
        }
        unlink(at, from)
      }
      const head = heads[cell]!
      if (head !== none) table[head * 4 + 3] = row
      heads[cell] = row
      table[at] = x
      table[at + 1] = y
      table[at + 2] = head
      table[at + 3] = none
    },
    remove(row) {
      checkRow(row)
      const at = row * 4
      if (table[at + 3] === absent) return false
      unlink(at, cellOf(table[at]!, table[at + 1]!))
      table[at + 3] = absent
      size--
      return true
    },
    has(row) {
      return row >= 0 && row < rows && table[row * 4 + 3] !== absent
    },
    xOf(row) {
      return table[row * 4]!
    },
    yOf(row) {
      return table[row * 4 + 1]!
    },
    queryBox,
    queryCircle(x, y, radiusM, out) {
      const north = radiusM / northMPerUnit + 1
      const scale = Math.min(eastMPerUnit(frame, y - north), eastMPerUnit(frame, y + north))
      const east = radiusM / scale + 1
      const candidates = queryBox(x - east, y - north, x + east, y + north, out)
      if (candidates > out.length) return candidates
      let found = 0
      for (let i = 0; i < candidates; i++) {
        const row = out[i]!
        if (distanceM(frame, x, y, table[row * 4]!, table[row * 4 + 1]!) <= radiusM) out[found++] = row
      }
      return found
    },
    queryReach(reach, out) {
      const fromColumn = columnOf(cells, reach.minX)
      const toColumn = columnOf(cells, reach.maxX)
      const toRow = rowOf(cells, reach.maxY)
      const { minX, minY } = extent
      let found = 0
      for (let r = rowOf(cells, reach.minY); r <= toRow; r++) {
        const middleY = minY + (r + 0.5) * 2 ** cells.shiftY
        for (let c = fromColumn; c <= toColumn; c++) {
          let row = heads[r * cells.columns + c]!
          if (row === none) continue
          // Border cells hold what is outside the extent too, and for a lone vehicle the exact test is as cheap.
          const isAlone = table[row * 4 + 2] === none || r === 0 || c === 0 || r === lastRow || c === lastColumn
          const place = isAlone ? blockPlaces.unknown : blockPlace(reach, minX + (c + 0.5) * 2 ** cells.shiftX, middleY, spreadM)
          if (place === blockPlaces.outside) continue
          if (place === blockPlaces.inside || place === blockPlaces.near) {
            const inside = place === blockPlaces.inside ? 1 : 0
            for (; row !== none; row = table[row * 4 + 2]!) out[found++] = row * 2 + inside
            continue
          }
          for (; row !== none; row = table[row * 4 + 2]!) {
            const exact = placeIn(reach, table[row * 4]!, table[row * 4 + 1]!)
            if (exact !== places.outside) out[found++] = row * 2 + (exact === places.inside ? 1 : 0)
          }
        }
      }
      return found
    },
  }
}
