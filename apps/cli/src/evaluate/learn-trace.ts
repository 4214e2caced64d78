import { type EquippedShare, isEquipped, type TrafficSample } from '@outrider/traffic'
import { createReplay, type ReplayPolicies } from './replay-trace.js'
import { withGround } from './trace-ground.js'

export interface LearnOptions {
  readonly samples: AsyncIterable<TrafficSample>
  readonly policies: ReplayPolicies
  readonly equipped?: EquippedShare | undefined
  readonly onSample?: (atS: number) => void
}

/**
 * Runs a zone over a recording for what it learns of usual traffic, and nothing else.
 * @returns what `createReplay` takes as `learned`; undefined if the recording has no sample
 */
export async function learnTrace({ samples, policies, equipped, onSample }: LearnOptions): Promise<Uint8Array | undefined> {
  const grounded = await withGround(samples)
  if (grounded.ground === undefined) return undefined
  const replay = createReplay({ ...policies, ground: grounded.ground })
  for await (const sample of grounded.samples) {
    if (equipped !== undefined && !isEquipped(sample.vehicleId, equipped)) continue
    replay.take(sample)
    onSample?.(sample.timeS)
  }
  replay.end()
  return replay.zone.learned()
}
