import { bandOf, type Edges, edgesAt } from './edges.js'
import { eastMPerUnit, type Frame, northMPerUnit } from './frame.js'

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
