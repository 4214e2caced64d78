import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSequenceRanges } from './sequence-ranges.js'

const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 12 }))
  .map(([first, more]) => ({ first, last: first + more }))

test('ranges are the set of their sequences, whatever the order they came in', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), range, (added, asked) => {
      const ranges = createSequenceRanges()
      const set = new Set<number>()
      for (const { first, last } of added) {
        ranges.add(first, last)
        for (let at = first; at <= last; at++) set.add(at)
      }
      for (let at = 1; at < 80; at++) {
        expect(ranges.has(at)).toBe(set.has(at))
        let through = at - 1
        while (set.has(through + 1)) through++
        expect(ranges.throughFrom(at)).toBe(through)
      }
      const missing = ranges
        .missing(asked.first, asked.last)
        .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
      expect(missing).toEqual(Array.from({ length: asked.last - asked.first + 1 }, (_, i) => asked.first + i).filter(at => !set.has(at)))
      const all = ranges.toArray()
      for (let i = 1; i < all.length; i++) expect(all[i]!.first, 'apart and in order').toBeGreaterThan(all[i - 1]!.last + 1)
      expect(createSequenceRanges(all).toArray()).toEqual(all)
    }),
    { seed: 1 },
  )
})
