// Distances and bearings on the sphere, as textbooks have them. Part of the scorer: imports nothing of ours, not even by a detour.

export interface Place {
  readonly latDeg: number
  readonly lonDeg: number
}

/** Mean radius (IUGG), as evaluation and GeoJSON tools use it. */
const earthM = 6_371_008.8
const radPerDeg = Math.PI / 180

/** Haversine. */
export function metresBetween(a: Place, b: Place): number {
  const north = ((b.latDeg - a.latDeg) * radPerDeg) / 2
  const east = ((b.lonDeg - a.lonDeg) * radPerDeg) / 2
  const half = Math.sin(north) ** 2 + Math.cos(a.latDeg * radPerDeg) * Math.cos(b.latDeg * radPerDeg) * Math.sin(east) ** 2
  return 2 * earthM * Math.asin(Math.min(1, Math.sqrt(half)))
}

/** Initial bearing from a to b, degrees clockwise from north, -180..180. */
export function bearingOf(a: Place, b: Place): number {
  const east = (b.lonDeg - a.lonDeg) * radPerDeg
  const y = Math.sin(east) * Math.cos(b.latDeg * radPerDeg)
  const x =
    Math.cos(a.latDeg * radPerDeg) * Math.sin(b.latDeg * radPerDeg) -
    Math.sin(a.latDeg * radPerDeg) * Math.cos(b.latDeg * radPerDeg) * Math.cos(east)
  return Math.atan2(y, x) / radPerDeg
}

/** Angle between two courses, 0..180: by their vectors, so that there is no wrap-around to get wrong. */
export function degreesBetween(aDeg: number, bDeg: number): number {
  const cosine = Math.cos(aDeg * radPerDeg) * Math.cos(bDeg * radPerDeg) + Math.sin(aDeg * radPerDeg) * Math.sin(bDeg * radPerDeg)
  return Math.acos(Math.max(-1, Math.min(1, cosine))) / radPerDeg
}

/** The place some metres off along a course; flat, good to millimetres over a few kilometres. */
export function placeAlong(from: Place, courseDeg: number, metres: number): Place {
  return placeOff(from, Math.sin(courseDeg * radPerDeg) * metres, Math.cos(courseDeg * radPerDeg) * metres)
}

/** The place some metres east and north. */
export function placeOff(from: Place, eastM: number, northM: number): Place {
  const latDeg = from.latDeg + northM / earthM / radPerDeg
  const midDeg = (from.latDeg + latDeg) / 2
  return { latDeg, lonDeg: from.lonDeg + eastM / earthM / Math.cos(midDeg * radPerDeg) / radPerDeg }
}

/** Metres east and north of an origin: a flat map around it. */
export function flatAround(origin: Place, place: Place): readonly [eastM: number, northM: number] {
  const midDeg = (origin.latDeg + place.latDeg) / 2
  return [
    (place.lonDeg - origin.lonDeg) * radPerDeg * earthM * Math.cos(midDeg * radPerDeg),
    (place.latDeg - origin.latDeg) * radPerDeg * earthM,
  ]
}
