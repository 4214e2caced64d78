import { type Area, outsideFrame, polygonsOf } from './area.js'
import type { AreaInput, PolygonInput, PositionInput, RingInput } from './area-input.js'
import { type AreaProblems, areaPointsMax, areaProblemCodes } from './area-problem.js'
import { type Frame, overlapsFrame, toLatitudeE7, toLongitudeE7 } from './frame.js'
import { orientation } from './orientation.js'
import { readPoints } from './read-position.js'
import { findRingMeeting, isCounterClockwise } from './simple-rings.js'

/** Polygons may overlap and touch: a point in any of them is inside. Within one, rings have no point in common. */
export function compilePolygons(
  problems: AreaProblems,
  path: string,
  frame: Frame,
  input: NonNullable<AreaInput['polygons']>,
): Area | null {
  const polygons = input.polygons
  if (!Array.isArray(polygons) || polygons.length === 0) {
    problems.add(areaProblemCodes.missing, `${path}.polygons`, 'is empty; must be a list of at least one polygon')
    return null
  }
  if (countPoints(polygons) > areaPointsMax) {
    problems.add(areaProblemCodes.tooManyPoints, path, `has more than ${areaPointsMax} points in all`)
    return null
  }
  const near: Float64Array[] = []
  for (const [i, polygon] of polygons.entries()) near.push(...readPolygon(problems, `${path}.polygons[${i}]`, frame, polygon))
  if (problems.list.length > 0) return null
  return near.length === 0 ? outsideFrame('polygons', frame) : polygonsOf(frame, flatten(near))
}

/** Reads and checks one polygon; gives its rings that reach the frame, the outer one counter-clockwise, the holes clockwise. */
function readPolygon(problems: AreaProblems, path: string, frame: Frame, polygon: PolygonInput | null | undefined): Float64Array[] {
  const outer = readRing(problems, `${path}.outer`, frame, polygon?.outer, 0)
  if (outer === null) return []
  const holes = polygon?.holes ?? []
  if (!Array.isArray(holes)) {
    problems.add(areaProblemCodes.missing, `${path}.holes`, 'must be a list of rings')
    return []
  }
  const rings = [outer]
  const paths = [`${path}.outer`]
  for (const [i, hole] of holes.entries()) {
    paths.push(`${path}.holes[${i}]`)
    const ring = readRing(problems, paths[i + 1]!, frame, hole, outer[0]!)
    if (ring === null) return []
    rings.push(ring)
  }
  const meeting = findRingMeeting(rings)
  if (meeting !== null) {
    const where = `near ${toLatitudeE7(frame, meeting.y) * 1e-7}, ${toLongitudeE7(frame, meeting.x) * 1e-7}`
    problems.add(meeting.code, paths[meeting.ring]!, `${meetingTexts[meeting.code]} ${where}`)
    return []
  }
  return rings.filter(reachesFrame).map(ring => (isCounterClockwise(ring) === (ring === outer) ? ring : reversed(ring)))
}

const meetingTexts: Readonly<Record<string, string>> = {
  [areaProblemCodes.selfCrossing]: 'crosses or touches itself',
  [areaProblemCodes.holeCrossing]: 'crosses or touches another ring',
  [areaProblemCodes.holeOutside]: 'lies outside its polygon or inside another hole,',
}

/** One ring, not closed: x, y of each corner. null if something is wrong. */
function readRing(
  problems: AreaProblems,
  path: string,
  frame: Frame,
  ring: RingInput | null | undefined,
  aroundX: number,
): Float64Array | null {
  const input: readonly PositionInput[] | null | undefined = ring?.points
  if (!Array.isArray(input) || input.length === 0) {
    problems.add(areaProblemCodes.missing, `${path}.points`, 'is empty; must be a list of at least three points')
    return null
  }
  let points = readPoints(problems, `${path}.points`, frame, input, aroundX)
  if (points === null) return null
  if (points.length > 2 && points[0] === points.at(-2) && points[1] === points.at(-1)) points = points.subarray(0, -2)
  if (points.length < 6) {
    problems.add(areaProblemCodes.tooFewPoints, `${path}.points`, `has ${points.length / 2} different points; must have at least 3`)
    return null
  }
  if (isFlat(points)) {
    problems.add(areaProblemCodes.zeroArea, `${path}.points`, 'all lie on one line; must enclose an area')
    return null
  }
  return points
}

function isFlat(points: Float64Array): boolean {
  for (let i = 4; i < points.length; i += 2)
    if (orientation(points[0]!, points[1]!, points[2]!, points[3]!, points[i]!, points[i + 1]!) !== 0) return false
  return true
}

/**
 * A ring whose box keeps clear of the frame holds no point of it: this is the clamping, the rest is the cells of the grids. What
 * stays is at most half a turn wide and begins within 3.36°, so it fits 32 bits (2^31 units are 214°).
 */
function reachesFrame(ring: Float64Array): boolean {
  const box = { minX: ring[0]!, minY: ring[1]!, maxX: ring[0]!, maxY: ring[1]! }
  for (let i = 2; i < ring.length; i += 2) {
    box.minX = Math.min(box.minX, ring[i]!)
    box.maxX = Math.max(box.maxX, ring[i]!)
    box.minY = Math.min(box.minY, ring[i + 1]!)
    box.maxY = Math.max(box.maxY, ring[i + 1]!)
  }
  return overlapsFrame(box)
}

function reversed(ring: Float64Array): Float64Array {
  const back = new Float64Array(ring.length)
  for (let i = 0; i < ring.length; i += 2) {
    back[i] = ring[ring.length - 2 - i]!
    back[i + 1] = ring[ring.length - 1 - i]!
  }
  return back
}

/** Closed edges of all rings: ax, ay, bx, by of each. */
function flatten(rings: readonly Float64Array[]): Int32Array {
  const edges = new Int32Array(rings.reduce((sum, ring) => sum + ring.length * 2, 0))
  let at = 0
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const j = (i + 2) % ring.length
      edges[at++] = ring[i]!
      edges[at++] = ring[i + 1]!
      edges[at++] = ring[j]!
      edges[at++] = ring[j + 1]!
    }
  }
  return edges
}

/** Before anything is read, so that an oversize area costs no more than its count. */
function countPoints(polygons: readonly (PolygonInput | null)[]): number {
  let points = 0
  for (const polygon of polygons) {
    points += sizeOf(polygon?.outer?.points)
    if (Array.isArray(polygon?.holes)) for (const hole of polygon.holes) points += sizeOf(hole?.points)
  }
  return points
}

function sizeOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0
}
