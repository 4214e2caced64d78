import { logLevels, type Settings } from '@outrider/service'
import { z } from 'zod'

export interface RegionSettings {
  readonly name: string
  readonly authority: string
  readonly dataFolder: string
  readonly zoneFile: string
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  readonly insecure: boolean
  readonly tlsCa: string | undefined
  readonly tlsCertificate: string | undefined
  readonly tlsKey: string | undefined
  readonly acknowledge: 'fsync' | 'kafka'
  readonly spoolMib: number
  readonly eventLogFolder: string | undefined
  readonly logLevel: (typeof logLevels)[number]
}

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/)
const nameAllowed = '1 to 63 characters of a-z, 0-9, dot, underscore and hyphen, beginning and ending with a letter or digit'
const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)
const pem = z.string().optional()

/** The environment of a region, besides Kafka's (docs/event-log.md), in the order docs list it. */
export const regionSettings: Settings<RegionSettings> = {
  name: {
    variable: 'OUTRIDER_REGION_NAME',
    type: name.default('region-1'),
    allowed: nameAllowed,
    why: 'Who this region is: the node of the alerts it issues, and the name in its certificate.',
  },
  authority: {
    variable: 'OUTRIDER_AUTHORITY',
    type: name.default('outrider.local'),
    allowed: nameAllowed,
    why: 'The tenant: certificates of another authority are refused, and records carry it.',
  },
  dataFolder: {
    variable: 'OUTRIDER_REGION_DATA',
    type: z.string().default('data/region'),
    allowed: 'a folder on a local disk',
    why: 'The region’s log and its checkpoints. What is acknowledged is there until it is in the event log.',
  },
  zoneFile: {
    variable: 'OUTRIDER_REGION_ZONES',
    type: z.string().default('zones.json'),
    allowed: 'the path of a zone table in JSON',
    why: 'Zones, footprints and nodes (message ZoneTable). Looked at every second; a later version takes the place of the one before.',
  },
  host: {
    variable: 'OUTRIDER_REGION_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where gRPC listens. Loopback until an operator says otherwise.',
  },
  port: {
    variable: 'OUTRIDER_REGION_PORT',
    type: port(7443),
    allowed: 'a port, 0 to 65535; 0 takes a free one',
    why: 'gRPC: uplink and services.',
  },
  adminHost: {
    variable: 'OUTRIDER_REGION_ADMIN_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where /healthz, /readyz and /metrics listen: details are not for the public.',
  },
  adminPort: {
    variable: 'OUTRIDER_REGION_ADMIN_PORT',
    type: port(7444),
    allowed: 'a port, 0 to 65535; 0 takes a free one',
    why: 'The admin port.',
  },
  insecure: {
    variable: 'OUTRIDER_INSECURE',
    type: z
      .enum(['0', '1'])
      .default('0')
      .transform(text => text === '1'),
    allowed: '1 or 0',
    why: '1 runs without keys: anybody may issue and end alerts. For development only, and said loudly.',
  },
  tlsCa: { variable: 'OUTRIDER_TLS_CA', type: pem, allowed: 'the path of ca.pem (outrider keys init)', why: 'Whom this region trusts.' },
  tlsCertificate: {
    variable: 'OUTRIDER_TLS_CERT',
    type: pem,
    allowed: 'the path of a certificate of role region (outrider keys certificate)',
    why: 'Who this region is to others.',
  },
  tlsKey: {
    variable: 'OUTRIDER_TLS_KEY',
    type: pem,
    allowed: 'the path of the key of OUTRIDER_TLS_CERT',
    why: 'Goes with OUTRIDER_TLS_CERT.',
  },
  acknowledge: {
    variable: 'OUTRIDER_REGION_ACK',
    type: z.enum(['fsync', 'kafka']).default('fsync'),
    allowed: 'fsync or kafka',
    why: 'What an acknowledgement waits for: this machine’s disk, or the event log too. kafka survives the loss of the machine and stalls with the event log.',
  },
  spoolMib: {
    variable: 'OUTRIDER_REGION_SPOOL_MIB',
    type: z.coerce.number().int().min(64).max(1_048_576).default(8_192),
    allowed: 'a whole number of MiB, 64 to 1048576',
    why: 'What the region’s log may hold while the event log is away; full, it takes nothing more and nodes keep theirs. 8 GiB: an hour of 10,000 records/s.',
  },
  eventLogFolder: {
    variable: 'OUTRIDER_EVENT_LOG',
    type: z.string().optional(),
    allowed: 'a folder on a local disk',
    why: 'The embedded event log, where KAFKA_BROKERS is unset. Unset: event-log in the data folder.',
  },
  logLevel: {
    variable: 'OUTRIDER_LOG_LEVEL',
    type: z.enum(logLevels).default('info'),
    allowed: `one of ${logLevels.join(', ')}`,
    why: 'What is logged.',
  },
}
