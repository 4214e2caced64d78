import type { outrider } from '@outrider/protocol'
import { locate, neighbourNames, type Zones } from '@outrider/zone-table'
import { RpcFailure } from './rpc-failure.js'

export interface ZoneServiceOptions {
  readonly zones: () => Zones
  /** True while the node's urgent stream is open. */
  readonly isAlive: (node: string) => boolean
}

/** outrider.v1.ZoneService, less its transport. */
export type ZoneService = ReturnType<typeof createZoneService>

export function createZoneService({ zones, isAlive }: ZoneServiceOptions) {
  const nodesOf = (names: readonly string[]) => names.map(name => zones().node(name)!)

  return {
    async list({ knownVersion }: outrider.v1.ZoneServiceListRequest.$Properties) {
      const { table } = zones()
      return { table: knownVersion === table.version ? { version: table.version ?? 0 } : table }
    },
    async locate({ position }: outrider.v1.ZoneServiceLocateRequest.$Properties) {
      const { latitudeE7, longitudeE7 } = position ?? {}
      if (!isWithin(latitudeE7, 900_000_000) || !isWithin(longitudeE7, 1_800_000_000)) {
        throw new RpcFailure('invalid_argument', 'position must have latitude_e7 within ±900000000 and longitude_e7 within ±1800000000')
      }
      const found = locate(zones(), latitudeE7, longitudeE7)
      if (found === undefined) throw new RpcFailure('not_found', 'no zone of this region covers the position')
      // The first that is connected acts; if none is, the owner is still the one to try.
      const acting = found.nodes.find(isAlive) ?? found.nodes[0]!
      const [node] = nodesOf([acting])
      return { footprint: found.name, node, successors: nodesOf(found.nodes.filter(name => name !== acting)) }
    },
    async neighbours({ node = '' }: { readonly node?: string | null }) {
      if (zones().node(node ?? '') === undefined) throw new RpcFailure('not_found', `there is no node "${node}" in the zone table`)
      return { nodes: nodesOf(neighbourNames(zones(), node ?? '', 0)) }
    },
  }
}

function isWithin(value: number | null | undefined, most: number): value is number {
  return Number.isInteger(value) && Math.abs(value!) <= most
}
