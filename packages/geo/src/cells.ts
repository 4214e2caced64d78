import type { Extent, Frame } from './frame.js'
import { eastMPerUnit, inFrame, northMPerUnit } from './frame.js'
import { GeoError, geoErrorCodes } from './geo-error.js'

/** An extent cut into cells of equal size in units, whose sides are powers of two: a position's cell is two shifts away. */
export interface Cells {
  readonly extent: Extent
  readonly shiftX: number
  readonly shiftY: number
  readonly columns: number
  readonly rows: number
}

/** 2^20 cells of a few bytes each: 4 to 12 MB. An extent of 250 km in cells of 250 m still fits. */
const cellsMax = 2 ** 20

/**
 * @param cellM wanted side, metres; each side becomes the power of two next to it in units, so 0.71 to 1.41 times as long
 * @throws GeoError `extent_invalid`
 */
export function createCells(frame: Frame, extent: Extent, cellM: number): Cells {
  const { minX, minY, maxX, maxY } = extent
  if (!(inFrame(minX, minY) && inFrame(maxX, maxY) && minX < maxX && minY < maxY))
    throw new GeoError(geoErrorCodes.extentInvalid, `extent ${minX}..${maxX}, ${minY}..${maxY} is empty or leaves its frame`)
  const shiftX = Math.max(0, Math.round(Math.log2(cellM / eastMPerUnit(frame, 0))))
  const shiftY = Math.max(0, Math.round(Math.log2(cellM / northMPerUnit)))
  const columns = Math.floor((maxX - minX) / 2 ** shiftX) + 1
  const rows = Math.floor((maxY - minY) / 2 ** shiftY) + 1
  if (!(columns * rows <= cellsMax))
    throw new GeoError(geoErrorCodes.extentInvalid, `cells of ${cellM} m make ${columns} × ${rows}; at most ${cellsMax} are allowed`)
  return { extent, shiftX, shiftY, columns, rows }
}

/** Column of x; what lies outside the extent belongs to the column at its border. */
export function columnOf(cells: Cells, x: number): number {
  const { minX, maxX } = cells.extent
  return (x <= minX ? 0 : Math.min(x, maxX) - minX) >> cells.shiftX
}

/** Row of y; what lies outside the extent belongs to the row at its border. */
export function rowOf(cells: Cells, y: number): number {
  const { minY, maxY } = cells.extent
  return (y <= minY ? 0 : Math.min(y, maxY) - minY) >> cells.shiftY
}

/** Upper bound of the metres from the middle of a cell of this extent to its corner: taken where the extent is nearest to the equator. */
export function cellSpreadM(frame: Frame, cells: Cells): number {
  const widestY = Math.min(cells.extent.maxY, Math.max(cells.extent.minY, -frame.originLatitudeE7))
  return Math.hypot(2 ** cells.shiftX * eastMPerUnit(frame, widestY), 2 ** cells.shiftY * northMPerUnit) / 2
}
