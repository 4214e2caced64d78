import { TrafficError } from '../traffic-error.js'

export interface CityOptions {
  /** Whole, 0..2³²-1. The same options with the same seed give the same city. */
  readonly seed: number
  /** Vehicles, 1..20,000. */
  readonly vehicles: number
  /** Middle of the city, WGS84 degrees, latitude within ±80. */
  readonly originLat: number
  readonly originLon: number
  /** Junctions along a side, 5..80, 220 m apart; default: as many as give a vehicle some 200 m of lane. */
  readonly size?: number
  /** Share of vehicles with condition sensors, 0..1; default 0.3. */
  readonly conditionShare?: number
  /** Share of vehicles with an accurate receiver (1 to 3 m, others 6 to 15 m, as they state themselves), 0..1; default 0.7. */
  readonly accurateShare?: number
  /** Report interval until asked for another, 0.1..5 s; default 1. */
  readonly intervalS?: number
  /** Mean time between hazards, 1..86,400 s, or 0 for none; the first comes after 3 s; default 20. */
  readonly hazardEveryS?: number
  /** Mean time between staged decoys, likewise; default 15. Lights, queues and bus stops are always there. */
  readonly decoyEveryS?: number
  /** Scenes at a time, 0..1000; default one per 25 vehicles, at least 2, so that the city does not jam. */
  readonly scenesMax?: number
}

const share = { min: 0, max: 1, is: '0 to 1' }
const every = { min: 0, max: 86_400, is: '0 for none, or 1 to 86,400 seconds' }

const ranges: Record<keyof CityOptions, { readonly min: number; readonly max: number; readonly is: string; readonly whole?: boolean }> = {
  seed: { min: 0, max: 4_294_967_295, is: 'a whole number from 0 to 4,294,967,295', whole: true },
  vehicles: { min: 1, max: 20_000, is: 'a whole number from 1 to 20,000', whole: true },
  originLat: { min: -80, max: 80, is: '-80 to 80 degrees' },
  originLon: { min: -180, max: 180, is: '-180 to 180 degrees' },
  size: { min: 5, max: 80, is: 'a whole number from 5 to 80', whole: true },
  conditionShare: share,
  accurateShare: share,
  intervalS: { min: 0.1, max: 5, is: '0.1 to 5 seconds' },
  hazardEveryS: every,
  decoyEveryS: every,
  scenesMax: { min: 0, max: 1000, is: 'a whole number from 0 to 1000', whole: true },
}

/** Partial in, complete and frozen out. Throws `TrafficError` option_invalid. */
export function completeOptions(options: CityOptions): Required<CityOptions> {
  const complete = {
    // A block has about 1.2 km of lane (two streets, most with two lanes in all), so this is some 5 vehicles per km.
    size: Math.min(80, Math.max(5, Math.round(Math.sqrt(options.vehicles / 4.5)))),
    conditionShare: 0.3,
    accurateShare: 0.7,
    intervalS: 1,
    hazardEveryS: 20,
    decoyEveryS: 15,
    scenesMax: Math.max(2, Math.floor(options.vehicles / 25)),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  } as Required<CityOptions>
  for (const [name, range] of Object.entries(ranges)) {
    const { min, max, is, whole } = range
    const value = complete[name as keyof CityOptions]
    const isTooOften = range === every && value > 0 && value < 1
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value)) || isTooOften) {
      throw new TrafficError('option_invalid', `${name} is ${value}; must be ${is}`)
    }
  }
  return Object.freeze(complete)
}
