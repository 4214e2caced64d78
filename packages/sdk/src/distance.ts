import type { outrider as wire } from '@outrider/protocol'

export interface Coordinates {
  /** Degrees, north positive. */
  readonly latitude: number
  /** Degrees, east positive. */
  readonly longitude: number
}

/** Mean radius of the earth (IUGG) in m: a sphere is within 0.5 %, which the rounding for people swallows. */
const earthRadiusM = 6_371_009

/** Great-circle distance in m. */
export function distanceM(a: Coordinates, b: Coordinates): number {
  const radians = Math.PI / 180
  const dLatitude = (b.latitude - a.latitude) * radians
  const dLongitude = (b.longitude - a.longitude) * radians
  const chord =
    Math.sin(dLatitude / 2) ** 2 + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * Math.sin(dLongitude / 2) ** 2
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(chord)))
}

/** A position of the wire in degrees; undefined if a coordinate is missing. */
export function coordinatesOf(position: wire.v1.Position.$Properties | null | undefined): Coordinates | undefined {
  if (position?.latitudeE7 == null || position.longitudeE7 == null) return undefined
  return { latitude: position.latitudeE7 / 1e7, longitude: position.longitudeE7 / 1e7 }
}

/** Whether a point is in one of the polygons and in none of its holes. Good to choose by, not to warn by: edges are straight in degrees. */
export function isInPolygons(area: wire.v1.MultiPolygon.$Properties | null | undefined, at: Coordinates): boolean {
  return (area?.polygons ?? []).some(
    polygon => isInRing(polygon.outer?.points ?? [], at) && !(polygon.holes ?? []).some(hole => isInRing(hole.points ?? [], at)),
  )
}

/** Even-odd rule; the longitudes are taken relative to the point, so that the antimeridian is no border. */
function isInRing(points: readonly wire.v1.Position.$Properties[], at: Coordinates): boolean {
  const corners = points.map(coordinatesOf).filter(corner => corner !== undefined)
  let isInside = false
  for (let index = 0; index < corners.length; index++) {
    const a = corners[index]!
    const b = corners[(index + 1) % corners.length]!
    if (a.latitude > at.latitude === b.latitude > at.latitude) continue
    const share = (at.latitude - a.latitude) / (b.latitude - a.latitude)
    const eastOfA = eastwards(at.longitude, a.longitude)
    if (eastOfA + share * eastwards(a.longitude, b.longitude) > 0) isInside = !isInside
  }
  return isInside
}

/** From one longitude to another the short way, -180..180. */
function eastwards(from: number, to: number): number {
  return ((((to - from) % 360) + 540) % 360) - 180
}
