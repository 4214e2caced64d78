// The zone table of the demo city: a square around its middle, cut in two from north to south, a node for each half.
import { readFile, writeFile } from 'node:fs/promises'
import { type DegPosition, destination } from '@outrider/geo'
import { encodeJson, type outrider } from '@outrider/protocol'

export interface ZoneNode {
  readonly name: string
  readonly vehicleUrl: string
  /** host:port, for the other node. */
  readonly peerAddress: string
}

/** Middle of the city. */
export const cityMiddle = { latitude: 53.55, longitude: 9.99 } as const

/** Half a side of the square. The largest city of packages/traffic, 80 junctions 220 m apart, reaches 8.7 km from its middle. */
const halfSideM = 12_000

/** The table, with a later version than the one in the file if it differs from that one, as nodes keep the latest they know. */
export async function writeCityZones(file: string, west: ZoneNode, east: ZoneNode, region: string): Promise<void> {
  const before = await readFile(file, 'utf8').then(
    text => JSON.parse(text) as { readonly version?: number },
    () => ({ version: 0 }),
  )
  const version = before.version ?? 0
  const same = JSON.stringify(encodeJson('ZoneTable', tableOf(version, west, east, region))) === JSON.stringify(before)
  if (!same) await writeFile(file, `${JSON.stringify(encodeJson('ZoneTable', tableOf(version + 1, west, east, region)))}\n`)
}

function tableOf(version: number, west: ZoneNode, east: ZoneNode, region: string): outrider.v1.ZoneTable.$Properties {
  const edgeOf = (bearing: number) => destination(cityMiddle.latitude, cityMiddle.longitude, bearing, halfSideM)
  const [north, right, south, left] = [0, 90, 180, 270].map(edgeOf) as [DegPosition, DegPosition, DegPosition, DegPosition]
  const box = (from: number, to: number) => {
    const corner = (latitude: number, longitude: number) => ({ latitudeE7: e7(latitude), longitudeE7: e7(longitude) })
    const points = [
      corner(south.latitudeDeg, from),
      corner(south.latitudeDeg, to),
      corner(north.latitudeDeg, to),
      corner(north.latitudeDeg, from),
    ]
    return { polygons: [{ outer: { points } }] }
  }
  return {
    version,
    zones: [
      {
        name: 'west',
        region,
        footprints: [{ name: 'west', area: box(left.longitudeDeg, cityMiddle.longitude), owner: west.name, successors: [east.name] }],
      },
      {
        name: 'east',
        region,
        footprints: [{ name: 'east', area: box(cityMiddle.longitude, right.longitudeDeg), owner: east.name, successors: [west.name] }],
      },
    ],
    nodes: [
      { name: west.name, zone: 'west', vehicleUrl: west.vehicleUrl, peerAddress: west.peerAddress },
      { name: east.name, zone: 'east', vehicleUrl: east.vehicleUrl, peerAddress: east.peerAddress },
    ],
  }
}

function e7(degrees: number): number {
  return Math.round(degrees * 1e7)
}
