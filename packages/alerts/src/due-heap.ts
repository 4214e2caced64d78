// A binary heap by due time in which every item knows its place, so that a new due time moves the one node an item has. Size = items.

/** What a heap orders; the heap writes `heapIndex`. */
export interface Due {
  dueMs: number
  /** Place in the heap; -1 = not in it. */
  heapIndex: number
}

export interface DueHeap<Item extends Due> {
  /** Adds the item, or moves it to where its new `dueMs` belongs. */
  place(item: Item): void
  remove(item: Item): void
  /** The item due first. */
  first(): Item | undefined
}

export function createDueHeap<Item extends Due>(): DueHeap<Item> {
  const items: Item[] = []

  function put(item: Item, index: number): void {
    items[index] = item
    item.heapIndex = index
  }

  function settle(item: Item, from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (items[parent]!.dueMs <= item.dueMs) break
      put(items[parent]!, index)
      index = parent
    }
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && items[child + 1]!.dueMs < items[child]!.dueMs) child++
      if (items[child]!.dueMs >= item.dueMs) break
      put(items[child]!, index)
      index = child
    }
    put(item, index)
  }

  return {
    place(item) {
      if (item.heapIndex === -1) put(item, items.length)
      settle(item, item.heapIndex)
    },
    remove(item) {
      const index = item.heapIndex
      if (index === -1) return
      item.heapIndex = -1
      const last = items.pop()!
      if (last !== item) settle(last, index)
    },
    first: () => items[0],
  }
}
