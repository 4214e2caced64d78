import { touches } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'
import { type Footprint, publicNode, type Zones } from './zone-table.js'

type Neighbour = outrider.v1.Neighbour.$Properties

/** As the welcome says. */
const neighboursMax = 32
/** Corners of all neighbours' footprints in a welcome: of at most 19 bytes each 38 KB of its 64. Those beyond go without. */
const neighbourPointsMax = 2_000
/** Nodes are neighbours to a vehicle if their footprints come so close: evidence counts 250 m across a border, and at 60 m/s it has its answer 10 s early. */
const nearM = 1_000

/** Owners of footprints within `withinM` metres of those of a node, sorted by name. */
export function neighbourNames(zones: Zones, node: string, withinM: number): string[] {
  return [...nearBy(zones, node, withinM).keys()].sort()
}

/** The nodes near a node, as a welcome names them; of the table in use, reckoned once for each. */
export function createNeighbours(zones: () => Zones, node: string): () => readonly Neighbour[] {
  let reckonedOf: Zones | undefined
  let neighbours: readonly Neighbour[] = []
  return () => {
    const current = zones()
    if (current !== reckonedOf) neighbours = neighboursOf(current, node)
    reckonedOf = current
    return neighbours
  }
}

export function neighboursOf(zones: Zones, node: string): Neighbour[] {
  let points = 0
  return [...nearBy(zones, node, nearM)].slice(0, neighboursMax).map(([name, footprints]) => {
    const { zone, vehicleUrl } = publicNode(zones, name)
    const polygons = footprints.flatMap(({ wire }) => wire.polygons ?? [])
    points += polygons.flatMap(({ outer, holes }) => [outer, ...(holes ?? [])]).reduce((sum, ring) => sum + (ring?.points?.length ?? 0), 0)
    return { zone: zone!, node: name, url: vehicleUrl!, ...(points <= neighbourPointsMax ? { footprint: { polygons } } : {}) }
  })
}

function nearBy({ footprints }: Zones, node: string, withinM: number): Map<string, Footprint[]> {
  const own = footprints.filter(({ nodes }) => nodes[0] === node)
  const found = new Map<string, Footprint[]>()
  for (const footprint of footprints) {
    const owner = footprint.nodes[0]!
    if (owner === node || !own.some(({ shape }) => touches(shape, footprint.shape, withinM))) continue
    found.set(owner, [...(found.get(owner) ?? []), footprint])
  }
  return found
}
