import { edgeDistanceM, nearestEdge } from './edge-distance.js'
import { createEdges, type Edges, edgesAt } from './edges.js'
import {
  courseDeg,
  distanceM,
  type Extent,
  eastMPerUnit,
  type Frame,
  frameReachUnits,
  inFrame,
  northMPerUnit,
  toLatitudeE7,
  toLongitudeE7,
} from './frame.js'
import { ringsContain } from './rings.js'
import { haversineM } from './sphere.js'

/** Whose course counts in a corridor. Geometry keeps it; who is concerned is the zone's question. */
export type CorridorDirection = 'both' | 'along' | 'against'

/**
 * A compiled area, made by `compileArea` and never changed. All kinds share one shape of record, so that the hot tests stay
 * monomorphic; what a kind does not need is 0 or null.
 */
export interface Area {
  readonly kind: 'circle' | 'polygons' | 'corridor'
  readonly frame: Frame
  /** A box that holds the whole area (grown by a little for circles and corridors), in the frame's units. */
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
  /** Centre of a circle. */
  readonly x: number
  readonly y: number
  /** Radius of a circle, half the width of a corridor; metres. */
  readonly radiusM: number
  readonly direction: CorridorDirection
  /** Of polygons and corridors, packed as `edges.ts` says. null of those that lie wholly outside the frame: nothing is in them. */
  readonly edges: Edges | null
}

/** A valid area that has no point of the frame. */
export function outsideFrame(kind: Area['kind'], frame: Frame): Area {
  const nowhere = frameReachUnits + 1
  return { kind, frame, minX: nowhere, minY: nowhere, maxX: nowhere, maxY: nowhere, x: 0, y: 0, radiusM: 0, direction: 'both', edges: null }
}

/** Polygons from the edges of their rings: ax, ay, bx, by of each, outer rings counter-clockwise, holes clockwise. */
export function polygonsOf(frame: Frame, points: ArrayLike<number>): Area {
  const edges = createEdges(points)
  return { kind: 'polygons', frame, ...boxOfEdges(edges), x: 0, y: 0, radiusM: 0, direction: 'both', edges }
}

/** Everything within `radiusM` metres of the segments of a line: ax, ay, bx, by of each. */
export function corridorOf(frame: Frame, points: ArrayLike<number>, radiusM: number, direction: CorridorDirection): Area {
  const edges = createEdges(points)
  return { kind: 'corridor', frame, ...growBox(frame, boxOfEdges(edges), radiusM), x: 0, y: 0, radiusM, direction, edges }
}

function boxOfEdges(edges: Edges): Extent {
  return { minX: edges[edgesAt.minX]!, minY: edges[edgesAt.minY]!, maxX: edges[edgesAt.maxX]!, maxY: edges[edgesAt.maxY]! }
}

/** The flat distance is used up to this radius; wider circles, and those centred outside the frame, are measured by the haversine. */
const flatRadiusMMax = 20_000

/** True if the point is in the area. The boundary belongs to it, a hole's boundary too: exact for polygons, `distance ≤ radius` in float64 for the rest. */
export function contains(area: Area, x: number, y: number): boolean {
  if (area.kind === 'polygons') return area.edges !== null && ringsContain(area.edges, x, y)
  if (x < area.minX || x > area.maxX || y < area.minY || y > area.maxY) return false
  if (area.kind === 'circle') return centerDistanceM(area, x, y) <= area.radiusM
  return area.edges !== null && edgeDistanceM(area.frame, area.edges, x, y, area.radiusM) <= area.radiusM
}

/** Metres from the point to the area, 0 inside. Up to 50 km as good as `distanceM`; `Infinity` if the area lies wholly outside the frame. */
export function distanceToAreaM(area: Area, x: number, y: number): number {
  return Math.max(0, -clearanceM(area, x, y, Number.POSITIVE_INFINITY))
}

/** True if the point is in the area or at most `marginM` metres (≥ 0) from it. Cheaper than asking for the distance. */
export function isWithinM(area: Area, x: number, y: number, marginM: number): boolean {
  return clearanceM(area, x, y, marginM) >= -marginM
}

/**
 * How far inside the point is: metres to the boundary, negative outside. Looks no further than `capM` from a polygon's boundary or
 * `capM` outside a corridor's: beyond it is ±`Infinity`.
 */
export function clearanceM(area: Area, x: number, y: number, capM: number): number {
  if (area.kind === 'circle') return area.radiusM - centerDistanceM(area, x, y)
  if (area.edges === null) return Number.NEGATIVE_INFINITY
  if (area.kind === 'corridor') return area.radiusM - edgeDistanceM(area.frame, area.edges, x, y, area.radiusM + capM)
  const boundaryM = edgeDistanceM(area.frame, area.edges, x, y, capM)
  return ringsContain(area.edges, x, y) ? boundaryM : -boundaryM
}

/** Course of a corridor's line where it is nearest to the point, degrees clockwise from north; null for other kinds. Reads every segment. */
export function corridorCourseDeg(area: Area, x: number, y: number): number | null {
  if (area.kind !== 'corridor' || area.edges === null) return null
  const { edges } = area
  const e = nearestEdge(area.frame, edges, x, y)
  return courseDeg(area.frame, edges[e]!, edges[e + 1]!, edges[e + 2]!, edges[e + 3]!)
}

function centerDistanceM(area: Area, x: number, y: number): number {
  const { frame } = area
  if (area.radiusM <= flatRadiusMMax && inFrame(area.x, area.y)) return distanceM(frame, x, y, area.x, area.y)
  return haversineM(
    toLatitudeE7(frame, y) * 1e-7,
    toLongitudeE7(frame, x) * 1e-7,
    toLatitudeE7(frame, area.y) * 1e-7,
    toLongitudeE7(frame, area.x) * 1e-7,
  )
}

/**
 * A box grown by `marginM` metres, cut to the frame, where alone its scale holds. A hundredth more than asked, and a unit, since a
 * metre is worth most units of x at the edge that lies nearest to a pole.
 */
export function growBox(frame: Frame, box: Extent, marginM: number): Extent {
  const northUnits = (marginM / northMPerUnit) * 1.01 + 1
  const minY = cut(box.minY - northUnits)
  const maxY = cut(box.maxY + northUnits)
  const eastUnits = (marginM / Math.min(eastMPerUnit(frame, minY), eastMPerUnit(frame, maxY))) * 1.01 + 1
  return { minX: cut(box.minX - eastUnits), minY, maxX: cut(box.maxX + eastUnits), maxY }
}

function cut(units: number): number {
  return Math.max(-frameReachUnits - 1, Math.min(frameReachUnits + 1, units))
}
