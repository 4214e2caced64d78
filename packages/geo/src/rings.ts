import { bandOf, type Edges, edgesAt } from './edges.js'
import { orientation } from './orientation.js'

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

/** True if any edge has a point in common with the box, its borders included. Exact for whole numbers. */
export function edgesMeetBox(edges: Edges, minX: number, minY: number, maxX: number, maxY: number): boolean {
  const southY = edges[edgesAt.minY]!
  const northY = edges[edgesAt.maxY]!
  if (maxX < edges[edgesAt.minX]! || minX > edges[edgesAt.maxX]! || maxY < southY || minY > northY) return false
  const bandShift = edges[edgesAt.bandShift]!
  const end = edges[edgesAt.bandStart + 1 + bandOf(Math.min(maxY, northY), southY, bandShift)]!
  for (let e = edges[edgesAt.bandStart + bandOf(Math.max(minY, southY), southY, bandShift)]!; e < end; e += 4) {
    const ax = edges[e]!
    const ay = edges[e + 1]!
    const bx = edges[e + 2]!
    const by = edges[e + 3]!
    if ((ax < minX && bx < minX) || (ax > maxX && bx > maxX) || (ay < minY && by < minY) || (ay > maxY && by > maxY)) continue
    // Its line passes the box by if both corners that lie furthest to its sides are on the same side.
    const isRising = bx >= ax === by >= ay
    const one = orientation(ax, ay, bx, by, isRising ? minX : maxX, maxY)
    const other = orientation(ax, ay, bx, by, isRising ? maxX : minX, minY)
    if (!((one > 0 && other > 0) || (one < 0 && other < 0))) return true
  }
  return false
}
