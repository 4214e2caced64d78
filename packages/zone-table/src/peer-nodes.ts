// Which nodes a node is linked with, who acts where, and whom evidence and alerts go to: questions to the zone table alone.
import { type Area, isWithinM, shapeOf, touches, toX, toY } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'
import { reaches } from './alert-reach.js'
import { type Footprint, locate, type Zones } from './zone-table.js'

/** The largest awareness distance there is, m: alerts of vehicles reach no further. */
const linkedWithinM = 10_000
/** Evidence counts so far across a border, m (design, 6). */
const evidenceWithinM = 250
/** How far ahead a moving area is looked at: DENM's default validity. */
export const movingReachMs = 600_000

/** Nodes to be linked with, and the address of each: those of footprints so near that an alert can cross the border, and their successors. */
export function peerNodes(zones: Zones, node: string): ReadonlyMap<string, string> {
  const own = zones.footprints.filter(({ nodes }) => nodes.includes(node))
  const near = zones.footprints.filter(({ shape }) => own.some(footprint => touches(footprint.shape, shape, linkedWithinM)))
  const names = [...new Set(near.flatMap(({ nodes }) => nodes))].filter(name => name !== node).sort()
  return new Map(names.map(name => [name, zones.node(name)?.peerAddress ?? ''] as const).filter(([, address]) => address !== ''))
}

/** The first one alive of a footprint's owner and successors; undefined if none is. */
export function actingOwner({ nodes }: Footprint, isAlive: (node: string) => boolean): string | undefined {
  return nodes.find(isAlive)
}

/** The node that acts at a position; undefined where no footprint is, or nobody of it is alive. */
export function actingNode(zones: Zones, latitudeE7: number, longitudeE7: number, isAlive: (node: string) => boolean): string | undefined {
  const footprint = locate(zones, latitudeE7, longitudeE7)
  return footprint === undefined ? undefined : actingOwner(footprint, isAlive)
}

/** Nodes that act within 250 m of a position: one, or those of both sides of a border. */
export function evidenceNodes(
  { footprints }: Zones,
  latitudeE7: number,
  longitudeE7: number,
  isAlive: (node: string) => boolean,
): string[] {
  const acting: string[] = []
  for (const footprint of footprints) {
    if (!isNear(footprint.area, latitudeE7, longitudeE7)) continue
    const node = actingOwner(footprint, isAlive)
    if (node !== undefined && !acting.includes(node)) acting.push(node)
  }
  return acting
}

function isNear(area: Area, latitudeE7: number, longitudeE7: number): boolean {
  const y = toY(area.frame, latitudeE7)
  // 250 m are 22,500 units of latitude; most footprints are out by that alone.
  if (y < area.minY - 25_000 || y > area.maxY + 25_000) return false
  return isWithinM(area, toX(area.frame, longitudeE7), y, evidenceWithinM)
}

/** Footprints that one of some nodes owns or takes over. */
export function footprintsOf({ footprints }: Zones, nodes: ReadonlySet<string>): readonly Footprint[] {
  return footprints.filter(footprint => footprint.nodes.some(node => nodes.has(node)))
}

/** Owners and successors of those of some footprints that an alert can concern. Some 10 µs a footprint. */
export function nodesReached(footprints: readonly Footprint[], alert: outrider.v1.Alert.$Properties): ReadonlySet<string> {
  const area = shapeOf(alert.area ?? {}, movingReachMs)
  return new Set(footprints.filter(({ shape }) => reaches(alert, area, shape)).flatMap(({ nodes }) => nodes))
}
