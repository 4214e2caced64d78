import { type LogLevel, logLevels, type Settings } from '@outrider/service'
import { z } from 'zod'

/** Where vehicles of a run connect and who they are: alike for the city and for a recording. */
export interface FleetSettings {
  readonly url: string
  readonly keyFolder: string | undefined
  readonly insecure: boolean
  readonly connectsPerSecond: number
  readonly logLevel: LogLevel
}

export interface SimulatorSettings extends FleetSettings {
  readonly vehicles: number
  readonly seed: number
  readonly durationS: number
  readonly latitude: number
  readonly longitude: number
  readonly hazardEveryS: number
  readonly decoyEveryS: number
  readonly acceptedFile: string | undefined
}

export const number = (min: number, max: number) => z.coerce.number().min(min).max(max)
const whole = (min: number, max: number, fallback: number) => number(min, max).int().default(fallback)

export const fleetSettings: Settings<FleetSettings> = {
  url: {
    variable: 'OUTRIDER_SIMULATOR_URL',
    type: z
      .string()
      .regex(/^wss?:\/\/[^/#\s]+/)
      .refine(url => URL.canParse(url))
      .default('ws://127.0.0.1:7445'),
    allowed: 'the URL of any edge node, ws://… or wss://…',
    why: 'Each vehicle asks it which node its position belongs to (/v1/locate) and connects there.',
  },
  keyFolder: {
    variable: 'OUTRIDER_SIMULATOR_KEYS',
    type: z.string().optional(),
    allowed: 'the folder that outrider keys init made',
    why: 'The issuer’s key in it makes a token for every vehicle.',
  },
  insecure: {
    variable: 'OUTRIDER_INSECURE',
    type: z
      .enum(['0', '1'])
      .default('0')
      .transform(text => text === '1'),
    allowed: '1 or 0',
    why: '1 drives without keys, against nodes that run with it too.',
  },
  connectsPerSecond: {
    variable: 'OUTRIDER_SIMULATOR_CONNECTS',
    type: whole(1, 10_000, 80),
    allowed: 'a whole number a second, 1 to 10000',
    why: 'Vehicles that connect. Each asks for its node and opens a socket, all from one address, which a node allows 200 requests a second.',
  },
  logLevel: {
    variable: 'OUTRIDER_LOG_LEVEL',
    type: z.enum(logLevels).default('info'),
    allowed: `one of ${logLevels.join(', ')}`,
    why: 'What is logged.',
  },
}

/** The environment of the simulator, in the order docs/simulator.md lists it. */
export const simulatorSettings: Settings<SimulatorSettings> = {
  ...fleetSettings,
  vehicles: {
    variable: 'OUTRIDER_SIMULATOR_VEHICLES',
    type: whole(1, 20_000, 300),
    allowed: 'a whole number, 1 to 20000',
    why: 'Vehicles on the road at once.',
  },
  seed: {
    variable: 'OUTRIDER_SIMULATOR_SEED',
    type: whole(0, 4_294_967_295, 1),
    allowed: 'a whole number, 0 to 4294967295',
    why: 'The same seed is the same city with the same hazards, and the same vehicles.',
  },
  durationS: {
    variable: 'OUTRIDER_SIMULATOR_DURATION_S',
    type: number(0, 604_800).default(0),
    allowed: 'seconds, 0 to 604800; 0 goes on until stopped',
    why: 'How long the city drives, counted from when all vehicles have connected.',
  },
  latitude: {
    variable: 'OUTRIDER_SIMULATOR_LATITUDE',
    type: number(-80, 80).default(53.55),
    allowed: 'degrees, -80 to 80',
    why: 'Middle of the city: on the border of two nodes’ footprints, vehicles change between them.',
  },
  longitude: {
    variable: 'OUTRIDER_SIMULATOR_LONGITUDE',
    type: number(-180, 180).default(9.99),
    allowed: 'degrees, -180 to 180',
    why: 'As the latitude.',
  },
  hazardEveryS: {
    variable: 'OUTRIDER_SIMULATOR_HAZARD_S',
    type: number(0, 86_400).default(20),
    allowed: '0 for none, or 1 to 86400 seconds',
    why: 'Mean time between hazards; the first comes after 3 s.',
  },
  decoyEveryS: {
    variable: 'OUTRIDER_SIMULATOR_DECOY_S',
    type: number(0, 86_400).default(15),
    allowed: '0 for none, or 1 to 86400 seconds',
    why: 'Mean time between staged decoys: what looks like a hazard and is none.',
  },
  acceptedFile: {
    variable: 'OUTRIDER_SIMULATOR_ACCEPTED',
    type: z.string().optional(),
    allowed: 'the path of a file, with OUTRIDER_SIMULATOR_KEYS',
    why: 'Every report that a node acknowledged as durable is written there: pseudonym and number. Proves later that none was lost.',
  },
}

/** What the table alone cannot say: keys, or the word that there are none. Each problem is a line. */
export function checkIdentity({
  keyFolder,
  insecure,
  acceptedFile,
}: FleetSettings & { readonly acceptedFile?: string | undefined }): readonly string[] {
  const { variable, allowed } = fleetSettings.keyFolder
  if (keyFolder === undefined && !insecure) {
    return [`${variable} is unset; must be ${allowed}`, 'OUTRIDER_INSECURE=1 drives without keys, for development only']
  }
  if (keyFolder !== undefined && insecure) return [`OUTRIDER_INSECURE is "1"; must be 0 or unset, as ${variable} is given`]
  // Without keys only the node knows a vehicle's pseudonym.
  if (acceptedFile !== undefined && insecure) return [`${simulatorSettings.acceptedFile.variable} is given; must be unset without keys`]
  return []
}
