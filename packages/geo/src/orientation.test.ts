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

/** (x, y) with dx · y − dy · x = 1, for dx and dy without a common divisor: the lattice point nearest to the line. */
function besideLine(dx: number, dy: number): readonly [x: number, y: number] {
  let [a, b, x, nextX, y, nextY] = [dx, dy, 0, 1, 1, 0]
  while (b !== 0) {
    const quotient = Math.floor(a / b)
    ;[a, b] = [b, a - quotient * b]
    ;[x, nextX] = [nextX, x - quotient * nextX]
    ;[y, nextY] = [nextY, y - quotient * nextY]
  }
  return [-x, y]
}

test('the nearest points on either side of a line half around the earth are told apart, where float64 alone says they are on it', () => {
  let rounded = 0
  const long = fc.integer({ min: 2 ** 29, max: 2 ** 31 - 1 })
  fc.assert(
    fc.property(long, long, (dx, dy) => {
      const [x, y] = besideLine(dx, dy)
      fc.pre(BigInt(dx) * BigInt(y) - BigInt(dy) * BigInt(x) === 1n)
      if (dx * y - dy * x <= 0) rounded++
      expect(Math.sign(orientation(0, 0, dx, dy, x, y))).toBe(1)
      expect(Math.sign(orientation(0, 0, dx, dy, -x, -y))).toBe(-1)
      expect(Math.sign(orientation(dx, dy, 0, 0, x, y))).toBe(-1)
      expect(orientation(-dx, -dy, dx, dy, 0, 0)).toBe(0)
    }),
    { seed: 4, numRuns: 1000 },
  )
  expect(rounded).toBeGreaterThan(100)
})
