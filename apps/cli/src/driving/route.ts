// Where the one vehicle drives: along a line, or straight on for ever.
import { bearingDeg, destination, haversineM } from '@outrider/geo'

export interface Place {
  readonly latitude: number
  readonly longitude: number
  readonly headingDeg: number
}

export interface Route {
  /** Its length in m; Infinity for one without an end. */
  readonly lengthM: number
  /** The place after so many metres; beyond the end it is the end. */
  at(distanceM: number): Place
}

export function straightRoute({ latitude, longitude, headingDeg }: Place): Route {
  return {
    lengthM: Number.POSITIVE_INFINITY,
    at(distanceM) {
      const there = destination(latitude, longitude, headingDeg, distanceM)
      return { latitude: there.latitudeDeg, longitude: there.longitudeDeg, headingDeg }
    },
  }
}

type Point = readonly [latitude: number, longitude: number]

/** Points of a line: at most so many, a day's drive at 10 m apart. */
const pointsMax = 100_000

/**
 * Reads `LAT,LON LAT,LON …`, or GeoJSON with one LineString (there longitude comes first).
 * @returns the route, or what is wrong with the text
 */
export function readRoute(text: string): Route | string {
  const points = text.trimStart().startsWith('{') ? readGeoJson(text) : readPairs(text)
  if (typeof points === 'string') return points
  const wrong = points.find(([latitude, longitude]) => !(Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180))
  if (wrong !== undefined) return `${wrong.join(',')} is no position: latitude within 85, longitude within 180 degrees`
  const apart = points.filter((point, index) => index === 0 || haversineM(...point, ...points[index - 1]!) > 0)
  if (apart.length < 2) return 'a route needs two different points at least'
  if (apart.length > pointsMax) return `a route has at most ${pointsMax} points`
  return lineRoute(apart)
}

function readPairs(text: string): Point[] | string {
  const pairs = text.trim().split(/\s+/)
  const bad = pairs.find(pair => !/^-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?$/.test(pair))
  if (bad !== undefined) return `"${bad.slice(0, 40)}" is not LAT,LON`
  return pairs.map(pair => pair.split(',').map(Number) as unknown as Point)
}

function readGeoJson(text: string): Point[] | string {
  try {
    const line = lineOf(JSON.parse(text))
    if (line === undefined) return 'the GeoJSON has no LineString'
    const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN)
    return line.map(([longitude, latitude]) => [number(latitude), number(longitude)] as const)
  } catch (error) {
    return `the GeoJSON cannot be read: ${(error as Error).message}`
  }
}

/** The first LineString of a geometry, a feature or a collection. */
function lineOf(json: unknown): readonly (readonly unknown[])[] | undefined {
  const { type, coordinates, geometry, features } = json as Record<string, unknown>
  if (type === 'LineString') return coordinates as readonly (readonly unknown[])[]
  if (type === 'Feature') return lineOf(geometry ?? {})
  const [first] = (Array.isArray(features) ? features : []).map(lineOf).filter(line => line !== undefined)
  return first
}

function lineRoute(points: readonly Point[]): Route {
  const ends = [0]
  for (let index = 1; index < points.length; index++) ends.push(ends[index - 1]! + haversineM(...points[index - 1]!, ...points[index]!))
  const lengthM = ends.at(-1)!
  return {
    lengthM,
    at(distanceM) {
      const atM = Math.min(distanceM, lengthM)
      const leg = Math.max(
        1,
        ends.findIndex((endM, index) => index > 0 && atM <= endM),
      )
      const from = points[leg - 1]!
      const headingDeg = bearingDeg(...from, ...points[leg]!)
      const there = destination(...from, headingDeg, atM - ends[leg - 1]!)
      return { latitude: there.latitudeDeg, longitude: there.longitudeDeg, headingDeg }
    },
  }
}
