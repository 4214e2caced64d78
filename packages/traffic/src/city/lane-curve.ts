/** A point of a lane with the direction there; written by `pointAt`, owned by the caller. */
export interface CurvePoint {
  x: number
  y: number
  /** Unit vector along the lane. */
  dx: number
  dy: number
}

/** A line or a quadratic Bézier curve, travelled by length. */
export interface LaneCurve {
  readonly lengthM: number
  /** Largest curvature, 1/m; 0 for a line. */
  readonly sharpestPerM: number
  /** @param sM 0..lengthM; before and beyond it goes on straight */
  pointAt(sM: number, out: CurvePoint): void
}

interface Point {
  readonly x: number
  readonly y: number
}

export function lineBetween(from: Point, to: Point): LaneCurve {
  const lengthM = Math.hypot(to.x - from.x, to.y - from.y)
  const dx = (to.x - from.x) / lengthM
  const dy = (to.y - from.y) / lengthM
  return {
    lengthM,
    sharpestPerM: 0,
    pointAt: (sM, out) => {
      out.x = from.x + dx * sM
      out.y = from.y + dy * sM
      out.dx = dx
      out.dy = dy
    },
  }
}

const pieces = 32

/** The curve from the end of one line to the start of another that leaves and arrives along them. */
export function curveThrough(before: LaneCurve, after: LaneCurve): LaneCurve {
  const start = { x: 0, y: 0, dx: 0, dy: 0 }
  const end = { x: 0, y: 0, dx: 0, dy: 0 }
  before.pointAt(before.lengthM, start)
  after.pointAt(0, end)
  const middle = cornerOf(start, end)
  const bezier = (from: number, by: number, to: number, t: number) => (1 - t) * (1 - t) * from + 2 * t * (1 - t) * by + t * t * to
  const slope = (from: number, by: number, to: number, t: number) => 2 * (1 - t) * (by - from) + 2 * t * (to - by)

  const reachedM = [0]
  let sharpestPerM = 0
  const bendX = 2 * (end.x - 2 * middle.x + start.x)
  const bendY = 2 * (end.y - 2 * middle.y + start.y)
  for (let piece = 1; piece <= pieces; piece++) {
    const t = (piece - 0.5) / pieces
    const slopeX = slope(start.x, middle.x, end.x, t)
    const slopeY = slope(start.y, middle.y, end.y, t)
    const speed = Math.hypot(slopeX, slopeY)
    reachedM.push(reachedM[piece - 1]! + speed / pieces)
    sharpestPerM = Math.max(sharpestPerM, Math.abs(slopeX * bendY - slopeY * bendX) / speed ** 3)
  }
  const lengthM = reachedM[pieces]!

  function parameterAt(sM: number): number {
    let piece = 1
    while (piece < pieces && reachedM[piece]! < sM) piece++
    const from = reachedM[piece - 1]!
    return (piece - 1 + (sM - from) / (reachedM[piece]! - from)) / pieces
  }

  return {
    lengthM,
    sharpestPerM,
    pointAt: (sM, out) => {
      const t = parameterAt(Math.min(Math.max(sM, 0), lengthM))
      const slopeX = slope(start.x, middle.x, end.x, t)
      const slopeY = slope(start.y, middle.y, end.y, t)
      const speed = Math.hypot(slopeX, slopeY)
      out.dx = slopeX / speed
      out.dy = slopeY / speed
      const beyondM = sM - Math.min(Math.max(sM, 0), lengthM)
      out.x = bezier(start.x, middle.x, end.x, t) + out.dx * beyondM
      out.y = bezier(start.y, middle.y, end.y, t) + out.dy * beyondM
    },
  }
}

/** Where the two lines meet; half way between them if they are as good as parallel or meet behind. */
function cornerOf(start: CurvePoint, end: CurvePoint): Point {
  const cross = start.dx * end.dy - start.dy * end.dx
  const alongM = ((end.x - start.x) * end.dy - (end.y - start.y) * end.dx) / cross
  const backM = ((end.x - start.x) * start.dy - (end.y - start.y) * start.dx) / cross
  if (Math.abs(cross) < 0.05 || alongM <= 0.5 || backM >= -0.5) return { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }
  return { x: start.x + start.dx * alongM, y: start.y + start.dy * alongM }
}
