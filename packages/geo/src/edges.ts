/*
 * The edges of a polygon's rings or the segments of a line, packed into one Int32Array in a frame's units, so that a test touches one
 * object and neighbouring memory:
 *
 *   minX, minY, maxX, maxY, band shift, bands | where each band begins, and where the last ends | ax, ay, bx, by of each entry
 *
 * A band is a strip 2^shift units high, the first begins at minY. An edge is entered in every band it touches, so that a test reads
 * only the edges that share a band with the point: of a polygon of 30 vertices about four, of one of 10,000 about as few.
 */
import { eastMPerUnit, type Frame, northMPerUnit } from './frame.js'
import { orientation } from './orientation.js'

export type Edges = Int32Array

/** Where things stand in the pack. */
export const edgesAt = { minX: 0, minY: 1, maxX: 2, maxY: 3, bandShift: 4, bands: 5, bandStart: 6 } as const

/**
 * At most this many entries per edge on average, 32 bytes an edge: the bands are made higher until it holds. If every edge runs the
 * whole height there is one band and each test reads all edges: 10,000 take 20 µs, the worst that an area at the door can ask for.
 */
const entriesPerEdgeMax = 2

/** @param points ax, ay, bx, by of at least one edge */
export function createEdges(points: ArrayLike<number>): Edges {
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
  const count = points.length / 4
  let bandShift = 0
  while ((maxY - minY) / 2 ** bandShift >= count) bandShift++
  let sizes = bandSizes(points, minY, maxY, bandShift)
  while (sizes.length > 1 && sum(sizes) > count * entriesPerEdgeMax) sizes = bandSizes(points, minY, maxY, ++bandShift)

  const firstEntry = edgesAt.bandStart + sizes.length + 1
  const edges = new Int32Array(firstEntry + sum(sizes) * 4)
  edges.set([minX, minY, maxX, maxY, bandShift, sizes.length])
  let at = firstEntry
  for (let band = 0; band < sizes.length; band++) {
    edges[edgesAt.bandStart + band] = at
    at += sizes[band]! * 4
  }
  edges[edgesAt.bandStart + sizes.length] = at
  const next = edges.slice(edgesAt.bandStart, firstEntry)
  for (let e = 0; e < points.length; e += 4) {
    const last = bandOf(Math.max(points[e + 1]!, points[e + 3]!), minY, bandShift)
    for (let band = bandOf(Math.min(points[e + 1]!, points[e + 3]!), minY, bandShift); band <= last; band++) {
      for (let i = 0; i < 4; i++) edges[next[band]! + i] = points[e + i]!
      next[band]! += 4
    }
  }
  return edges
}

/**
 * True if the point is inside or on the boundary of closed rings, outer ones counter-clockwise and holes clockwise. The winding
 * number is counted (crossings of a ray to the east), so that polygons of one area may overlap. Exact.
 */
export function ringsContain(edges: Edges, x: number, y: number): boolean {
  const minY = edges[edgesAt.minY]!
  if (x < edges[edgesAt.minX]! || x > edges[edgesAt.maxX]! || y < minY || y > edges[edgesAt.maxY]!) return false
  const band = edgesAt.bandStart + bandOf(y, minY, edges[edgesAt.bandShift]!)
  const end = edges[band + 1]!
  let winding = 0
  for (let e = edges[band]!; e < end; e += 4) {
    const ay = edges[e + 1]!
    const by = edges[e + 3]!
    const isBelow = ay <= y
    if (isBelow !== by <= y) {
      const side = orientation(edges[e]!, ay, edges[e + 2]!, by, x, y)
      if (side === 0) return true
      if (side > 0 === isBelow) winding += isBelow ? 1 : -1
    } else if (ay === y) {
      // On a corner (each is the start of one edge) or inside a level edge, which no ray to the east may count.
      const ax = edges[e]!
      if (ax === x || (by === y && ax < x !== edges[e + 2]! < x)) return true
    }
  }
  return winding > 0
}

/**
 * Metres from a point to the nearest edge, `Infinity` if that is more than `capM`. Only bands within the cap are read, so a small
 * cap is cheap. The nearest point of an edge is found with the scale at the point's latitude, its distance with the one half-way.
 */
export function edgeDistanceM(frame: Frame, edges: Edges, x: number, y: number, capM: number): number {
  const minY = edges[edgesAt.minY]!
  const maxY = edges[edgesAt.maxY]!
  const bandShift = edges[edgesAt.bandShift]!
  const capUnits = capM / northMPerUnit
  if (y + capUnits < minY || y - capUnits > maxY) return Number.POSITIVE_INFINITY
  const end = edges[edgesAt.bandStart + 1 + bandOf(Math.min(y + capUnits, maxY), minY, bandShift)]!
  const scale = eastMPerUnit(frame, y)
  let best = Number.POSITIVE_INFINITY
  for (let e = edges[edgesAt.bandStart + bandOf(Math.max(y - capUnits, minY), minY, bandShift)]!; e < end; e += 4) {
    const squared = nearestSquaredM(frame, scale, edges, e, x, y)
    if (squared < best) best = squared
  }
  const nearestM = Math.sqrt(best)
  return nearestM <= capM ? nearestM : Number.POSITIVE_INFINITY
}

/** Where in the pack the edge nearest to a point stands. Reads every edge. */
export function nearestEdge(frame: Frame, edges: Edges, x: number, y: number): number {
  const scale = eastMPerUnit(frame, y)
  let best = Number.POSITIVE_INFINITY
  let nearest = edges[edgesAt.bandStart]!
  for (let e = nearest; e < edges.length; e += 4) {
    const squared = nearestSquaredM(frame, scale, edges, e, x, y)
    if (squared < best) {
      best = squared
      nearest = e
    }
  }
  return nearest
}

/** Squared metres from a point to the edge at `e`, found with the metres a unit east has at the point. */
function nearestSquaredM(frame: Frame, scale: number, edges: Edges, e: number, x: number, y: number): number {
  const ax = edges[e]! - x
  const ay = edges[e + 1]! - y
  const dx = edges[e + 2]! - x - ax
  const dy = edges[e + 3]! - y - ay
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

/** Edges in each band. */
function bandSizes(points: ArrayLike<number>, minY: number, maxY: number, bandShift: number): Int32Array {
  const sizes = new Int32Array(bandOf(maxY, minY, bandShift) + 1)
  for (let e = 0; e < points.length; e += 4) {
    const last = bandOf(Math.max(points[e + 1]!, points[e + 3]!), minY, bandShift)
    for (let band = bandOf(Math.min(points[e + 1]!, points[e + 3]!), minY, bandShift); band <= last; band++) sizes[band]!++
  }
  return sizes
}

function sum(sizes: Int32Array): number {
  return sizes.reduce((total, size) => total + size, 0)
}
