import { expect, it } from 'vitest'
import { isEquipped } from './equipped.js'

it('5 % are among the 20 %, and about as many', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `v${index}`)
  const few = ids.filter(id => isEquipped(id, 0.05, 7))
  expect(few.every(id => isEquipped(id, 0.2, 7))).toBe(true)
  expect(few.length).toBeGreaterThan(400)
  expect(few.length).toBeLessThan(600)
  expect(ids.filter(id => isEquipped(id, 0.05, 8))).not.toEqual(few)
  expect(ids.every(id => isEquipped(id, 1, 7))).toBe(true)
  expect(ids.some(id => isEquipped(id, 0, 7))).toBe(false)
})

it.each([
  ['a', 0x342479c9],
  ['ü', 0x8cd9d5ed],
])('is FNV-1a over UTF-8: 1:%s (values from Python)', (id, hash) => {
  expect(isEquipped(id, (hash + 1) / 2 ** 32, 1)).toBe(true)
  expect(isEquipped(id, hash / 2 ** 32, 1)).toBe(false)
})
