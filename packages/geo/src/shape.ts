// Does a place on earth touch another, or come within some metres of it? Asked where alerts meet footprints and filters: seldom, so that
// plain loops do; never for vehicles. Lines stay straight in longitude and latitude (RFC 7946), so that whether two areas overlap is
// exact. Metres are taken from one scale per question, at the second shape's middle, with a margin of 3 % for what is further off:
// answering yes too often costs a node a message, no too often costs somebody a warning.
import type { AreaInput, PositionInput } from './area-input.js'
import { earthRadiusM } from './sphere.js'

/** Lines or rings of points, and everything within `radiusM` of them; rings are filled. Coordinates in 1e-7 degree. */
export interface Shape {
  /**
   * Parts of paths: a polygon is a part, with the rings of its boundary and holes. A path is x (longitude), y (latitude), x, y …; a ring
   * repeats its first point at its end; one point alone is a line of length zero.
   */
  readonly parts: readonly (readonly Path[])[]
  readonly isFilled: boolean
  readonly radiusM: number
}

type Path = readonly number[]

/** Metres per 1e-7 degree of latitude. */
const metresPerUnit = (earthRadiusM * Math.PI) / 180 / 1e7
const halfTurnE7 = 1_800_000_000
const margin = 1.03

/** A valid area of the wire as a shape; a moving one as all it may cover within `forMs`. */
export function shapeOf(area: AreaInput, forMs: number): Shape {
  if (area.circle != null) return pointShape([area.circle.center], (area.circle.radiusCm ?? 0) / 100)
  if (area.corridor != null)
    return { parts: [[flat(area.corridor.line ?? [])]], isFilled: false, radiusM: (area.corridor.widthCm ?? 0) / 200 }
  if (area.moving != null) {
    const { speedCmps, aheadCm, behindCm, widthCm, position } = area.moving
    const reachM = (Math.max(aheadCm ?? 0, behindCm ?? 0) + (widthCm ?? 0) / 2 + ((speedCmps ?? 0) * forMs) / 1_000) / 100
    return pointShape([position], reachM)
  }
  const parts = (area.polygons?.polygons ?? []).map(({ outer, holes }) =>
    [outer, ...(holes ?? [])].map(ring => closed(flat(ring?.points ?? []))),
  )
  return { parts, isFilled: true, radiusM: 0 }
}

/** Points and what lies within `radiusM` of them. */
export function pointShape(points: readonly (PositionInput | null | undefined)[], radiusM: number): Shape {
  return { parts: points.filter(point => point != null).map(point => [flat([point])]), isFilled: false, radiusM }
}

/** True if the two come within `withinM` metres of each other. */
export function touches(a: Shape, b: Shape, withinM = 0): boolean {
  const reference = b.parts[0]?.[0]
  if (reference === undefined || a.parts.length === 0) return false
  const scaled = (shape: Shape) => shape.parts.map(part => part.map(path => scale(path, reference[0]!, reference[1]!)))
  const partsA = scaled(a)
  const partsB = scaled(b)
  if (a.isFilled && partsB.some(part => isInside(partsA, part[0]![0]!, part[0]![1]!))) return true
  if (b.isFilled && partsA.some(part => isInside(partsB, part[0]![0]!, part[0]![1]!))) return true
  const reachM = (a.radiusM + b.radiusM + withinM) * margin
  const pathsA = partsA.flat()
  const pathsB = partsB.flat()
  const boxA = grow(boxOf(pathsA.flat()), reachM)
  const boxB = grow(boxOf(pathsB.flat()), reachM)
  const segmentsA = pathsA.flatMap(segments).filter(segment => overlaps(boxOf(segment), boxB))
  const segmentsB = pathsB.flatMap(segments).filter(segment => overlaps(boxOf(segment), boxA))
  return segmentsA.some(one => {
    const box = grow(boxOf(one), reachM)
    return segmentsB.some(other => overlaps(box, boxOf(other)) && segmentDistanceM(one, other) <= reachM)
  })
}

type Segment = readonly [number, number, number, number]
type Box = readonly [number, number, number, number]

function flat(points: readonly PositionInput[]): number[] {
  return points.flatMap(({ longitudeE7, latitudeE7 }) => [longitudeE7 ?? 0, latitudeE7 ?? 0])
}

function closed(path: number[]): number[] {
  return path.length >= 2 && (path[0] !== path.at(-2) || path[1] !== path.at(-1)) ? [...path, path[0]!, path[1]!] : path
}

/** Metres east and north of the reference, the short way round the earth. */
function scale(path: readonly number[], longitudeE7: number, latitudeE7: number): number[] {
  const east = metresPerUnit * Math.cos((latitudeE7 * 1e-7 * Math.PI) / 180)
  return path.map((value, index) => {
    if (index % 2 === 1) return (value - latitudeE7) * metresPerUnit
    const turn = value - longitudeE7
    return (turn > halfTurnE7 ? turn - 2 * halfTurnE7 : turn < -halfTurnE7 ? turn + 2 * halfTurnE7 : turn) * east
  })
}

function segments(path: readonly number[]): Segment[] {
  if (path.length === 2) return [[path[0]!, path[1]!, path[0]!, path[1]!]]
  const all: Segment[] = []
  for (let i = 0; i + 3 < path.length; i += 2) all.push([path[i]!, path[i + 1]!, path[i + 2]!, path[i + 3]!])
  return all
}

/** In any of the polygons; within one, even-odd over its rings: a hole counts out what is in it. */
function isInside(polygons: readonly (readonly Path[])[], x: number, y: number): boolean {
  return polygons.some(rings => rings.reduce((crossings, ring) => crossings + crossingsOf(ring, x, y), 0) % 2 === 1)
}

/** How often a ray eastward from the point crosses the ring. */
function crossingsOf(ring: Path, x: number, y: number): number {
  let crossings = 0
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [ax, ay, bx, by] = [ring[i]!, ring[i + 1]!, ring[i + 2]!, ring[i + 3]!]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) crossings++
  }
  return crossings
}

function segmentDistanceM(a: Segment, b: Segment): number {
  if (cross(a, b)) return 0
  return Math.min(
    pointDistanceM(a[0], a[1], b),
    pointDistanceM(a[2], a[3], b),
    pointDistanceM(b[0], b[1], a),
    pointDistanceM(b[2], b[3], a),
  )
}

function cross(a: Segment, b: Segment): boolean {
  const side = ([ax, ay, bx, by]: Segment, x: number, y: number) => Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax))
  return side(a, b[0], b[1]) * side(a, b[2], b[3]) < 0 && side(b, a[0], a[1]) * side(b, a[2], a[3]) < 0
}

function pointDistanceM(x: number, y: number, [ax, ay, bx, by]: Segment): number {
  const lengthSquared = (bx - ax) ** 2 + (by - ay) ** 2
  const along = lengthSquared === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / lengthSquared))
  return Math.hypot(x - (ax + along * (bx - ax)), y - (ay + along * (by - ay)))
}

function boxOf(path: readonly number[]): Box {
  let [minX, minY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  let [maxX, maxY] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < path.length; i += 2) {
    minX = Math.min(minX, path[i]!)
    maxX = Math.max(maxX, path[i]!)
    minY = Math.min(minY, path[i + 1]!)
    maxY = Math.max(maxY, path[i + 1]!)
  }
  return [minX, minY, maxX, maxY]
}

function grow([minX, minY, maxX, maxY]: Box, byM: number): Box {
  return [minX - byM, minY - byM, maxX + byM, maxY + byM]
}

function overlaps(a: Box, b: Box): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}
