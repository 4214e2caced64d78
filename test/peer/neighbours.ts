// Two real nodes side by side with keys of one authority and no region, each the other's successor. The link between them goes through a relay,
// so that it may be cut: edge-1, the smaller name, calls edge-2.
import { readFileSync } from 'node:fs'
import * as files from 'node:fs/promises'
import path from 'node:path'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { type KeyFolder, openKeyFolder } from '@outrider/identity'
import { freePort } from '../../scripts/kafka-broker/broker.mjs'
import { clearNodes, type EdgeNode, makeFolder, type NodeFolder, startEdge, zoneTable } from '../edge/edge-node.js'
import { TestVehicle } from '../edge/test-vehicle.js'
import { credentialsOf } from '../region/region-clients.js'
import { authority, createRegionPlace } from '../region/region-process.js'
import { createRelay, type Relay } from '../uplink/relay.js'

/** Metres east of the middle of edge-1's footprint at which edge-2's begins: 0.1 degrees. */
export const borderM = 0.1 * 111_195.08 * Math.cos((53.55 * Math.PI) / 180)

export interface Neighbours {
  readonly relay: Relay
  /** Of a node, by its name; in a folder that may be given again. */
  startNode(name: string, more?: Readonly<Record<string, string>>, at?: NodeFolder): Promise<EdgeNode>
  tokenOf(enrolment: string): Promise<string>
  /** A vehicle of its own, greeted. */
  join(node: EdgeNode, enrolment: string): Promise<TestVehicle>
  readonly authority: string
  /** Of a gRPC client with a certificate of this authority, and of one that has none but trusts it. */
  credentials(role: string, name: string): ChannelCredentials
  strangers(): ChannelCredentials
  remove(): Promise<void>
}

export async function createNeighbours(): Promise<Neighbours> {
  const place = await createRegionPlace(['edge-1', 'edge-2'])
  const relay = await createRelay()
  const ports = [await freePort(), await freePort()]
  const keys: KeyFolder = await openKeyFolder({ path: path.join(place.folder, 'keys'), files, nowMs: Date.now })
  const issuer = await keys.tokenIssuer()
  const [zone] = zoneTable.zones
  const successors = [['edge-2'], ['edge-1']]
  const table = {
    ...zoneTable,
    zones: [{ ...zone, footprints: zone!.footprints.map((footprint, index) => ({ ...footprint, successors: successors[index] })) }],
    nodes: zoneTable.nodes.map((node, index) => ({
      ...node,
      vehicleUrl: `ws://127.0.0.1:${ports[index]}`,
      peerAddress: `127.0.0.1:${relay.port}`,
    })),
  }

  async function tokenOf(enrolment: string): Promise<string> {
    return (await issuer.issue({ enrolment, role: 'default', lifetimeMs: 3_600_000 })).token
  }

  return {
    relay,
    async startNode(name, more = {}, at = makeFolder()) {
      await files.writeFile(path.join(at.folder, 'zones.json'), JSON.stringify(table))
      const { ca, certificate, key } = place.credentials('node', name)
      const own = {
        OUTRIDER_AUTHORITY: authority,
        OUTRIDER_EDGE_NAME: name,
        OUTRIDER_EDGE_KEYS: path.join(place.folder, 'keys', 'jwks.json'),
        OUTRIDER_EDGE_PORT: String(ports[name === 'edge-1' ? 0 : 1]),
        OUTRIDER_EDGE_PEER_PORT: '0',
        OUTRIDER_EDGE_DRAIN_MS: '0',
        OUTRIDER_TLS_CA: ca,
        OUTRIDER_TLS_CERT: certificate,
        OUTRIDER_TLS_KEY: key,
      }
      const node = await startEdge({ ...own, ...more }, at)
      if (name === 'edge-2') relay.target = node.peerPort
      return node
    },
    tokenOf,
    authority,
    credentials: (role, name) => credentialsOf(place, role, name),
    strangers: () =>
      credentials.createSsl(readFileSync(place.credentials('node', 'edge-1').ca), null, null, { checkServerIdentity: () => undefined }),
    join: async (node, enrolment) => TestVehicle.join(node.url, { token: await tokenOf(enrolment) }),
    async remove() {
      await clearNodes()
      await relay.stop()
      await place.remove()
    },
  }
}

/** What `/readyz` says of a node's peers. */
export async function peersOf(node: EdgeNode): Promise<string> {
  const page = (await (await fetch(`${node.http}/readyz`)).json()) as { checks: { peers: { detail: string } } }
  return page.checks.peers.detail
}

interface Details {
  readonly alerts: readonly { readonly alert: string; readonly revision: number; readonly state: string }[]
}

/** Alerts a node knows, as `key revision state`, in order. */
export async function alertsOf(node: EdgeNode): Promise<string[]> {
  const { alerts } = (await (await fetch(`${node.admin}/details`)).json()) as Details
  return alerts.map(({ alert, revision, state }) => `${alert} ${state === 'ended' ? state : `r${revision} ${state}`}`).sort()
}
