/*
 * The edges of a polygon's rings or the segments of a line, packed into one Int32Array in a frame's units, so that a test touches one
 * object and neighbouring memory:
 *
 *   minX, minY, maxX, maxY, band shift, bands | where each band begins, and where the last ends | ax, ay, bx, by of each entry
 *
 * A band is a strip 2^shift units high, the first begins at minY. An edge is entered in every band it touches, so that a test reads
 * only the edges that share a band with the point: of a polygon of 30 vertices about four, of one of 10,000 about as few.
 */
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
  let entries = countEntries(points, minY, bandShift)
  while (entries > count * entriesPerEdgeMax) entries = countEntries(points, minY, ++bandShift)

  const sizes = bandSizes(points, minY, maxY, bandShift)
  const firstEntry = edgesAt.bandStart + sizes.length + 1
  const edges = new Int32Array(firstEntry + entries * 4)
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

/** Bits, not a division: heights stay below 2^32, so the unsigned shift is exact. */
export function bandOf(y: number, minY: number, bandShift: number): number {
  return (y - minY) >>> bandShift
}

/** How many entries bands of this height would make. One band makes one per edge, so the search for a height ends. */
function countEntries(points: ArrayLike<number>, minY: number, bandShift: number): number {
  let entries = points.length / 4
  for (let e = 0; e < points.length; e += 4)
    entries += Math.abs(bandOf(points[e + 1]!, minY, bandShift) - bandOf(points[e + 3]!, minY, bandShift))
  return entries
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

/** About how many entries a test reads that looks at a strip of this height. */
export function entriesRead(edges: Edges, height: number): number {
  const bands = edges[edgesAt.bands]!
  const entries = (edges.length - edges[edgesAt.bandStart]!) / 4
  return Math.ceil((entries / bands) * Math.min(bands, height / 2 ** edges[edgesAt.bandShift]! + 1))
}
