// Who runs, with which settings: the environment of each process of `outrider up`.
import type { ChildSpec } from './child.js'
import { cityMiddle } from './city-zones.js'
import type { Ports } from './free-ports.js'
import type { UpFolder } from './up-folder.js'
import { authority, type UpKeys } from './up-keys.js'

export const edgeNames = ['edge-1', 'edge-2'] as const
export const regionName = 'region-1'

export interface TierOptions {
  readonly folder: UpFolder
  readonly keys: UpKeys
  readonly ports: Ports
  /** Of this process: PATH and the like, Kafka's and PostgreSQL's variables, and further settings of the apps. */
  readonly inherited: Readonly<Record<string, string | undefined>>
}

export interface CityRun {
  readonly vehicles: number
  readonly seed: number
  /** Mean time between hazards, s. */
  readonly hazardEveryS: number
}

/** The tiers, to be started together: each waits for the others by itself. */
export function tierSpecs({ folder, keys, ports, inherited }: TierOptions): ChildSpec[] {
  const base = baseOf(inherited)
  const eventLog = folder.in('event-log')
  const region: ChildSpec = {
    name: regionName,
    app: 'region',
    environment: {
      ...base,
      ...tlsOf(keys, 'region', regionName),
      OUTRIDER_REGION_NAME: regionName,
      OUTRIDER_REGION_DATA: folder.in('region'),
      OUTRIDER_REGION_ZONES: folder.in('zones.json'),
      OUTRIDER_REGION_PORT: String(ports.region),
      OUTRIDER_REGION_ADMIN_PORT: String(ports.regionAdmin),
      OUTRIDER_EVENT_LOG: eventLog,
    },
  }
  const central: ChildSpec = {
    name: 'central',
    app: 'central',
    environment: {
      ...base,
      OUTRIDER_CENTRAL_DATA: folder.in('central'),
      OUTRIDER_CENTRAL_PORT: String(ports.central),
      OUTRIDER_CENTRAL_ADMIN_PORT: String(ports.centralAdmin),
      OUTRIDER_EVENT_LOG: eventLog,
    },
  }
  const edges = edgeNames.map(name => ({
    name,
    app: 'edge' as const,
    environment: {
      OUTRIDER_EDGE_DRAIN_MS: '500',
      ...base,
      ...tlsOf(keys, 'node', name),
      OUTRIDER_EDGE_NAME: name,
      OUTRIDER_EDGE_DATA: folder.in(name),
      OUTRIDER_EDGE_ZONES: folder.in('zones.json'),
      OUTRIDER_EDGE_PORT: String(ports[name]),
      OUTRIDER_EDGE_ADMIN_PORT: String(ports[`${name}Admin`]),
      OUTRIDER_EDGE_PEER_PORT: String(ports[`${name}Peer`]),
      OUTRIDER_EDGE_KEYS: keys.keySet,
      OUTRIDER_EDGE_REGION: `127.0.0.1:${ports.region}`,
    },
  }))
  return [region, central, ...edges]
}

/** The city drives once the nodes serve. */
export function simulatorSpec({ keys, ports, inherited }: TierOptions, { vehicles, seed, hazardEveryS }: CityRun): ChildSpec {
  return {
    name: 'simulator',
    app: 'simulator',
    environment: {
      ...baseOf(inherited),
      OUTRIDER_SIMULATOR_URL: vehicleUrl(ports, 'edge-1'),
      OUTRIDER_SIMULATOR_KEYS: keys.folder,
      OUTRIDER_SIMULATOR_VEHICLES: String(vehicles),
      OUTRIDER_SIMULATOR_SEED: String(seed),
      OUTRIDER_SIMULATOR_LATITUDE: String(cityMiddle.latitude),
      OUTRIDER_SIMULATOR_LONGITUDE: String(cityMiddle.longitude),
      OUTRIDER_SIMULATOR_HAZARD_S: String(hazardEveryS),
    },
  }
}

export function vehicleUrl(ports: Ports, name: (typeof edgeNames)[number]): string {
  return `ws://127.0.0.1:${ports[name]}`
}

function tlsOf(keys: UpKeys, role: 'node' | 'region', name: string): Record<string, string> {
  const { certificate, key } = keys.certificate(role, name)
  return { OUTRIDER_TLS_CA: keys.ca, OUTRIDER_TLS_CERT: certificate, OUTRIDER_TLS_KEY: key }
}

/** Everything runs with keys here and on loopback, whatever this process was told. */
function baseOf(inherited: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(given), OUTRIDER_AUTHORITY: authority, OUTRIDER_INSECURE: '0' }
}
