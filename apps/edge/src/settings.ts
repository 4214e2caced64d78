import { type LogLevel, logLevels, type Settings } from '@outrider/service'
import { z } from 'zod'

export interface EdgeSettings {
  readonly name: string
  readonly authority: string
  readonly dataFolder: string
  readonly zoneFile: string
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  readonly insecure: boolean
  readonly keyFile: string | undefined
  /** host:port; undefined = an island. */
  readonly region: string | undefined
  readonly peerHost: string
  /** Undefined = no links to other nodes. */
  readonly peerPort: number | undefined
  readonly tlsCa: string | undefined
  readonly tlsCertificate: string | undefined
  readonly tlsKey: string | undefined
  readonly origins: readonly string[]
  readonly vehiclesMax: number
  readonly handshakesPerSecond: number
  readonly handshakesPerSecondAddress: number
  readonly messagesPerSecond: number
  readonly messagesPerSecondVehicle: number
  readonly frameWithinMs: number
  readonly idleMs: number
  readonly drainMs: number
  readonly spoolMib: number
  readonly logLevel: LogLevel
}

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/)
const nameAllowed = '1 to 63 characters of a-z, 0-9, dot, underscore and hyphen, beginning and ending with a letter or digit'
const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)
const portAllowed = 'a port, 0 to 65535; 0 takes a free one'
const pem = z.string().optional()
const whole = (min: number, max: number, fallback: number) => z.coerce.number().int().min(min).max(max).default(fallback)

/** The environment of an edge node, in the order docs/edge.md lists it. */
export const edgeSettings: Settings<EdgeSettings> = {
  name: {
    variable: 'OUTRIDER_EDGE_NAME',
    type: name.default('edge-1'),
    allowed: nameAllowed,
    why: 'Which node of the zone table this is; the node of the alerts it issues.',
  },
  authority: {
    variable: 'OUTRIDER_AUTHORITY',
    type: name.default('outrider.local'),
    allowed: nameAllowed,
    why: 'The tenant: tokens of another authority are refused, and records carry it.',
  },
  dataFolder: {
    variable: 'OUTRIDER_EDGE_DATA',
    type: z.string().default('data/edge'),
    allowed: 'a folder on a local disk',
    why: 'The two logs, the last good zone table, and what was learned of usual traffic. What is acknowledged is there until the region has it.',
  },
  zoneFile: {
    variable: 'OUTRIDER_EDGE_ZONES',
    type: z.string().default('zones.json'),
    allowed: 'the path of a zone table in JSON',
    why: 'Zones, footprints and nodes (message ZoneTable). Looked at every second; a later version takes the place of the one before.',
  },
  host: {
    variable: 'OUTRIDER_EDGE_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where vehicles connect. Loopback until an operator says otherwise; TLS ends in front of it.',
  },
  port: { variable: 'OUTRIDER_EDGE_PORT', type: port(7445), allowed: portAllowed, why: 'WebSocket and public HTTP.' },
  adminHost: {
    variable: 'OUTRIDER_EDGE_ADMIN_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where metrics and details listen: they are not for the public.',
  },
  adminPort: { variable: 'OUTRIDER_EDGE_ADMIN_PORT', type: port(7446), allowed: portAllowed, why: 'The admin port.' },
  insecure: {
    variable: 'OUTRIDER_INSECURE',
    type: z
      .enum(['0', '1'])
      .default('0')
      .transform(text => text === '1'),
    allowed: '1 or 0',
    why: '1 runs without keys: anybody is a vehicle. For development only, and said loudly.',
  },
  keyFile: {
    variable: 'OUTRIDER_EDGE_KEYS',
    type: z.string().optional(),
    allowed: 'the path of jwks.json (outrider keys init)',
    why: 'Public keys of the token issuer, read again every two seconds.',
  },
  region: {
    variable: 'OUTRIDER_EDGE_REGION',
    type: z
      .string()
      .regex(/^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]+\]):[1-9]\d{0,4}$/i)
      .optional(),
    allowed: 'host:port of the region’s gRPC',
    why: 'Takes the records, brings alerts of elsewhere. Unset: an island, whose alerts stay in its zone and whose records stay on its disk.',
  },
  peerHost: {
    variable: 'OUTRIDER_EDGE_PEER_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where neighbouring nodes connect (gRPC).',
  },
  peerPort: {
    variable: 'OUTRIDER_EDGE_PEER_PORT',
    type: z.coerce.number().int().min(0).max(65_535).optional(),
    allowed: portAllowed,
    why: 'Links with neighbouring nodes: warnings cross the border without any region. The zone table has the address of each. Unset: no links.',
  },
  tlsCa: {
    variable: 'OUTRIDER_TLS_CA',
    type: pem,
    allowed: 'the path of ca.pem (outrider keys init)',
    why: 'Whom this node trusts to be its region, or a neighbour.',
  },
  tlsCertificate: {
    variable: 'OUTRIDER_TLS_CERT',
    type: pem,
    allowed: 'the path of a certificate of role node (outrider keys certificate)',
    why: 'Who this node is to its region and to neighbours; of its own name.',
  },
  tlsKey: {
    variable: 'OUTRIDER_TLS_KEY',
    type: pem,
    allowed: 'the path of the key of OUTRIDER_TLS_CERT',
    why: 'Goes with OUTRIDER_TLS_CERT.',
  },
  origins: {
    variable: 'OUTRIDER_EDGE_ORIGINS',
    type: z
      .string()
      .default('')
      .transform(text => text.split(',').filter(origin => origin !== ''))
      .refine(list => list.length <= 64 && list.every(origin => origin === '*' || /^https?:\/\/[^/\s]+$/.test(origin))),
    allowed: 'up to 64 origins such as https://map.example, apart by commas, or *',
    why: 'Whose pages may connect from a browser. None: requests with an Origin header are refused; vehicles send none.',
  },
  vehiclesMax: {
    variable: 'OUTRIDER_EDGE_VEHICLES',
    type: whole(1, 1_000_000, 20_000),
    allowed: 'a whole number, 1 to 1000000',
    why: 'Vehicles at once, 3 KiB each; more are closed with code 4103.',
  },
  handshakesPerSecond: {
    variable: 'OUTRIDER_EDGE_HANDSHAKES',
    type: whole(1, 100_000, 1_000),
    allowed: 'a whole number a second, 1 to 100000',
    why: 'Requests in all, a second’s worth at once. A signature takes 0.1 ms: 1,000 are a tenth of a core, and 20,000 vehicles are back in 20 s.',
  },
  handshakesPerSecondAddress: {
    variable: 'OUTRIDER_EDGE_HANDSHAKES_ADDRESS',
    type: whole(1, 100_000, 200),
    allowed: 'a whole number a second, 1 to 100000',
    why: 'Requests of one address, two seconds’ worth at once: a carrier has many vehicles behind one. Behind a proxy all have one; raise it there.',
  },
  messagesPerSecond: {
    variable: 'OUTRIDER_EDGE_MESSAGES',
    type: whole(100, 1_000_000, 30_000),
    allowed: 'a whole number a second, 100 to 1000000',
    why: 'Messages in all; beyond, telemetry is shed: far from alerts first, at one and a half times all of it. 20,000 vehicles at 1 Hz and half as much again.',
  },
  messagesPerSecondVehicle: {
    variable: 'OUTRIDER_EDGE_MESSAGES_VEHICLE',
    type: whole(5, 10_000, 50),
    allowed: 'a whole number a second, 5 to 10000',
    why: 'Messages of one vehicle, ten seconds’ worth at once; beyond, it is closed with 4101. Reports have lower limits of their own; this bounds the rest.',
  },
  frameWithinMs: {
    variable: 'OUTRIDER_EDGE_FRAME_MS',
    type: whole(1_000, 300_000, 20_000),
    allowed: 'a whole number of ms, 1000 to 300000',
    why: 'No frame came to an end for so long, not even the answer to a ping: half-open, or dripped byte by byte. 20 s carry 4 KB at 2 kbit/s.',
  },
  idleMs: {
    variable: 'OUTRIDER_EDGE_IDLE_MS',
    type: whole(1_000, 3_600_000, 300_000),
    allowed: 'a whole number of ms, 1000 to 3600000',
    why: 'Answers pings and says nothing for so long; the longest report interval is 5 s.',
  },
  drainMs: {
    variable: 'OUTRIDER_EDGE_DRAIN_MS',
    type: whole(0, 20_000, 1_000),
    allowed: 'a whole number of ms, 0 to 20000',
    why: 'How long vehicles have to leave by themselves at a stop. Ctrl-C is expected to take 5 s in all.',
  },
  spoolMib: {
    variable: 'OUTRIDER_EDGE_SPOOL_MIB',
    type: whole(64, 1_048_576, 8_192),
    allowed: 'a whole number of MiB, 64 to 1048576',
    why: 'What each of the two logs may hold while the region is away; full, it takes nothing more and the node goes on warning.',
  },
  logLevel: {
    variable: 'OUTRIDER_LOG_LEVEL',
    type: z.enum(logLevels).default('info'),
    allowed: `one of ${logLevels.join(', ')}`,
    why: 'What is logged.',
  },
}
