import { expect, test } from 'vitest'
import { refusedText } from './refused-reports.js'

test.each([
  [{}, undefined],
  [{ shed: 0 }, undefined],
  [{ late: 2, shed: 10 }, '12 (shed 10, late 2)'],
  [{ late: 2, shed: 10, future: 1, rate: 3 }, '16 (shed 10, rate 3, other 3)'],
])('reports that were refused, by reason: %o', (refused, text) => {
  expect(refusedText(refused, 2)).toBe(text)
})
