import { logLevels, type Settings } from '@outrider/service'
import { z } from 'zod'

export interface CentralSettings {
  readonly name: string
  readonly authority: string
  readonly dataFolder: string
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  readonly eventLogFolder: string | undefined
  readonly databaseUrl: string | undefined
  readonly requestsPerSecond: number
  readonly keepReportsHours: number
  readonly keepDeliveriesDays: number
  readonly keepAlertsDays: number
  readonly logLevel: (typeof logLevels)[number]
}

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/)
const nameAllowed = '1 to 63 characters of a-z, 0-9, dot, underscore and hyphen, beginning and ending with a letter or digit'
const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)
const whole = (min: number, max: number, fallback: number) => z.coerce.number().int().min(min).max(max).default(fallback)

/** The environment of central, besides Kafka's (docs/event-log.md), in the order docs list it. */
export const centralSettings: Settings<CentralSettings> = {
  name: {
    variable: 'OUTRIDER_CENTRAL_NAME',
    type: name.default('central-1'),
    allowed: nameAllowed,
    why: 'Who this central is: its name as a writer of the event log, where dead letters go.',
  },
  authority: {
    variable: 'OUTRIDER_AUTHORITY',
    type: name.default('outrider.local'),
    allowed: nameAllowed,
    why: 'The tenant. Records of another authority are dead letters: one store never mixes two.',
  },
  dataFolder: {
    variable: 'OUTRIDER_CENTRAL_DATA',
    type: z.string().default('data/central'),
    allowed: 'a folder on a local disk',
    why: 'The embedded store and event log, where no others are given.',
  },
  host: {
    variable: 'OUTRIDER_CENTRAL_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where the public API listens. Loopback until an operator says otherwise.',
  },
  port: {
    variable: 'OUTRIDER_CENTRAL_PORT',
    type: port(7447),
    allowed: 'a port, 0 to 65535; 0 takes a free one',
    why: 'The public API.',
  },
  adminHost: {
    variable: 'OUTRIDER_CENTRAL_ADMIN_HOST',
    type: z.string().default('127.0.0.1'),
    allowed: 'an address of this machine',
    why: 'Where /healthz, /readyz and /metrics listen: details are not for the public.',
  },
  adminPort: {
    variable: 'OUTRIDER_CENTRAL_ADMIN_PORT',
    type: port(7448),
    allowed: 'a port, 0 to 65535; 0 takes a free one',
    why: 'The admin port.',
  },
  eventLogFolder: {
    variable: 'OUTRIDER_EVENT_LOG',
    type: z.string().optional(),
    allowed: 'a folder on a local disk',
    why: 'The embedded event log, the one the region writes, where KAFKA_BROKERS is unset. Unset: event-log in the data folder.',
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    type: z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/)
      .optional(),
    allowed: 'postgres://user:password@host:port/database',
    why: 'PostgreSQL 14 or newer. Unset: an embedded one in the data folder.',
    secret: true,
  },
  requestsPerSecond: {
    variable: 'OUTRIDER_CENTRAL_REQUESTS_PER_SECOND',
    type: whole(1, 100_000, 20),
    allowed: 'a whole number, 1 to 100000',
    why: 'What one address may ask of the public API, with a burst of five times that; a map that looks every second takes one.',
  },
  keepReportsHours: {
    variable: 'OUTRIDER_KEEP_REPORTS_HOURS',
    type: whole(1, 8_760, 24),
    allowed: 'a whole number of hours, 1 to 8760',
    why: 'How long reports are kept: they have a pseudonym and places, and are of use for a day.',
  },
  keepDeliveriesDays: {
    variable: 'OUTRIDER_KEEP_DELIVERIES_DAYS',
    type: whole(1, 3_650, 30),
    allowed: 'a whole number of days, 1 to 3650',
    why: 'How long it is kept who was warned, by pseudonym; dead letters too.',
  },
  keepAlertsDays: {
    variable: 'OUTRIDER_KEEP_ALERTS_DAYS',
    type: whole(1, 36_500, 1_826),
    allowed: 'a whole number of days, 1 to 36500',
    why: 'How long alerts are kept, which name nobody. 1826 days: 5 years.',
  },
  logLevel: {
    variable: 'OUTRIDER_LOG_LEVEL',
    type: z.enum(logLevels).default('info'),
    allowed: `one of ${logLevels.join(', ')}`,
    why: 'What is logged.',
  },
}
