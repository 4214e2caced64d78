// An area as GeoJSON (RFC 7946): longitude first, degrees, outer rings counter-clockwise, closed. Longitudes run on beyond ±180 where an
// area crosses the antimeridian, instead of a geometry cut in two. What GeoJSON has no shape for comes with properties that say it exactly.
import { destination } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'
import { nearLongitude, toDegrees } from '../area-extent.js'

type Area = outrider.v1.Area.$Properties
type Position = outrider.v1.Position.$Properties
type Coordinates = readonly [longitudeDeg: number, latitudeDeg: number]

export type Geometry =
  | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Coordinates[])[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Coordinates[])[])[] }
  | { readonly type: 'LineString'; readonly coordinates: readonly Coordinates[] }

export interface AreaGeometry {
  readonly geometry: Geometry
  /** `area` of the feature's properties. */
  readonly area: Readonly<Record<string, string | number | Coordinates>>
}

/** A circle of this many corners lies inside the true one by at most 0.2 % of its radius. */
const circleCorners = 64
const corridorDirections = ['both', 'both', 'along', 'against'] as const

/** @param area valid, as the fold has checked it */
export function areaGeometry({ circle, corridor, moving, polygons }: Area): AreaGeometry {
  if (circle != null) {
    const { latitudeDeg, longitudeDeg } = toDegrees(circle.center!)
    const radiusM = (circle.radiusCm ?? 0) / 100
    // Bearings go down: counter-clockwise.
    const corners = Array.from({ length: circleCorners }, (_, index) =>
      ringPoint(latitudeDeg, longitudeDeg, 360 - (360 / circleCorners) * index, radiusM),
    )
    return {
      geometry: { type: 'Polygon', coordinates: [close(corners)] },
      area: { kind: 'circle', center: [longitudeDeg, latitudeDeg], radiusM },
    }
  }
  if (corridor != null) {
    const direction = corridorDirections[corridor.direction ?? 0] ?? 'both'
    const line = unrolled(corridor.line ?? [])
    return {
      geometry: { type: 'LineString', coordinates: line },
      area: { kind: 'corridor', widthM: (corridor.widthCm ?? 0) / 100, direction },
    }
  }
  if (moving != null) return movingGeometry(moving)
  const parts = (polygons?.polygons ?? []).map(({ outer, holes }) => [
    turned(unrolled(outer?.points ?? []), 1),
    ...(holes ?? []).map(hole => turned(unrolled(hole.points ?? []), -1)),
  ])
  const geometry: Geometry = parts.length === 1 ? { type: 'Polygon', coordinates: parts[0]! } : { type: 'MultiPolygon', coordinates: parts }
  return { geometry, area: { kind: 'polygons' } }
}

/** The rectangle as it lay at the area's own time; speed and course say where it goes. */
function movingGeometry({
  position,
  timeMs,
  headingDecideg,
  speedCmps,
  aheadCm,
  behindCm,
  widthCm,
}: outrider.v1.MovingArea.$Properties): AreaGeometry {
  const { latitudeDeg, longitudeDeg } = toDegrees(position!)
  const headingDeg = (headingDecideg ?? 0) / 10
  const halfWidthM = (widthCm ?? 0) / 200
  const corner = (alongCm: number, side: -1 | 1): Coordinates => {
    const middle = destination(latitudeDeg, longitudeDeg, headingDeg, alongCm / 100)
    return ringPoint(middle.latitudeDeg, nearLongitude(middle.longitudeDeg, longitudeDeg), headingDeg + 90 * side, halfWidthM)
  }
  const ahead = aheadCm ?? 0
  const behind = -(behindCm ?? 0)
  const corners = [corner(behind, 1), corner(ahead, 1), corner(ahead, -1), corner(behind, -1)]
  return {
    geometry: { type: 'Polygon', coordinates: [close(corners)] },
    area: { kind: 'moving', at: new Date(timeMs ?? 0).toISOString(), headingDeg, speedMps: (speedCmps ?? 0) / 100 },
  }
}

function ringPoint(latitudeDeg: number, longitudeDeg: number, bearingDeg: number, distanceM: number): Coordinates {
  const point = destination(latitudeDeg, longitudeDeg, bearingDeg, distanceM)
  return [rounded(nearLongitude(point.longitudeDeg, longitudeDeg)), rounded(point.latitudeDeg)]
}

function unrolled(points: readonly Position[]): Coordinates[] {
  let nearDeg = points[0] === undefined ? 0 : toDegrees(points[0]).longitudeDeg
  return points.map(point => {
    const { latitudeDeg, longitudeDeg } = toDegrees(point)
    nearDeg = nearLongitude(longitudeDeg, nearDeg)
    return [nearDeg, latitudeDeg]
  })
}

/** A closed ring with the wanted sense: 1 counter-clockwise, -1 clockwise. */
function turned(points: Coordinates[], sense: 1 | -1): readonly Coordinates[] {
  const ring = close(points)
  let doubleArea = 0
  for (let at = 1; at < ring.length; at++) doubleArea += ring[at - 1]![0] * ring[at]![1] - ring[at]![0] * ring[at - 1]![1]
  return Math.sign(doubleArea) === -sense ? ring.toReversed() : ring
}

function close(points: readonly Coordinates[]): readonly Coordinates[] {
  const first = points[0]
  const last = points.at(-1)
  return first === undefined || (last?.[0] === first[0] && last[1] === first[1]) ? points : [...points, first]
}

/** 1e-7 degree, as on the wire: 1 cm. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7
}
