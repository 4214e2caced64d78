import { expect, test } from 'vitest'
import { createRowConcerns } from './row-concerns.js'

test('the index of a concern is the one its version is asked by, in every row', () => {
  const concerns = createRowConcerns(3)
  for (const row of [0, 1, 2]) {
    concerns.add(row, 7, 10 + row)
    concerns.add(row, 8, 20 + row)
  }
  for (const row of [0, 1, 2]) {
    expect(concerns.versionAt(row, concerns.indexOf(row, 8))).toBe(20 + row)
    expect(concerns.at(row, concerns.indexOf(row, 7))).toBe(7)
    expect(concerns.indexOf(row, 9)).toBe(-1)
  }
})
