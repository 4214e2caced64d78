import fc from 'fast-check'
import { orient2d } from 'robust-predicates'
import { expect, test } from 'vitest'
import { orientation } from './orientation.js'

/** Whole numbers of every size that occurs, small ones often, so that points on a line are common. */
const unit = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.integer({ min: -(2 ** 25), max: 2 ** 25 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
)

test('the side of a line is exact for any whole numbers of the earth, as big integers and robust-predicates have it', () => {
  fc.assert(
    fc.property(unit, unit, unit, unit, unit, unit, (ax, ay, bx, by, px, py) => {
      const exact = (BigInt(bx) - BigInt(ax)) * (BigInt(py) - BigInt(ay)) - (BigInt(by) - BigInt(ay)) * (BigInt(px) - BigInt(ax))
      const sign = exact > 0n ? 1 : exact < 0n ? -1 : 0
      expect(Math.sign(orientation(ax, ay, bx, by, px, py))).toBe(sign)
      expect(Math.sign(orient2d(ax, -ay, bx, -by, px, -py))).toBe(sign)
    }),
    { seed: 3, numRuns: 2000 },
  )
})

test('points on a long line, and one unit beside it, are told apart where float64 alone rounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 29 }),
      fc.integer({ min: 1, max: 2 ** 29 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: -1, max: 1 }),
      (dx, dy, times, beside) => {
        const side = Math.sign(orientation(-dx, -dy, dx * times, dy * times, 0, beside))
        expect(side).toBe(beside)
      },
    ),
    { seed: 4, numRuns: 2000 },
  )
})
