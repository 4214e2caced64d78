import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDueHeap } from './due-heap.js'

test('the first item is the one due first, whatever was added, moved and removed', () => {
  const step = fc.record({ item: fc.nat(9), dueMs: fc.nat(20), isRemoved: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 100 }), steps => {
      const heap = createDueHeap<{ dueMs: number; heapIndex: number }>()
      const items = Array.from({ length: 10 }, () => ({ dueMs: 0, heapIndex: -1 }))
      const inside = new Set<{ dueMs: number; heapIndex: number }>()
      for (const { item: index, dueMs, isRemoved } of steps) {
        const item = items[index]!
        if (isRemoved) {
          heap.remove(item)
          inside.delete(item)
        } else {
          item.dueMs = dueMs
          heap.place(item)
          inside.add(item)
        }
        expect(heap.first()?.dueMs).toBe(inside.size === 0 ? undefined : Math.min(...[...inside].map(each => each.dueMs)))
      }
    }),
    { seed: 7 },
  )
})
