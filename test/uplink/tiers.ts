// A region and its nodes as real processes with keys of one authority; the nodes reach the region through a relay, so that it may come back
// on another port.
import * as files from 'node:fs/promises'
import path from 'node:path'
import { openKeyFolder } from '@outrider/identity'
import type { outrider } from '@outrider/protocol'
import { clearNodes, type EdgeNode, makeFolder, type NodeFolder, startEdge, zoneTable } from '../edge/edge-node.js'
import { TestVehicle, type VehicleOptions } from '../edge/test-vehicle.js'
import { createServiceClient, credentialsOf, type ServiceClient } from '../region/region-clients.js'
import { authority, createRegionPlace, type RegionPlace, type RegionProcess } from '../region/region-process.js'
import { createRelay, type Relay } from './relay.js'

export interface Tiers {
  readonly place: RegionPlace
  readonly relay: Relay
  startRegion(environment?: Readonly<Record<string, string>>): Promise<RegionProcess>
  /** A node by its name in the zone table, in a folder that may be given again. */
  startNode(name: string, more?: Readonly<Record<string, string>>, at?: NodeFolder): Promise<EdgeNode>
  /** A vehicle of its own, greeted. */
  join(node: EdgeNode, enrolment: string, options?: VehicleOptions): Promise<TestVehicle>
  /** An operator of the region that runs. */
  operator(region: RegionProcess): ServiceClient
  remove(): Promise<void>
}

export async function createTiers(): Promise<Tiers> {
  const place = await createRegionPlace(['edge-1', 'edge-2'])
  await place.writeZones(zoneTable as outrider.v1.ZoneTable.$Properties)
  const relay = await createRelay()
  const keys = await openKeyFolder({ path: path.join(place.folder, 'keys'), files, nowMs: Date.now })
  const issuer = await keys.tokenIssuer()
  const clients: ServiceClient[] = []
  return {
    place,
    relay,
    async startRegion(environment) {
      const region = await place.start(environment)
      relay.target = region.grpcPort
      return region
    },
    startNode(name, more = {}, at = makeFolder()) {
      const { ca, certificate, key } = place.credentials('node', name)
      const own = {
        OUTRIDER_AUTHORITY: authority,
        OUTRIDER_EDGE_NAME: name,
        OUTRIDER_EDGE_KEYS: path.join(place.folder, 'keys', 'jwks.json'),
        OUTRIDER_EDGE_REGION: `127.0.0.1:${relay.port}`,
        OUTRIDER_EDGE_DRAIN_MS: '0',
        OUTRIDER_TLS_CA: ca,
        OUTRIDER_TLS_CERT: certificate,
        OUTRIDER_TLS_KEY: key,
      }
      return startEdge({ ...own, ...more }, at)
    },
    async join(node, enrolment, options) {
      const { token } = await issuer.issue({ enrolment, role: 'default', lifetimeMs: 3_600_000 })
      return TestVehicle.join(node.url, { token, ...options })
    },
    operator({ grpcPort }) {
      const client = createServiceClient('AlertService', grpcPort, credentialsOf(place, 'operator', 'control-room'))
      clients.push(client)
      return client
    },
    async remove() {
      for (const client of clients) client.close()
      await clearNodes()
      await relay.stop()
      await place.remove()
    },
  }
}

/** What a node answers to `/readyz`. */
export async function readyOf(node: Pick<EdgeNode, 'http'>): Promise<{
  readonly ready: boolean
  readonly checks: Readonly<Record<'uplink' | 'clock' | 'zones', { readonly ok: boolean; readonly detail: string }>>
}> {
  return (await fetch(`${node.http}/readyz`)).json() as never
}

/** A node's value of a metric, by its lane or kind. */
export async function metricOf(node: Pick<EdgeNode, 'admin'>, name: string, label: string): Promise<number> {
  const text = await (await fetch(`${node.admin}/metrics`)).text()
  const line = text.split('\n').find(row => row.startsWith(`outrider_edge_${name}{`) && row.includes(`="${label}"`))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}

/** Resolves when the region has acknowledged all that the node has written. */
export async function untilDrainedUp(node: Pick<EdgeNode, 'admin'>): Promise<void> {
  for (;;) {
    const waiting = await Promise.all(['urgent', 'telemetry'].map(lane => metricOf(node, 'uplink_waiting_records', lane)))
    if (waiting.every(records => records === 0)) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** A table with the nodes' real URLs, handed down by the region: vehicles go from node to node by it. Resolves when each node has it. */
export async function publishNodes({ place }: Pick<Tiers, 'place'>, nodes: readonly EdgeNode[]): Promise<void> {
  const named = zoneTable.nodes.map((node, index) => ({ ...node, vehicleUrl: nodes[index]!.url }))
  await place.writeZones({ ...zoneTable, version: zoneTable.version + 1, nodes: named } as outrider.v1.ZoneTable.$Properties)
  for (const node of nodes) {
    for (;;) {
      const { tableVersion } = (await (await fetch(`${node.http}/v1/zone`)).json()) as { tableVersion: number }
      if (tableVersion > zoneTable.version) break
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
