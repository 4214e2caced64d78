/** A point of a lane with the direction there; written by `pointAt`, owned by the caller. */
export interface CurvePoint {
  x: number
  y: number
  /** Unit vector along the lane. */
  dx: number
  dy: number
}

/** A line or a curve, travelled by length. */
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

/** Handles of this share of the distance make a right-angled turn as good as a circle. */
const handleShare = 0.39

/** The cubic Bézier curve from the end of one line to the start of another that leaves and arrives along them. */
export function curveThrough(before: LaneCurve, after: LaneCurve): LaneCurve {
  const start = { x: 0, y: 0, dx: 0, dy: 0 }
  const end = { x: 0, y: 0, dx: 0, dy: 0 }
  before.pointAt(before.lengthM, start)
  after.pointAt(0, end)
  const handleM = handleShare * Math.hypot(end.x - start.x, end.y - start.y)
  const x = bezier(start.x, start.x + start.dx * handleM, end.x - end.dx * handleM, end.x)
  const y = bezier(start.y, start.y + start.dy * handleM, end.y - end.dy * handleM, end.y)

  const reachedM = [0]
  let sharpestPerM = 0
  for (let piece = 1; piece <= pieces; piece++) {
    const t = (piece - 0.5) / pieces
    const speed = Math.hypot(x.slope(t), y.slope(t))
    reachedM.push(reachedM[piece - 1]! + speed / pieces)
    sharpestPerM = Math.max(sharpestPerM, Math.abs(x.slope(t) * y.bend(t) - y.slope(t) * x.bend(t)) / speed ** 3)
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
      const onM = Math.min(Math.max(sM, 0), lengthM)
      const t = parameterAt(onM)
      const slopeX = x.slope(t)
      const slopeY = y.slope(t)
      const speed = Math.hypot(slopeX, slopeY)
      out.dx = slopeX / speed
      out.dy = slopeY / speed
      out.x = x.at(t) + out.dx * (sM - onM)
      out.y = y.at(t) + out.dy * (sM - onM)
    },
  }
}

/** One coordinate of a cubic Bézier curve, with its first and second derivative. */
function bezier(a: number, b: number, c: number, d: number) {
  return {
    at: (t: number) => (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t ** 3 * d,
    slope: (t: number) => 3 * ((1 - t) ** 2 * (b - a) + 2 * t * (1 - t) * (c - b) + t * t * (d - c)),
    bend: (t: number) => 6 * ((1 - t) * (c - 2 * b + a) + t * (d - 2 * c + b)),
  }
}
