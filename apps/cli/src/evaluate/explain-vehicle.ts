/*
 * `outrider explain`: the recording is run up to a time, and what the zone thinks of one vehicle is taken down after each of its reports; the
 * last one counts. A sample that is not believed is listed with the reason, though it leaves no trace in the track.
 */
import type { TrafficSample } from '@outrider/traffic'
import type { VehicleView } from '@outrider/zone'
import { createReplay, type Replay, type ReplayPolicies } from './replay-trace.js'
import { withGround } from './trace-ground.js'

/** Hazards and alerts around the vehicle: as far as most alerts reach. */
const withinM = 1_000
const samplesShown = 10

export interface SampleOutcome {
  readonly sample: TrafficSample
  /** Why it was not believed; undefined = it was. */
  readonly implausible: string | undefined
}

export interface Explanation {
  readonly vehicle: string
  /** The time asked for. */
  readonly atS: number
  /** Its last samples until then, the newest first. */
  readonly samples: readonly SampleOutcome[]
  /** What the zone thought after the newest of them that it believed; undefined = it believed none. */
  readonly view: VehicleView | undefined
  /** To be added to the view's monotonic ms to get the trace's. */
  readonly offsetMs: number
}

export interface ExplainOptions {
  readonly samples: AsyncIterable<TrafficSample>
  readonly vehicle: string
  readonly atS: number
  readonly policies: ReplayPolicies
  readonly onSample?: (atS: number) => void
}

/** `firstS` = the vehicle has no sample until then, but its first one later; undefined = none at all. */
export async function explainVehicle(options: ExplainOptions): Promise<Explanation | { readonly firstS: number | undefined }> {
  const { vehicle, atS, policies, onSample } = options
  const grounded = await withGround(options.samples)
  if (grounded.ground === undefined) return { firstS: undefined }
  const replay = createReplay({ ...policies, ground: grounded.ground })
  const seen: SampleOutcome[] = []
  let view: VehicleView | undefined
  for await (const sample of grounded.samples) {
    const isOwn = sample.vehicleId === vehicle
    if (sample.timeS > atS) {
      if (seen.length > 0) break
      if (isOwn) return { firstS: sample.timeS }
      continue
    }
    const before = isOwn ? { ...replay.zone.counts.samplesImplausible } : undefined
    const samplesBefore = replay.zone.counts.samples
    replay.take(sample)
    onSample?.(sample.timeS)
    if (before === undefined) continue
    const implausible = replay.zone.counts.samples === samplesBefore ? 'refused before it was looked at' : reasonSince(before, replay)
    seen.unshift({ sample, implausible })
    if (seen.length > samplesShown) seen.pop()
    const row = replay.vehicles.rowOf(vehicle)
    if (implausible === undefined && row !== undefined) view = replay.zone.view(row, withinM)
  }
  if (seen.length === 0) return { firstS: undefined }
  return { vehicle, atS, samples: seen, view, offsetMs: Math.round(replay.clock.nowS() * 1_000) - replay.clock.monotonicMs() }
}

function reasonSince(before: Readonly<Record<string, number>>, { zone }: Replay): string | undefined {
  return Object.entries(zone.counts.samplesImplausible).find(([reason, count]) => count > (before[reason] ?? 0))?.[0]
}
