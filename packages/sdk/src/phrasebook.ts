/** What a language needs to say an alert. Phrases are whole noun phrases that the distance can follow or go round. */
export interface Phrasebook {
  /** By cause code, then by sub-cause; 0 = the cause itself. */
  readonly causes: Readonly<Record<number, Readonly<Record<number, string>> & { readonly 0: string }>>
  /** A cause this SDK does not know. */
  readonly unknownCause: string
  /** A phrase with a rounded distance, to be read by eye or by a speech engine. */
  readonly at: (phrase: string, distance: RoundedDistance, form: Form) => string
  readonly advice: Readonly<
    Record<'slow' | 'stop' | 'keep_lane' | 'change_left' | 'change_right' | 'do_not_overtake' | 'give_way' | 'detour', string>
  >
  readonly slowTo: (kmph: number, form: Form) => string
  /** Said first if the alert is imminent. */
  readonly attention: string
  /** Said first if it is an exercise. */
  readonly exercise: string
}

export type Form = 'written' | 'spoken'

/** A distance as people say it. */
export interface RoundedDistance {
  readonly value: number
  readonly unit: 'm' | 'km'
}

/** Below it a distance is stale by the time it is read. */
const distanceMMin = 25

/** Tens to 100 m, fifties to 500 m, hundreds to 1 km, half kilometres to 5 km, then whole ones; undefined when too near to say. */
export function roundDistance(distanceM: number): RoundedDistance | undefined {
  if (!(distanceM >= distanceMMin)) return undefined
  const stepM = distanceM < 100 ? 10 : distanceM < 500 ? 50 : 100
  const roundedM = Math.round(distanceM / stepM) * stepM
  if (roundedM < 1_000) return { value: roundedM, unit: 'm' }
  const km = distanceM / 1_000
  return { value: km < 5 ? Math.round(km * 2) / 2 : Math.round(km), unit: 'km' }
}
