import { type Area, compileArea, contains, createFrame, toX, toY } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'

/** What nodes have said about the footprints next to theirs. */
export interface ZoneBorders {
  learn(welcome: outrider.v1.Welcome): void
  /** The URL of the node next to `node` that owns a position; undefined: none of them does, so that `node` has it, or nobody. */
  neighbourAt(node: string, latitude: number, longitude: number): string | undefined
}

interface Neighbour {
  readonly url: string
  readonly area: Area
}

/** Nodes remembered: as many as a zone table may have. */
const nodesMax = 1_024

/** All vehicles of a run share it: a footprint is compiled once, and again only when a welcome says something else. */
export function createZoneBorders(): ZoneBorders {
  const byNode = new Map<string, { readonly said: string; readonly neighbours: readonly Neighbour[] }>()
  return {
    learn({ node, neighbours }) {
      const said = JSON.stringify(neighbours)
      if (byNode.get(node)?.said === said || (!byNode.has(node) && byNode.size >= nodesMax)) return
      byNode.set(node, { said, neighbours: neighbours.flatMap(compile) })
    },
    neighbourAt(node, latitude, longitude) {
      const x = Math.round(longitude * 1e7)
      const y = Math.round(latitude * 1e7)
      const found = byNode.get(node)?.neighbours.find(({ area }) => contains(area, toX(area.frame, x), toY(area.frame, y)))
      return found?.url
    },
  }
}

/** A neighbour without a footprint, or with a bad one, is nobody's to move to: the node it is told by goes on serving. */
function compile({ url, footprint }: outrider.v1.Neighbour.$Properties): readonly Neighbour[] {
  const first = footprint?.polygons?.[0]?.outer?.points?.[0]
  if (!url || footprint == null || first?.latitudeE7 == null || first.longitudeE7 == null) return []
  const compiled = compileArea({ polygons: footprint }, createFrame(first.latitudeE7, first.longitudeE7))
  return compiled.ok && 'edges' in compiled.area ? [{ url, area: compiled.area as Area }] : []
}
