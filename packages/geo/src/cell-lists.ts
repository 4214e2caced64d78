/*
 * A list of entries per cell, all in one Int32Array, so that reading a list is a walk through neighbouring memory. A list lies in a
 * chunk of 4, 8, 16 … entries. A full one moves into a chunk of twice the size, one that is down to a quarter into one of half; an
 * empty list has none. Chunks given up are kept by size and used again.
 *
 * How large the pool may grow: a chunk larger than the smallest is more than a quarter full, so the chunks of one size never take
 * more than 4 × entries at a time; all sizes (17 for 100,000 entries) together not more than 68 × entries, if each size had its
 * worst moment. In use it is about 1.5 × entries.
 */
export interface CellLists {
  /** `heads[2 * cell]` is where the cell's list begins in `pool`, `heads[2 * cell + 1]` how many entries it has. */
  readonly heads: Int32Array
  /** Another one once it has grown: read it again after `append`. */
  readonly pool: Int32Array
  /** Where in the pool the new last entry of the cell is to be written. The list begins elsewhere if it had to move. */
  append(cell: number): number
  /** Takes out the entry that begins at `at`; the last one takes its place. The list begins elsewhere if it had to move. */
  removeAt(cell: number, at: number): void
}

const none = -1
const smallestLog2 = 2

/**
 * @param stride numbers per entry
 * @param entries room to begin with
 */
export function createCellLists(cells: number, stride: number, entries: number): CellLists {
  const heads = new Int32Array(cells * 2)
  /** log2 of the entries a cell's chunk has room for, 0 if it has none. */
  const sizesLog2 = new Uint8Array(cells)
  let pool = new Int32Array(Math.max(entries, 1 << smallestLog2) * stride)
  let top = 0
  /** By log2 of a chunk's size: the first free one, whose first number is the next. */
  const free = new Int32Array(31).fill(none)

  const take = (sizeLog2: number) => {
    const chunk = free[sizeLog2]!
    if (chunk !== none) {
      free[sizeLog2] = pool[chunk]!
      return chunk
    }
    const end = top + (stride << sizeLog2)
    if (end > pool.length) {
      const grown = new Int32Array(Math.max(end, pool.length * 2))
      grown.set(pool)
      pool = grown
    }
    top = end
    return end - (stride << sizeLog2)
  }

  /** Gives the cell a chunk of another size and copies what it holds. 0 stands for no chunk. */
  const resize = (cell: number, sizeLog2: number) => {
    const old = heads[cell * 2]!
    const oldLog2 = sizesLog2[cell]!
    const chunk = sizeLog2 === 0 ? 0 : take(sizeLog2)
    pool.copyWithin(chunk, old, old + heads[cell * 2 + 1]! * stride)
    if (oldLog2 > 0) {
      pool[old] = free[oldLog2]!
      free[oldLog2] = old
    }
    heads[cell * 2] = chunk
    sizesLog2[cell] = sizeLog2
  }

  return {
    heads,
    get pool() {
      return pool
    },
    append(cell) {
      const count = heads[cell * 2 + 1]!
      const sizeLog2 = sizesLog2[cell]!
      if (sizeLog2 === 0) resize(cell, smallestLog2)
      else if (count === 1 << sizeLog2) resize(cell, sizeLog2 + 1)
      heads[cell * 2 + 1] = count + 1
      return heads[cell * 2]! + count * stride
    },
    removeAt(cell, at) {
      const left = heads[cell * 2 + 1]! - 1
      const last = heads[cell * 2]! + left * stride
      for (let i = 0; i < stride; i++) pool[at + i] = pool[last + i]!
      heads[cell * 2 + 1] = left
      const sizeLog2 = sizesLog2[cell]!
      if (left === 0) resize(cell, 0)
      else if (sizeLog2 > smallestLog2 && left * 4 <= 1 << sizeLog2) resize(cell, sizeLog2 - 1)
    },
  }
}
