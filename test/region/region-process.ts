// The real region process, its keys and its zones, for tests of this folder.
import files, { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKeyFolder } from '@outrider/identity'
import { encodeJson, type outrider } from '@outrider/protocol'
import { type AppProcess, createAppPlace } from '../app-process.js'

const main = fileURLToPath(new URL('../../apps/region/dist/main.js', import.meta.url))
export const authority = 'city.example'

export interface RegionProcess extends Omit<AppProcess<unknown>, 'ready'> {
  readonly grpcPort: number
  readonly adminPort: number
}

export interface RegionPlace {
  readonly folder: string
  /** Paths of a certificate's files. */
  credentials(role: string, name: string): { readonly ca: string; readonly certificate: string; readonly key: string }
  writeZones(table: outrider.v1.ZoneTable.$Properties): Promise<void>
  /** Starts a region here; rejects with its standard error if it ends before it is ready. */
  start(environment?: Readonly<Record<string, string>>): Promise<RegionProcess>
  /** Ends what still runs and removes the folder. */
  remove(): Promise<void>
}

/** A folder with keys for a region, its nodes, an operator, a partner and a service. */
export async function createRegionPlace(nodes: readonly string[] = ['north-1', 'south-1']): Promise<RegionPlace> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'outrider-region-'))
  const keys = path.join(folder, 'keys')
  const named = [
    ['region', 'region-1'],
    ...nodes.map(name => ['node', name] as const),
    ['operator', 'control-room'],
    ['partner', 'roadworks'],
    ['service', 'dashboard'],
  ] as const
  const certificates = named.map(([role, name]) => ({ role, name, hosts: ['127.0.0.1', 'localhost'] }))
  await createKeyFolder({ path: keys, files, nowMs: Date.now, authority, certificates })
  const apps = createAppPlace()

  function credentials(role: string, name: string) {
    const stem = path.join(keys, 'certificates', `${role}-${name}`)
    return { ca: path.join(keys, 'ca.pem'), certificate: `${stem}.pem`, key: `${stem}.key` }
  }

  const place: RegionPlace = {
    folder,
    credentials,
    writeZones: table => writeFile(path.join(folder, 'zones.json'), JSON.stringify(encodeJson('ZoneTable', table))),
    async start(environment = {}) {
      const own = credentials('region', 'region-1')
      const secure = { OUTRIDER_TLS_CA: own.ca, OUTRIDER_TLS_CERT: own.certificate, OUTRIDER_TLS_KEY: own.key }
      const app = await apps.start<{ readonly grpcPort: number; readonly adminPort: number }>(main, {
        OUTRIDER_AUTHORITY: authority,
        OUTRIDER_REGION_DATA: path.join(folder, 'data'),
        OUTRIDER_REGION_ZONES: path.join(folder, 'zones.json'),
        OUTRIDER_REGION_PORT: '0',
        OUTRIDER_REGION_ADMIN_PORT: '0',
        ...(environment.OUTRIDER_INSECURE === undefined && secure),
        ...environment,
      })
      return { ...app, ...app.ready }
    },
    async remove() {
      await apps.killAll()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await place.writeZones(twoZones)
  return place
}

const ring = (south: number, west: number, north: number, east: number) => ({
  outer: {
    points: [
      [south, west],
      [south, east],
      [north, east],
      [north, west],
    ].map(([latitude, longitude]) => ({ latitudeE7: Math.round(latitude! * 1e7), longitudeE7: Math.round(longitude! * 1e7) })),
  },
})

/** Two zones that share the border at 60.2° north. */
export const twoZones: outrider.v1.ZoneTable.$Properties = {
  version: 1,
  zones: [
    {
      name: 'north',
      region: 'region-1',
      footprints: [{ name: 'north-a', area: { polygons: [ring(60.2, 24.9, 60.3, 25.1)] }, owner: 'north-1' }],
    },
    {
      name: 'south',
      region: 'region-1',
      footprints: [{ name: 'south-a', area: { polygons: [ring(60.1, 24.9, 60.2, 25.1)] }, owner: 'south-1' }],
    },
  ],
  nodes: [
    { name: 'north-1', zone: 'north', vehicleUrl: 'wss://north.example/v1/vehicle', peerAddress: 'north.example:7000' },
    { name: 'south-1', zone: 'south', vehicleUrl: 'wss://south.example/v1/vehicle', peerAddress: 'south.example:7000' },
  ],
}
