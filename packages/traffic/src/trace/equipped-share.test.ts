import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fnv1a32, isEquipped } from './equipped-share.js'

test('FNV-1a, 32 bit: the vectors of its authors', () => {
  // http://www.isthe.com/chongo/tech/comp/fnv/: "", "a", "foobar".
  expect([fnv1a32(''), fnv1a32('a'), fnv1a32('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968])
})

test('a vehicle of a smaller share is one of a larger share', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (id, seed, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)]
        expect(isEquipped(id, { share: small, seed }) && !isEquipped(id, { share: large, seed })).toBe(false)
        expect([isEquipped(id, { share: 0, seed }), isEquipped(id, { share: 1, seed })]).toEqual([false, true])
      },
    ),
  )
})

test('the share is about what is kept, and another seed keeps others', () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `vehicle ${index}`)
  const kept = (seed: number) => names.filter(name => isEquipped(name, { share: 0.2, seed }))
  expect(Math.abs(kept(1).length - 1_000)).toBeLessThan(120)
  expect(kept(2)).not.toEqual(kept(1))
})
