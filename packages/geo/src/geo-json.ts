import type { AreaInput, PolygonInput, PositionInput, RingInput } from './area-input.js'
import { type AreaProblem, areaProblemCodes, createAreaProblems } from './area-problem.js'

/** What GeoJSON has no place for. */
export interface GeoJsonAreaOptions {
  /** Radius around a Point, metres. */
  readonly radiusM?: number
  /** Full width around a LineString, metres. */
  readonly widthM?: number
  /** Whose course counts along a LineString: the wire's CorridorDirection. */
  readonly direction?: number
}

export type GeoJsonAreaResult =
  | { readonly ok: true; readonly input: AreaInput }
  | { readonly ok: false; readonly problems: readonly [AreaProblem, ...AreaProblem[]] }

/**
 * Turns a GeoJSON geometry (RFC 7946: longitude first, degrees, rings closed) into the wire's area, rounded to 1e-7 degree.
 * Polygon, MultiPolygon, Point (with `radiusM`), LineString (with `widthM`). Only the form is checked here; `compileArea` checks the rest.
 */
export function areaFromGeoJson(geometry: unknown, options: GeoJsonAreaOptions = {}, path = 'geometry'): GeoJsonAreaResult {
  const problems = createAreaProblems()
  const { type, coordinates } = (geometry ?? {}) as { readonly type?: unknown; readonly coordinates?: unknown }

  const position = (value: unknown, at: string): PositionInput => {
    if (Array.isArray(value) && value.length >= 2) return { latitudeE7: toE7(value[1]), longitudeE7: toE7(value[0]) }
    problems.add(areaProblemCodes.notANumber, at, 'must be a position: [longitude, latitude]')
    return {}
  }
  const list = <T>(value: unknown, at: string, item: (value: unknown, at: string) => T): T[] => {
    if (Array.isArray(value)) return value.map((each, i) => item(each, `${at}[${i}]`))
    problems.add(areaProblemCodes.missing, at, 'must be a list')
    return []
  }
  const ring = (value: unknown, at: string): RingInput => {
    const points = list(value, at, position)
    const first = points[0]
    const last = points.at(-1)
    if (first?.latitudeE7 !== last?.latitudeE7 || first?.longitudeE7 !== last?.longitudeE7)
      problems.add(areaProblemCodes.openRing, at, 'is open; its last position must repeat the first')
    return { points }
  }
  const polygon = (value: unknown, at: string): PolygonInput => {
    const [outer, ...holes] = list(value, at, ring)
    return { outer: outer ?? null, holes }
  }

  const at = `${path}.coordinates`
  let input: AreaInput = {}
  if (type === 'Polygon') input = { polygons: { polygons: [polygon(coordinates, at)] } }
  else if (type === 'MultiPolygon') input = { polygons: { polygons: list(coordinates, at, polygon) } }
  else if (type === 'Point') input = { circle: { center: position(coordinates, at), radiusCm: toCm(options.radiusM) } }
  else if (type === 'LineString')
    input = { corridor: { line: list(coordinates, at, position), widthCm: toCm(options.widthM), direction: options.direction } }
  else problems.add(areaProblemCodes.missing, `${path}.type`, 'must be Polygon, MultiPolygon, Point or LineString')

  const [first, ...rest] = problems.list
  return first === undefined ? { ok: true, input } : { ok: false, problems: [first, ...rest] }
}

/** What is not a number stays what it is, for `compileArea` to name. */
function toE7(degrees: unknown): number {
  return typeof degrees === 'number' ? Math.round(degrees * 1e7) : Number.NaN
}

function toCm(metres: number | undefined): number | undefined {
  return metres === undefined ? undefined : Math.round(metres * 100)
}
