/*
 * Where everybody is. Each cell has the list of its vehicles, x, y and row of each side by side, so that a query reads straight
 * through memory; a row remembers its cell and where its entry stands. A move within a cell writes two numbers (and reads none of
 * the list, whose memory is often not at hand), a move into another takes the entry out of one list and appends it to the other.
 * 12 bytes an entry, 8 a row, 9 a cell.
 *
 * Vehicles outside the extent are kept in the cells at its border, and are found there by the same exact tests.
 */
import { createCellLists } from './cell-lists.js'
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
/** x, y, row. */
const stride = 3
const absent = -1

/** @throws GeoError `extent_invalid`, `slot_out_of_range` */
export function createVehicleGrid({ frame, extent, cellM = 250, rows }: VehicleGridOptions): VehicleGrid {
  if (!(Number.isInteger(rows) && rows > 0 && rows <= rowsMax))
    throw new GeoError(geoErrorCodes.slotOutOfRange, `rows is ${rows}; must be a whole number, 1 to ${rowsMax}`)
  const cells = createCells(frame, extent, cellM)
  const spreadM = cellSpreadM(frame, cells)
  const lastColumn = cells.columns - 1
  const lastRow = cells.rows - 1
  const lists = createCellLists(cells.columns * cells.rows, stride, rows * 2)
  const { heads } = lists
  /** Of each row, where in the lists' pool its entry stands, and its cell. */
  const table = new Int32Array(rows * 2).fill(absent)
  let size = 0

  const cellOf = (x: number, y: number) => rowOf(cells, y) * cells.columns + columnOf(cells, x)
  const entryOf = (row: number) => {
    if (!(row >= 0 && row < rows)) throw new GeoError(geoErrorCodes.slotOutOfRange, `row is ${row}; must be below ${rows}`)
    return table[row * 2]!
  }
  /** A list that had to move has all its entries elsewhere. */
  const renumber = (cell: number) => {
    const { pool } = lists
    const start = heads[cell * 2]!
    const end = start + heads[cell * 2 + 1]! * stride
    for (let at = start; at < end; at += stride) table[pool[at + 2]! * 2] = at
  }
  const append = (row: number, cell: number, x: number, y: number) => {
    const start = heads[cell * 2]!
    const at = lists.append(cell)
    const { pool } = lists
    pool[at] = x
    pool[at + 1] = y
    pool[at + 2] = row
    table[row * 2 + 1] = cell
    if (heads[cell * 2] === start) table[row * 2] = at
    else renumber(cell)
  }
  const takeOut = (at: number, cell: number) => {
    const start = heads[cell * 2]!
    lists.removeAt(cell, at)
    if (heads[cell * 2] !== start) renumber(cell)
    else if (at < start + heads[cell * 2 + 1]! * stride) table[lists.pool[at + 2]! * 2] = at
  }

  /** Used again for every cell of a query. */
  const block = { minX: 0, minY: 0, maxX: 0, maxY: 0, spreadM }
  const placeOfCell = (reach: Reach, column: number, row: number) => {
    block.minX = extent.minX + column * 2 ** cells.shiftX
    block.minY = extent.minY + row * 2 ** cells.shiftY
    block.maxX = block.minX + 2 ** cells.shiftX - 1
    block.maxY = block.minY + 2 ** cells.shiftY - 1
    return blockPlace(reach, block)
  }

  const queryBox = (minX: number, minY: number, maxX: number, maxY: number, out: Int32Array) => {
    const { pool } = lists
    const fromColumn = columnOf(cells, minX)
    const toColumn = columnOf(cells, maxX)
    const toRow = rowOf(cells, maxY)
    let found = 0
    for (let r = rowOf(cells, minY); r <= toRow; r++) {
      for (let cell = r * cells.columns + fromColumn; cell <= r * cells.columns + toColumn; cell++) {
        const end = heads[cell * 2]! + heads[cell * 2 + 1]! * stride
        for (let at = heads[cell * 2]!; at < end; at += stride) {
          const x = pool[at]!
          const y = pool[at + 1]!
          if (x >= minX && x <= maxX && y >= minY && y <= maxY) out[found++] = pool[at + 2]!
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
      const at = entryOf(row)
      const cell = cellOf(x, y)
      if (at === absent) size++
      else {
        const from = table[row * 2 + 1]!
        if (from === cell) {
          const { pool } = lists
          pool[at] = x
          pool[at + 1] = y
          return
        }
        takeOut(at, from)
      }
      append(row, cell, x, y)
    },
    remove(row) {
      const at = entryOf(row)
      if (at === absent) return false
      takeOut(at, table[row * 2 + 1]!)
      table[row * 2] = absent
      size--
      return true
    },
    has: row => entryOf(row) !== absent,
    xOf: row => lists.pool[entryOf(row)]!,
    yOf: row => lists.pool[entryOf(row) + 1]!,
    queryBox,
    queryCircle(x, y, radiusM, out) {
      const { pool } = lists
      const north = radiusM / northMPerUnit + 1
      const east = radiusM / Math.min(eastMPerUnit(frame, y - north), eastMPerUnit(frame, y + north)) + 1
      const fromColumn = columnOf(cells, x - east)
      const toColumn = columnOf(cells, x + east)
      const toRow = rowOf(cells, y + north)
      let found = 0
      for (let r = rowOf(cells, y - north); r <= toRow; r++) {
        for (let cell = r * cells.columns + fromColumn; cell <= r * cells.columns + toColumn; cell++) {
          const end = heads[cell * 2]! + heads[cell * 2 + 1]! * stride
          for (let at = heads[cell * 2]!; at < end; at += stride)
            if (distanceM(frame, x, y, pool[at]!, pool[at + 1]!) <= radiusM) out[found++] = pool[at + 2]!
        }
      }
      return found
    },
    queryReach(reach, out) {
      const { pool } = lists
      const fromColumn = columnOf(cells, reach.minX)
      const toColumn = columnOf(cells, reach.maxX)
      const toRow = rowOf(cells, reach.maxY)
      let found = 0
      for (let r = rowOf(cells, reach.minY); r <= toRow; r++) {
        for (let c = fromColumn; c <= toColumn; c++) {
          const cell = r * cells.columns + c
          const start = heads[cell * 2]!
          const end = start + heads[cell * 2 + 1]! * stride
          // Border cells hold what is outside the extent too, and a few exact tests are as cheap as one of the cell.
          const isWorthIt = end - start > 3 * stride && r > 0 && c > 0 && r < lastRow && c < lastColumn
          const place = isWorthIt ? placeOfCell(reach, c, r) : blockPlaces.unknown
          if (place === blockPlaces.outside) continue
          if (place === blockPlaces.inside || place === blockPlaces.near) {
            const inside = place === blockPlaces.inside ? 1 : 0
            for (let at = start; at < end; at += stride) out[found++] = pool[at + 2]! * 2 + inside
            continue
          }
          for (let at = start; at < end; at += stride) {
            const exact = placeIn(reach, pool[at]!, pool[at + 1]!)
            if (exact !== places.outside) out[found++] = pool[at + 2]! * 2 + (exact === places.inside ? 1 : 0)
          }
        }
      }
      return found
    },
  }
}
