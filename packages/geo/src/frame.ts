/*
 * Inside a zone a position is (x, y): 1e-7 degree east and north of the zone's origin, whole numbers as on the wire (sfixed32).
 * Nothing is projected, so the straight lines of a polygon in longitude and latitude (RFC 7946) stay straight and the tests on them
 * stay exact. Metres are made only where they are asked for: a unit north is the same everywhere, a unit east shrinks with the
 * cosine of the latitude, taken half-way between the two points from a series around the origin:
 *
 *   cos(φ + d) = cos φ (1 − d²/2 + d⁴/24) − sin φ (d − d³/6), off by less than d⁵/120 = 6e-9 at the frame's edge (d = 0.059)
 *
 * Against the haversine the distance of two points up to 10 km apart in a zone 100 km wide is off by at most 0.02 m up to 70° and
 * 0.2 m at 85° of latitude (frame.test.ts): the flat formula's own error, which grows with the cube of the distance.
 */
import { GeoError, geoErrorCodes } from './geo-error.js'
import { compassDeg, earthRadiusM } from './sphere.js'

const radPerUnit = (1e-7 * Math.PI) / 180

/** Metres per unit of y. */
export const northMPerUnit = earthRadiusM * radPerUnit

/** A position belongs to a frame while |x| and |y| are at most this: 3.36°, 373 km north and south. */
export const frameReachUnits = 2 ** 25

/** Roads end before it, and further on a unit east is too short to compare in a flat plane. */
const originLatitudeE7Max = 850_000_000

const halfTurnE7 = 1_800_000_000

export interface Frame {
  readonly originLatitudeE7: number
  readonly originLongitudeE7: number
  /** Metres per unit of x as a polynomial in y, lowest power first. */
  readonly east0: number
  readonly east1: number
  readonly east2: number
  readonly east3: number
  readonly east4: number
}

/** A box in a frame's units, borders included. */
export interface Extent {
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
}

/**
 * @param originLatitudeE7 the zone's middle, 1e-7 degree, -850,000,000..850,000,000
 * @param originLongitudeE7 1e-7 degree, -1,800,000,000..1,800,000,000
 * @throws GeoError `frame_out_of_range`
 */
export function createFrame(originLatitudeE7: number, originLongitudeE7: number): Frame {
  if (!Number.isInteger(originLatitudeE7) || Math.abs(originLatitudeE7) > originLatitudeE7Max)
    throw new GeoError(
      geoErrorCodes.frameOutOfRange,
      `origin latitude is ${originLatitudeE7}; must be a whole number within ±850000000 (85°)`,
    )
  if (!Number.isInteger(originLongitudeE7) || Math.abs(originLongitudeE7) > halfTurnE7)
    throw new GeoError(geoErrorCodes.frameOutOfRange, `origin longitude is ${originLongitudeE7}; must be a whole number within ±1800000000`)
  const cosine = northMPerUnit * Math.cos(originLatitudeE7 * radPerUnit)
  const sine = northMPerUnit * Math.sin(originLatitudeE7 * radPerUnit)
  return Object.freeze({
    originLatitudeE7,
    originLongitudeE7,
    east0: cosine,
    east1: -sine * radPerUnit,
    east2: (-cosine * radPerUnit ** 2) / 2,
    east3: (sine * radPerUnit ** 3) / 6,
    east4: (cosine * radPerUnit ** 4) / 24,
  })
}

/** x of a longitude, the short way round the earth: ±1,800,000,000. */
export function toX(frame: Frame, longitudeE7: number): number {
  return turnE7(longitudeE7 - frame.originLongitudeE7)
}

/** y of a latitude. */
export function toY(frame: Frame, latitudeE7: number): number {
  return latitudeE7 - frame.originLatitudeE7
}

export function toLongitudeE7(frame: Frame, x: number): number {
  return turnE7(frame.originLongitudeE7 + x)
}

export function toLatitudeE7(frame: Frame, y: number): number {
  return frame.originLatitudeE7 + y
}

/** True where the frame's arithmetic holds. NaN is not in a frame. */
export function inFrame(x: number, y: number): boolean {
  return x >= -frameReachUnits && x <= frameReachUnits && y >= -frameReachUnits && y <= frameReachUnits
}

/** True if a box has a point of the frame. */
export function overlapsFrame(box: Extent): boolean {
  return box.minX <= frameReachUnits && box.maxX >= -frameReachUnits && box.minY <= frameReachUnits && box.maxY >= -frameReachUnits
}

/** Metres per unit of x at height y. */
export function eastMPerUnit(frame: Frame, y: number): number {
  return frame.east0 + y * (frame.east1 + y * (frame.east2 + y * (frame.east3 + y * frame.east4)))
}

/** Metres between two points of the frame. */
export function distanceM(frame: Frame, ax: number, ay: number, bx: number, by: number): number {
  const eastM = (bx - ax) * eastMPerUnit(frame, (ay + by) * 0.5)
  const northM = (by - ay) * northMPerUnit
  return Math.sqrt(eastM * eastM + northM * northM)
}

/** Bearing from A to B half-way between them, degrees clockwise from north, 0 ≤ b < 360. Two equal points give 0. */
export function courseDeg(frame: Frame, ax: number, ay: number, bx: number, by: number): number {
  return compassDeg((bx - ax) * eastMPerUnit(frame, (ay + by) * 0.5), (by - ay) * northMPerUnit)
}

/** The box that reaches `eastM` and `northM` metres from the origin to either side. May leave the frame: grids check that. */
export function createExtent(frame: Frame, eastM: number, northM: number): Extent {
  const x = Math.round(eastM / frame.east0)
  const y = Math.round(northM / northMPerUnit)
  return { minX: -x, minY: -y, maxX: x, maxY: y }
}

/** Brings a difference of longitudes within two turns into ±1,800,000,000. */
function turnE7(longitudeE7: number): number {
  return longitudeE7 > halfTurnE7 ? longitudeE7 - 2 * halfTurnE7 : longitudeE7 < -halfTurnE7 ? longitudeE7 + 2 * halfTurnE7 : longitudeE7
}
