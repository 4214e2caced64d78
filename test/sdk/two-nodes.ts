// Two real nodes side by side: edge-1 owns the west, edge-2 the east of a border, and each knows where the other is.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { outrider } from '@outrider/protocol'
import { freePort } from '../../scripts/kafka-broker/broker.mjs'
import { type EdgeNode, makeFolder, origin, startEdge } from '../edge/edge-node.js'

const halfE7 = 1_000_000

/** Longitude of the border in degrees; the middle's latitude is that of both. */
const border = { latitude: origin.latitudeE7 / 1e7, longitude: (origin.longitudeE7 + halfE7) / 1e7 }
const eastMPerDegree = 111_195 * Math.cos((border.latitude * Math.PI) / 180)

/** A place so many metres east of the border, on the road that crosses it or in a lane north of its middle. */
export function eastOfBorder(metres: number, northM = 0) {
  return { latitude: border.latitude + northM / 111_195, longitude: border.longitude + metres / eastMPerDegree }
}

function box(westE7: number): outrider.v1.MultiPolygon.$Properties {
  const corner = (x: number, y: number) => ({ latitudeE7: origin.latitudeE7 + y * halfE7, longitudeE7: westE7 + x * 2 * halfE7 })
  return { polygons: [{ outer: { points: [corner(0, -1), corner(1, -1), corner(1, 1), corner(0, 1)] } }] }
}

/** The nodes' ports, and the zone table that names them. */
export interface TwoNodes {
  readonly ports: readonly [number, number]
  readonly table: outrider.v1.ZoneTable.$Properties
}

const names = ['edge-1', 'edge-2'] as const

export async function planTwoNodes(): Promise<TwoNodes> {
  const ports = [await freePort(), await freePort()] as const
  const west = origin.longitudeE7 - halfE7
  const footprints = names.map((owner, index) => ({ name: `part-${index}`, area: box(west + index * 2 * halfE7), owner }))
  const nodes = names.map((name, index) => ({
    name,
    zone: 'altstadt',
    vehicleUrl: `ws://127.0.0.1:${ports[index]}`,
    peerAddress: '10.0.0.1:1',
  }))
  return { ports, table: { version: 1, zones: [{ name: 'altstadt', region: 'region-1', footprints }], nodes } }
}

/** @param more settings of both */
export async function startTwoNodes(
  more: Readonly<Record<string, string>> = { OUTRIDER_INSECURE: '1' },
  plan?: TwoNodes,
): Promise<readonly [EdgeNode, EdgeNode]> {
  const { ports, table } = plan ?? (await planTwoNodes())
  const [first, second] = names.map((name, index) => {
    const at = makeFolder()
    writeFileSync(path.join(at.folder, 'zones.json'), JSON.stringify(table))
    return startEdge({ ...more, OUTRIDER_EDGE_NAME: name, OUTRIDER_EDGE_PORT: String(ports[index]) }, at)
  })
  return [await first!, await second!]
}
