/*
 * A list of small numbers per cell, all in one Int32Array, so that reading a list is a walk through neighbouring memory. A list of n
 * lies in a chunk of the power of two next above n, at least 4; chunks given up are kept by size and used again. A chunk is more than
 * half full (or holds the smallest list), so chunks of one size take at most 4 numbers per entry, and all sizes together, in the
 * worst history of growing and shrinking, 4 × entries × sizes in use; in practice below 2.
 */
export interface CellLists {
  /** `heads[2 * cell]` is where the cell's list begins in `pool`, `heads[2 * cell + 1]` how long it is. */
  readonly heads: Int32Array
  /** Changes when it grows: read it again after `add`. */
  readonly pool: Int32Array
  add(cell: number, entry: number): void
  /** Takes out the first entry for which `entry >> 2` is the given number; the list's order changes. */
  removeOf(cell: number, id: number): void
}

const none = -1
const chunkMin = 4

export function createCellLists(cells: number): CellLists {
  const heads = new Int32Array(cells * 2)
  let pool = new Int32Array(1024)
  let top = 0
  /** By log2 of a chunk's size: the first free one, whose first number is the next. */
  const free = new Int32Array(32).fill(none)

  const take = (size: number) => {
    const sizeLog2 = 31 - Math.clz32(size)
    const chunk = free[sizeLog2]!
    if (chunk !== none) {
      free[sizeLog2] = pool[chunk]!
      return chunk
    }
    if (top + size > pool.length) {
      const grown = new Int32Array(pool.length * 2)
      grown.set(pool)
      pool = grown
    }
    top += size
    return top - size
  }
  const give = (chunk: number, size: number) => {
    const sizeLog2 = 31 - Math.clz32(size)
    pool[chunk] = free[sizeLog2]!
    free[sizeLog2] = chunk
  }

  /** Moves a list of `count` from a chunk of one size into one of another; the entry that made it necessary comes or goes after. */
  const resize = (cell: number, count: number, from: number, to: number) => {
    const old = heads[cell * 2]!
    const chunk = to === 0 ? 0 : take(to)
    pool.copyWithin(chunk, old, old + count)
    if (from > 0) give(old, from)
    heads[cell * 2] = chunk
  }

  return {
    heads,
    get pool() {
      return pool
    },
    add(cell, entry) {
      const count = heads[cell * 2 + 1]!
      const size = chunkFor(count)
      if (chunkFor(count + 1) !== size) resize(cell, count, size, chunkFor(count + 1))
      pool[heads[cell * 2]! + count] = entry
      heads[cell * 2 + 1] = count + 1
    },
    removeOf(cell, id) {
      const start = heads[cell * 2]!
      const left = heads[cell * 2 + 1]! - 1
      let at = start
      while (pool[at]! >> 2 !== id) at++
      pool[at] = pool[start + left]!
      heads[cell * 2 + 1] = left
      if (chunkFor(left) !== chunkFor(left + 1)) resize(cell, left, chunkFor(left + 1), chunkFor(left))
    },
  }
}

/** Size of the chunk for a list of n: 0, 4, 8, 16 … */
function chunkFor(n: number): number {
  return n === 0 ? 0 : n <= chunkMin ? chunkMin : 1 << (32 - Math.clz32(n - 1))
}
