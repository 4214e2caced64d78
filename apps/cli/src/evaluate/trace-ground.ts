/*
 * The ground a zone reckons on must be known before the first report, and a recording may be a stream. So the first samples are looked at,
 * at most `lookAheadMax` of them or ten seconds, and the zone's middle is their median: one stray position does not move it. The frame
 * reaches 373 km from there; the finely indexed box 25 km, beyond which everything is found as well, only more slowly.
 */
import type { TrafficSample } from '@outrider/traffic'
import type { ZoneGround } from '@outrider/zone'

/** 10 s of 2,000 vehicles at 1 Hz, about 8 MB. */
const lookAheadMax = 20_000
const lookAheadS = 10
const indexedM = 25_000

export interface GroundedSamples {
  /** Undefined = the trace has no sample. */
  readonly ground: ZoneGround | undefined
  /** All samples, those looked at included. To be iterated once. */
  readonly samples: AsyncIterable<TrafficSample>
}

export async function withGround(samples: AsyncIterable<TrafficSample>): Promise<GroundedSamples> {
  const rest = samples[Symbol.asyncIterator]()
  const seen: TrafficSample[] = []
  while (seen.length < lookAheadMax && seen.length > 0 ? seen.at(-1)!.timeS - seen[0]!.timeS <= lookAheadS : seen.length === 0) {
    const next = await rest.next()
    if (next.done === true) break
    seen.push(next.value)
  }
  return { ground: seen.length === 0 ? undefined : groundOf(seen), samples: joined(seen, rest) }
}

function groundOf(seen: readonly TrafficSample[]): ZoneGround {
  return {
    latitudeDeg: medianOf(seen.map(sample => sample.lat)),
    longitudeDeg: medianOf(seen.map(sample => sample.lon)),
    eastM: indexedM,
    northM: indexedM,
  }
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

async function* joined(seen: readonly TrafficSample[], rest: AsyncIterator<TrafficSample>): AsyncGenerator<TrafficSample> {
  try {
    yield* seen
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
