/*
 * Which of many reaches (an alert's area with its awareness distance) a moving vehicle is in. The extent is cut into cells, four by
 * four cells make a block of the next level, and so on up. A reach is laid out from the top: a block wholly outside is left out, one
 * wholly inside or wholly near is noted as such, and of the rest its sixteen parts are looked at, down to the cells. So the middle
 * of a large area is a few large blocks, only its border is many cells, and only on the border is there an exact test to do.
 *
 * A query walks one list per level (four for a city or for 100 km), in memory that lies together, and allocates nothing.
 *
 * An area's blocks are counted while it is laid out: if the next level down would take it over `blocksPerFenceMax`, or over
 * `edgesPerLevelMax` edges to look at, the blocks left open stay as large as they are, with more exact tests in them and the same answers. This is also the clamping to the
 * footprint: outside the extent there are no blocks.
 */
import { createCellLists } from './cell-lists.js'
import { cellSpreadM, columnOf, createCells, rowOf } from './cells.js'
import { type Edges, entriesRead } from './edges.js'
import { type Extent, eastMPerUnit, type Frame, northMPerUnit } from './frame.js'
import { GeoError, geoErrorCodes } from './geo-error.js'
import { type BlockPlace, blockPlace, blockPlaces, placeIn, places, type Reach } from './reach.js'
import { ringsContain } from './rings.js'

export interface FenceIndexOptions {
  readonly frame: Frame
  /** Positions outside it are in no fence: the footprint with the margin in which vehicles are still served. */
  readonly extent: Extent
  /** Side of the smallest cell, metres, rounded to a power of two of units. Default 60, or 1/512 of an extent wider than 30 km. */
  readonly cellM?: number
  /** Fence numbers are 0 ≤ id < fencesMax, at most 2^20. */
  readonly fencesMax: number
}

export interface FenceIndex {
  /** Fences in the index. */
  readonly size: number
  /** Adds a fence or replaces it. Between turns of the loop: 0.1 ms for 30 corners, milliseconds for 10,000. */
  set(id: number, reach: Reach): void
  /** False if it was not in. */
  delete(id: number): boolean
  /**
   * Fences whose reach holds the point: each as `id * 2 + 1` if the point is inside the area, `id * 2` if it is only near. In no
   * order. Writes at most `out.length` and returns how many there are; more than that means `out` was too short.
   */
  query(x: number, y: number, out: Int32Array): number
  /** Blocks a fence takes, 0 if it is not in: at most `blocksPerFenceMax`, at most 20 bytes each. */
  blocksOf(id: number): number
}

/** 1,024 blocks of at most 20 bytes (4 in its own list, up to 16 in a cell's chunk): 20 kB for the worst area, about 1 kB for a usual one. */
export const blocksPerFenceMax = 1024

const fencesMaxMax = 2 ** 20
/** Edges looked at to lay out one level, about 5 ms: a comb of 10,000 tall edges keeps larger blocks instead of holding up the loop. */
const edgesPerLevelMax = 2 ** 20

/** The top level has at most so many blocks, so that any reach fits its blocks there. */
const topBlocksMax = 256

/** @throws GeoError `extent_invalid`, `slot_out_of_range` */
export function createFenceIndex({ frame, extent, cellM = usualCellM(frame, extent), fencesMax }: FenceIndexOptions): FenceIndex {
  if (!(Number.isInteger(fencesMax) && fencesMax > 0 && fencesMax <= fencesMaxMax))
    throw new GeoError(geoErrorCodes.slotOutOfRange, `fencesMax is ${fencesMax}; must be a whole number, 1 to ${fencesMaxMax}`)
  const cells = createCells(frame, extent, cellM)
  const spreadM = cellSpreadM(frame, cells)
  /** Columns of each level, and the number of its first block among all levels' blocks. */
  const columns: number[] = []
  const firsts: number[] = []
  let blocks = 0
  let isTop = false
  for (let shift = 0; !isTop; shift += 2) {
    const levelColumns = ((cells.columns - 1) >> shift) + 1
    const levelRows = ((cells.rows - 1) >> shift) + 1
    columns.push(levelColumns)
    firsts.push(blocks)
    blocks += levelColumns * levelRows
    isTop = levelColumns * levelRows <= topBlocksMax
  }
  const levels = columns.length
  const lists = createCellLists(blocks, 1, 1024)
  const reaches: (Reach | undefined)[] = new Array(fencesMax).fill(undefined)
  /** Rings of those that are polygons and nothing more: the usual exact test goes straight to them. */
  const rings: (Edges | undefined)[] = new Array(fencesMax).fill(undefined)
  const blocksOf: (Int32Array | undefined)[] = new Array(fencesMax).fill(undefined)
  let size = 0

  /** Blocks of one level that the reach touches: parts of `parents`, or all of them on the top level. */
  const layOutLevel = (reach: Reach, level: number, parents: readonly LaidBlock[] | null): Level => {
    const shift = level * 2
    const west = columnOf(cells, reach.minX) >> shift
    const east = columnOf(cells, reach.maxX) >> shift
    const south = rowOf(cells, reach.minY) >> shift
    const north = rowOf(cells, reach.maxY) >> shift
    const settled: LaidBlock[] = []
    const open: LaidBlock[] = []
    const look = (column: number, row: number) => {
      const minX = extent.minX + column * 2 ** (cells.shiftX + shift)
      const minY = extent.minY + row * 2 ** (cells.shiftY + shift)
      const maxX = minX + 2 ** (cells.shiftX + shift) - 1
      const maxY = minY + 2 ** (cells.shiftY + shift) - 1
      const place = blockPlace(reach, { minX, minY, maxX, maxY, spreadM: spreadM * 2 ** shift })
      if (place === blockPlaces.outside) return
      const found = { column, row, block: firsts[level]! + row * columns[level]! + column, place }
      if (place === blockPlaces.inside || place === blockPlaces.near) settled.push(found)
      else open.push(found)
    }
    if (parents === null) {
      for (let row = south; row <= north; row++) for (let column = west; column <= east; column++) look(column, row)
      return { settled, open }
    }
    for (const parent of parents) {
      const lastRow = Math.min(north, parent.row * 4 + 3)
      const lastColumn = Math.min(east, parent.column * 4 + 3)
      for (let row = Math.max(south, parent.row * 4); row <= lastRow; row++)
        for (let column = Math.max(west, parent.column * 4); column <= lastColumn; column++) look(column, row)
    }
    return { settled, open }
  }

  const layOut = (reach: Reach): LaidBlock[] => {
    if (reach.maxX < extent.minX || reach.minX > extent.maxX || reach.maxY < extent.minY || reach.minY > extent.maxY) return []
    let { settled, open } = layOutLevel(reach, levels - 1, null)
    for (let level = levels - 2; level >= 0 && open.length > 0; level--) {
      const height = 2 ** (cells.shiftY + level * 2)
      const reads = reach.area.edges === null ? 1 : entriesRead(reach.area.edges, height)
      if (open.length * 16 * reads > edgesPerLevelMax) break
      const next = layOutLevel(reach, level, open)
      if (settled.length + next.settled.length + next.open.length > blocksPerFenceMax) break
      settled = settled.concat(next.settled)
      open = next.open
    }
    return settled.concat(open)
  }

  const remove = (id: number): boolean => {
    const laid = blocksOf[id]
    if (laid === undefined) return false
    for (const block of laid) {
      let at = lists.heads[block * 2]!
      while (lists.pool[at]! >> 2 !== id) at++
      lists.removeAt(block, at)
    }
    blocksOf[id] = undefined
    reaches[id] = undefined
    rings[id] = undefined
    size--
    return true
  }

  return {
    get size() {
      return size
    },
    set(id, reach) {
      if (!(id >= 0 && id < fencesMax)) throw new GeoError(geoErrorCodes.slotOutOfRange, `fence is ${id}; must be below ${fencesMax}`)
      const laid = layOut(reach)
      remove(id)
      for (const { block, place } of laid) {
        const at = lists.append(block)
        lists.pool[at] = id * 4 + place
      }
      blocksOf[id] = Int32Array.from(laid, ({ block }) => block)
      reaches[id] = reach
      if (reach.awarenessM === 0 && reach.area.kind === 'polygons' && reach.area.edges !== null) rings[id] = reach.area.edges
      size++
    },
    delete: remove,
    blocksOf: id => blocksOf[id]?.length ?? 0,
    query(x, y, out) {
      if (x < extent.minX || x > extent.maxX || y < extent.minY || y > extent.maxY) return 0
      const { heads, pool } = lists
      const column = (x - extent.minX) >> cells.shiftX
      const row = (y - extent.minY) >> cells.shiftY
      let found = 0
      for (let level = 0; level < levels; level++) {
        const block = firsts[level]! + (row >> (level * 2)) * columns[level]! + (column >> (level * 2))
        const start = heads[block * 2]!
        const end = start + heads[block * 2 + 1]!
        for (let i = start; i < end; i++) {
          const entry = pool[i]!
          const id = entry >> 2
          const place = entry & 3
          if (place === blockPlaces.inside) out[found++] = id * 2 + 1
          else if (place === blockPlaces.near) out[found++] = id * 2
          else {
            const polygons = rings[id]
            const exact =
              polygons === undefined ? placeIn(reaches[id]!, x, y) : ringsContain(polygons, x, y) ? places.inside : places.outside
            if (exact !== places.outside) out[found++] = id * 2 + (exact === places.inside ? 1 : 0)
          }
        }
      }
      return found
    },
  }
}

/**
 * On the border of a fence every report costs an exact test, so small cells are worth it: with 10,000 polygons of 600 m, cells of
 * 60 m leave half the tests that cells of 125 m do. 512 a side stay well below what a table may have.
 */
function usualCellM(frame: Frame, { minX, minY, maxX, maxY }: Extent): number {
  return Math.max(60, ((maxX - minX) * eastMPerUnit(frame, 0)) / 512, ((maxY - minY) * northMPerUnit) / 512)
}

interface LaidBlock {
  readonly column: number
  readonly row: number
  /** Its number among all levels' blocks. */
  readonly block: number
  readonly place: BlockPlace
}

interface Level {
  /** Wholly inside or wholly near. */
  readonly settled: LaidBlock[]
  /** To be looked at in parts, or tested exactly. */
  readonly open: LaidBlock[]
}
