/*
 * The edges of a polygon or the segments of a line, flat: ax, ay, bx, by of each, in a frame's units. They are listed by bands, strips
 * of equal height from south to north, so that a test reads only the edges that share a strip with the point: of a polygon of 30
 * vertices about four, of one of 10,000 about as few, unless every edge runs its whole height.
 */
import { eastMPerUnit, type Frame, northMPerUnit } from './frame.js'
import { orientation } from './orientation.js'

export interface Edges {
  /** ax, ay, bx, by per edge. */
  readonly points: Int32Array
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
  /** A band is 2^bandShift units high, the first begins at minY. */
  readonly bandShift: number
  /** `bandEdges[bandStart[b]]` to `bandEdges[bandStart[b + 1]]`, the latter excluded, are the offsets in `points` of band b's edges. */
  readonly bandStart: Int32Array
  readonly bandEdges: Int32Array
}

/** At most this many entries per edge in all bands together (16 bytes), so at most 48 bytes an edge; tall edges get higher bands. */
const bandEntriesPerEdgeMax = 4

/** @param points ax, ay, bx, by per edge, at least one edge; kept, not copied. */
export function createEdges(points: Int32Array): Edges {
  let minX = Number.POSITIVE_INFINITY
  let minY = Number.POSITIVE_INFINITY
  let maxX = Number.NEGATIVE_INFINITY
  let maxY = Number.NEGATIVE_INFINITY
  for (let i = 0; i < points.length; i += 2) {
    minX = Math.min(minX, points[i]!)
    maxX = Math.max(maxX, points[i]!)
    minY = Math.min(minY, points[i + 1]!)
    maxY = Math.max(maxY, points[i + 1]!)
  }
  const edges = points.length / 4
  let bandShift = 0
  while ((maxY - minY) / 2 ** bandShift >= edges) bandShift++
  while (countEntries(points, minY, bandShift) > edges * bandEntriesPerEdgeMax) bandShift++

  const bands = bandOf(maxY, minY, bandShift) + 1
  const bandStart = new Int32Array(bands + 1)
  for (let e = 0; e < points.length; e += 4) {
    const last = bandOf(Math.max(points[e + 1]!, points[e + 3]!), minY, bandShift)
    for (let b = bandOf(Math.min(points[e + 1]!, points[e + 3]!), minY, bandShift); b <= last; b++) bandStart[b + 1]!++
  }
  for (let b = 0; b < bands; b++) bandStart[b + 1]! += bandStart[b]!
  const bandEdges = new Int32Array(bandStart[bands]!)
  const next = bandStart.slice()
  for (let e = 0; e < points.length; e += 4) {
    const last = bandOf(Math.max(points[e + 1]!, points[e + 3]!), minY, bandShift)
    for (let b = bandOf(Math.min(points[e + 1]!, points[e + 3]!), minY, bandShift); b <= last; b++) bandEdges[next[b]!++] = e
  }
  return { points, minX, minY, maxX, maxY, bandShift, bandStart, bandEdges }
}

/**
 * True if the point is inside or on the boundary of closed rings, outer ones counter-clockwise and holes clockwise. The winding
 * number is counted (crossings of a ray to the east), so that polygons of one area may overlap. Exact.
 */
export function ringsContain(edges: Edges, x: number, y: number): boolean {
  if (x < edges.minX || x > edges.maxX || y < edges.minY || y > edges.maxY) return false
  const { points, bandStart, bandEdges } = edges
  const band = bandOf(y, edges.minY, edges.bandShift)
  const end = bandStart[band + 1]!
  let winding = 0
  for (let i = bandStart[band]!; i < end; i++) {
    const e = bandEdges[i]!
    const ax = points[e]!
    const ay = points[e + 1]!
    const bx = points[e + 2]!
    const by = points[e + 3]!
    if (ay <= y) {
      if (by > y) {
        const side = orientation(ax, ay, bx, by, x, y)
        if (side === 0) return true
        if (side > 0) winding++
      } else if (ay === y && (ax === x || (by === y && ax < x !== bx < x))) {
        // On a vertex (each is the start of one edge) or inside a level edge, which no ray to the east may count.
        return true
      }
    } else if (by <= y) {
      const side = orientation(ax, ay, bx, by, x, y)
      if (side === 0) return true
      if (side < 0) winding--
    }
  }
  return winding > 0
}

/**
 * Metres from a point to the nearest edge, `Infinity` if that is more than `capM`. Only bands within the cap are read, so a small
 * cap is cheap. The nearest point of an edge is found with the scale at the point's latitude, its distance with the one half-way.
 */
export function edgeDistanceM(frame: Frame, edges: Edges, x: number, y: number, capM: number): number {
  const { points, bandEdges } = edges
  const scale = eastMPerUnit(frame, y)
  let best = capM * capM
  let found = false
  const capUnits = capM / northMPerUnit
  if (y + capUnits < edges.minY || y - capUnits > edges.maxY) return Number.POSITIVE_INFINITY
  const start = edges.bandStart[bandOf(Math.max(y - capUnits, edges.minY), edges.minY, edges.bandShift)]!
  const end = edges.bandStart[bandOf(Math.min(y + capUnits, edges.maxY), edges.minY, edges.bandShift) + 1]!
  for (let i = start; i < end; i++) {
    const e = bandEdges[i]!
    const ax = points[e]! - x
    const ay = points[e + 1]! - y
    const dx = points[e + 2]! - x - ax
    const dy = points[e + 3]! - y - ay
    const squared = nearestSquaredM(frame, scale, y, ax, ay, dx, dy)
    if (squared <= best) {
      best = squared
      found = true
    }
  }
  return found ? Math.sqrt(best) : Number.POSITIVE_INFINITY
}

/** Course in degrees, along the line, of the edge nearest to a point. */
export function nearestEdge(frame: Frame, edges: Edges, x: number, y: number): number {
  const { points } = edges
  const scale = eastMPerUnit(frame, y)
  let best = Number.POSITIVE_INFINITY
  let nearest = 0
  for (let e = 0; e < points.length; e += 4) {
    const ax = points[e]! - x
    const ay = points[e + 1]! - y
    const squared = nearestSquaredM(frame, scale, y, ax, ay, points[e + 2]! - x - ax, points[e + 3]! - y - ay)
    if (squared < best) {
      best = squared
      nearest = e
    }
  }
  return nearest
}

/** Squared metres from the point, at height y, to the edge that begins at (ax, ay) as seen from it and runs (dx, dy). */
function nearestSquaredM(frame: Frame, scale: number, y: number, ax: number, ay: number, dx: number, dy: number): number {
  const eastM = dx * scale
  const northM = dy * northMPerUnit
  const along = -(ax * scale * eastM + ay * northMPerUnit * northM) / (eastM * eastM + northM * northM)
  // An edge of no length gives NaN, and its start.
  const t = along > 0 ? Math.min(along, 1) : 0
  const nearestX = ax + t * dx
  const nearestY = ay + t * dy
  const nearestEastM = nearestX * eastMPerUnit(frame, y + nearestY * 0.5)
  const nearestNorthM = nearestY * northMPerUnit
  return nearestEastM * nearestEastM + nearestNorthM * nearestNorthM
}

/** Bits, not a division: heights stay below 2^32, so the unsigned shift is exact. */
function bandOf(y: number, minY: number, bandShift: number): number {
  return (y - minY) >>> bandShift
}

function countEntries(points: Int32Array, minY: number, bandShift: number): number {
  let entries = 0
  for (let e = 0; e < points.length; e += 4) {
    const low = Math.min(points[e + 1]!, points[e + 3]!)
    const high = Math.max(points[e + 1]!, points[e + 3]!)
    entries += bandOf(high, minY, bandShift) - bandOf(low, minY, bandShift) + 1
  }
  return entries
}
