// What is in an area, and by how much: every edge is looked at, nothing is prepared. Part of the scorer.
import { bearingOf, flatAround, metresBetween, type Place, placeAlong, placeOff } from './earth.js'

export type Ring = readonly Place[]

export type TrueArea =
  | { readonly kind: 'circle'; readonly centre: Place; readonly radiusM: number }
  /** Of each polygon the outer ring, then its holes; the last corner does not repeat the first. */
  | { readonly kind: 'polygons'; readonly polygons: readonly (readonly Ring[])[] }
  | { readonly kind: 'corridor'; readonly line: readonly Place[]; readonly widthM: number; readonly travel: 'both' | 'along' | 'against' }
  /** A rectangle around a course, where `start` was at `startMs`. */
  | {
      readonly kind: 'moving'
      readonly start: Place
      readonly startMs: number
      readonly courseDeg: number
      readonly speedMps: number
      readonly aheadM: number
      readonly behindM: number
      readonly widthM: number
    }

/** How far inside a place is, m: 0 on the boundary, negative outside, and then the distance to the area. */
export function metresInside(area: TrueArea, place: Place, atMs: number): number {
  if (area.kind === 'circle') return area.radiusM - metresBetween(area.centre, place)
  if (area.kind === 'corridor') return area.widthM / 2 - Math.min(...metresToSegments(area.line, place))
  if (area.kind === 'moving') return insidePolygon([cornersAt(area, atMs)], place)
  return Math.max(...area.polygons.map(rings => insidePolygon(rings, place)))
}

/** Directions of travel of the segments that are at most so far away; of a line that turns there are several. */
export function segmentCourses(line: readonly Place[], place: Place, withinM: number): number[] {
  const distances = metresToSegments(line, place)
  return distances.flatMap((metres, at) => (metres <= withinM ? [bearingOf(line[at]!, line[at + 1]!)] : []))
}

/** The rectangle at one moment. */
export function cornersAt(area: Extract<TrueArea, { kind: 'moving' }>, atMs: number): Ring {
  const { courseDeg, speedMps, aheadM, behindM, widthM } = area
  const middle = placeAlong(area.start, courseDeg, (speedMps * (atMs - area.startMs)) / 1_000)
  const ahead = placeAlong(middle, courseDeg, aheadM)
  const behind = placeAlong(middle, courseDeg + 180, behindM)
  const [left, right] = [courseDeg - 90, courseDeg + 90]
  return [
    placeAlong(ahead, left, widthM / 2),
    placeAlong(ahead, right, widthM / 2),
    placeAlong(behind, right, widthM / 2),
    placeAlong(behind, left, widthM / 2),
  ]
}

/** A circle that holds the whole area, for whoever wants to skip what is far away. */
export function around(area: TrueArea, atMs: number): { readonly centre: Place; readonly radiusM: number } {
  if (area.kind === 'circle') return area
  const corners =
    area.kind === 'corridor' ? area.line : area.kind === 'moving' ? cornersAt(area, atMs) : area.polygons.flatMap(([outer]) => outer!)
  const centre = corners[0]!
  const widthM = area.kind === 'corridor' ? area.widthM : 0
  return { centre, radiusM: Math.max(...corners.map(corner => metresBetween(centre, corner))) + widthM }
}

function insidePolygon(rings: readonly Ring[], place: Place): number {
  const isInside = rings.reduce((inside, ring, at) => (at === 0 ? windsAround(ring, place) : inside && !windsAround(ring, place)), false)
  const toBoundaryM = Math.min(...rings.flatMap(ring => metresToSegments([...ring, ring[0]!], place)))
  return isInside ? toBoundaryM : -toBoundaryM
}

/** Counts how often a ray to the east crosses the ring; edges are straight in longitude and latitude (RFC 7946). */
function windsAround(ring: Ring, { latDeg, lonDeg }: Place): boolean {
  let inside = false
  for (const [at, corner] of ring.entries()) {
    const next = ring[(at + 1) % ring.length]!
    if (corner.latDeg > latDeg === next.latDeg > latDeg) continue
    const crossesAt = corner.lonDeg + ((latDeg - corner.latDeg) / (next.latDeg - corner.latDeg)) * (next.lonDeg - corner.lonDeg)
    if (lonDeg < crossesAt) inside = !inside
  }
  return inside
}

/** To each segment of a line, on a flat map around the place. */
function metresToSegments(line: readonly Place[], place: Place): number[] {
  const flat = line.map(point => flatAround(place, point))
  return flat.slice(1).map(([toEast, toNorth], at) => {
    const [east, north] = flat[at]!
    const [wayEast, wayNorth] = [toEast - east, toNorth - north]
    const lengthM2 = wayEast ** 2 + wayNorth ** 2
    const share = lengthM2 === 0 ? 0 : Math.max(0, Math.min(1, -(east * wayEast + north * wayNorth) / lengthM2))
    return Math.hypot(east + share * wayEast, north + share * wayNorth)
  })
}

/** A ring of corners around a middle, at distances in order of the compass. */
export function starRing(middle: Place, radiiM: readonly number[]): Ring {
  return radiiM.map((radiusM, at) => {
    const angle = (2 * Math.PI * at) / radiiM.length
    return placeOff(middle, Math.sin(angle) * radiusM, Math.cos(angle) * radiusM)
  })
}
