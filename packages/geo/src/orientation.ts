/** Above it a product of whole numbers may be rounded in float64. Two exact products of at most 2^52 differ by at most 2^53: exact. */
const productMax = 2 ** 52

/**
 * On which side of the line from A to B a point P lies: positive left, negative right, 0 on the line. Exact in sign for any whole
 * numbers whose differences stay below 2^33 (the whole earth in 1e-7 degree needs 2^32).
 *
 * Inside a frame differences are below 2^26, products below 2^52, and plain float64 is exact. A polygon that begins far outside
 * has longer edges; only where a product leaves 2^52 is it split, and then exactly.
 */
export function orientation(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  const left = (bx - ax) * (py - ay)
  const right = (by - ay) * (px - ax)
  if (left <= productMax && left >= -productMax && right <= productMax && right >= -productMax) return left - right
  return wideDeterminant(bx - ax, by - ay, px - ax, py - ay)
}

/**
 * The sign of dx·ey − dy·ex for whole numbers below 2^33. Of each second factor the upper 16 and the lower 17 bits are taken apart:
 * every product is below 2^50 and exact, so is each bracket, and the one rounded sum at the end cannot change its sign.
 */
function wideDeterminant(dx: number, dy: number, ex: number, ey: number): number {
  const exHigh = Math.floor(ex / 131_072)
  const eyHigh = Math.floor(ey / 131_072)
  const high = dx * eyHigh - dy * exHigh
  const low = dx * (ey - eyHigh * 131_072) - dy * (ex - exHigh * 131_072)
  return high * 131_072 + low
}
