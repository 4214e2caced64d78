import type { Settings } from '@outrider/service'
import type { Origin } from '@outrider/traffic'
import { z } from 'zod'
import { type FleetSettings, fleetSettings, number } from './settings.js'

export interface ReplaySettings extends FleetSettings {
  readonly file: string
  readonly fromS: number | undefined
  readonly untilS: number | undefined
  readonly origin: Origin | undefined
  readonly equippedShare: number
  readonly seed: number
}

const seconds = number(-1e12, 1e12).optional()

/** The environment of a replay, in the order docs/simulator.md lists it. */
export const replaySettings: Settings<ReplaySettings> = {
  file: {
    variable: 'OUTRIDER_REPLAY_FILE',
    type: z.string(),
    allowed: 'the path of a recording: CSV, NDJSON or SUMO FCD XML, plain or gzip',
    why: 'What is replayed (docs/traffic.md).',
  },
  ...fleetSettings,
  fromS: {
    variable: 'OUTRIDER_REPLAY_FROM_S',
    type: seconds,
    allowed: 'seconds in the recording’s own base',
    why: 'Where to begin; unset: with its first sample.',
  },
  untilS: {
    variable: 'OUTRIDER_REPLAY_UNTIL_S',
    type: seconds,
    allowed: 'seconds in the recording’s own base',
    why: 'Where to end; unset: with its last sample.',
  },
  origin: {
    variable: 'OUTRIDER_REPLAY_ORIGIN',
    type: z
      .string()
      .regex(/^-?[\d.]+,-?[\d.]+$/)
      .transform(text => text.split(',').map(Number))
      .refine(([lat, lon]) => Math.abs(lat!) <= 85 && Math.abs(lon!) <= 180)
      .transform(([lat, lon]) => ({ lat: lat!, lon: lon! }))
      .optional(),
    allowed: 'LAT,LON in degrees, latitude within 85',
    why: 'What metres are counted from, for recordings that have no degrees.',
  },
  equippedShare: {
    variable: 'OUTRIDER_REPLAY_EQUIPPED',
    type: number(0, 1).default(1),
    allowed: 'a share, 0 to 1',
    why: 'Share of vehicles that have a connection; chosen by seed and name, so that 5 % are among the 20 %.',
  },
  seed: {
    variable: 'OUTRIDER_REPLAY_SEED',
    type: number(0, 4_294_967_295).int().default(1),
    allowed: 'a whole number, 0 to 4294967295',
    why: 'Chooses who is equipped.',
  },
}
