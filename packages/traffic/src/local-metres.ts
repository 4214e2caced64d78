/** A point of the earth in WGS84 degrees. */
export interface Origin {
  readonly lat: number
  readonly lon: number
}

/** Converts metres east and north of an origin to degrees and back. */
export interface LocalMetres {
  lat(yM: number): number
  lon(xM: number): number
  x(lon: number): number
  y(lat: number): number
}

/**
 * A flat earth around an origin, with the WGS84 ellipsoid's radii of curvature there. Within 10 km the error stays below 0.1 % of
 * the distance at latitudes to 65°, which is below that of any receiver; it is not for larger areas.
 */
export function createLocalMetres(origin: Origin): LocalMetres {
  const { metresPerLatDeg, metresPerLonDeg } = metresPerDegree(origin.lat)
  return {
    lat: yM => origin.lat + yM / metresPerLatDeg,
    lon: xM => origin.lon + xM / metresPerLonDeg,
    x: lon => (lon - origin.lon) * metresPerLonDeg,
    y: lat => (lat - origin.lat) * metresPerLatDeg,
  }
}

function metresPerDegree(lat: number) {
  const semiMajorM = 6_378_137
  const eccentricitySquared = 0.006_694_379_990_14
  const radians = Math.PI / 180
  const sine = Math.sin(lat * radians)
  const root = Math.sqrt(1 - eccentricitySquared * sine * sine)
  return {
    metresPerLatDeg: (radians * semiMajorM * (1 - eccentricitySquared)) / root ** 3,
    metresPerLonDeg: (radians * semiMajorM * Math.cos(lat * radians)) / root,
  }
}
