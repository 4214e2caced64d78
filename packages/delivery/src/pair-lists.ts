// Lists of pairs, linked through columns: a pair is in one list at most, and joins and leaves in constant time without allocation.

/** `list` of a pair that is in none. */
export const noList = 255

export interface PairLists {
  /** The first pair of a list; -1 = empty. */
  first(list: number): number
  /** The pair behind; -1 = none. */
  next(pair: number): number
  /** The list a pair is in, or `noList`. */
  listOf(pair: number): number
  size(list: number): number
  /** Puts a pair last in a list, out of the one it is in. */
  append(pair: number, list: number): void
  /** Takes a pair out of its list, if it is in one. */
  remove(pair: number): void
}

/** @param lists at most 255 · @param pairsMax 9 bytes each */
export function createPairLists(lists: number, pairsMax: number): PairLists {
  const heads = new Int32Array(lists).fill(-1)
  const tails = new Int32Array(lists).fill(-1)
  const sizes = new Int32Array(lists)
  const nexts = new Int32Array(pairsMax)
  const previous = new Int32Array(pairsMax)
  const listOf = new Uint8Array(pairsMax).fill(noList)

  function remove(pair: number): void {
    const list = listOf[pair]!
    if (list === noList) return
    const before = previous[pair]!
    const after = nexts[pair]!
    if (before === -1) heads[list] = after
    else nexts[before] = after
    if (after === -1) tails[list] = before
    else previous[after] = before
    sizes[list]!--
    listOf[pair] = noList
  }

  return {
    first: list => heads[list]!,
    next: pair => nexts[pair]!,
    listOf: pair => listOf[pair]!,
    size: list => sizes[list]!,
    remove,
    append(pair, list) {
      remove(pair)
      const last = tails[list]!
      if (last === -1) heads[list] = pair
      else nexts[last] = pair
      previous[pair] = last
      nexts[pair] = -1
      tails[list] = pair
      sizes[list]!++
      listOf[pair] = list
    },
  }
}
