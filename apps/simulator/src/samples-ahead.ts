// A recording read ahead of its clock: far enough to connect vehicles before their first sample is due, and to see who has no more samples.
import type { TrafficSample } from '@outrider/traffic'

/** How far it is read ahead, in the recording's seconds. */
export const aheadS = 10
/** Samples held at most, about 100 MB; with more in 10 s it is read less far ahead. */
const heldMax = 250_000
/** A recording is looked into again this often. */
const pollMs = 50

export interface SamplesAhead {
  /** Reads until `aheadS` beyond the clock, or to the end; resolves at the end or when stopped. Throws what the recording throws. */
  read(): Promise<void>
  /** Resolves once `aheadS` are there, or all there is. */
  filled(): Promise<void>
  /** The next sample that is due by `untilS`, taken out. */
  take(untilS: number): TrafficSample | undefined
  /** The first sample that waits. */
  readonly next: TrafficSample | undefined
  /** Whether any of a vehicle's samples wait. */
  holds(vehicle: string): boolean
  readonly isAtEnd: boolean
  stop(): void
}

export interface SamplesAheadOptions {
  readonly samples: AsyncIterable<TrafficSample>
  /** The recording's clock, s; undefined while it stands at the first sample. */
  readonly clockS: () => number | undefined
  /** Which samples count; `end` = no more of them. */
  readonly judge: (sample: TrafficSample) => 'take' | 'skip' | 'end'
  /** A sample was read. */
  readonly onRead: (sample: TrafficSample) => void
}

export function createSamplesAhead({ samples, clockS, judge, onRead }: SamplesAheadOptions): SamplesAhead {
  let held: TrafficSample[] = []
  let taken = 0
  const counts = new Map<string, number>()
  let isAtEnd = false
  let isStopped = false

  const isFull = () => {
    const last = held.at(-1)
    if (last === undefined || taken === held.length) return false
    return held.length - taken >= heldMax || last.timeS > (clockS() ?? held[taken]!.timeS) + aheadS
  }
  const pause = () => new Promise(resolve => setTimeout(resolve, pollMs))

  return {
    async read() {
      try {
        for await (const sample of samples) {
          const verdict = judge(sample)
          if (verdict === 'end' || isStopped) break
          if (verdict === 'skip') continue
          held.push(sample)
          counts.set(sample.vehicleId, (counts.get(sample.vehicleId) ?? 0) + 1)
          onRead(sample)
          while (isFull() && !isStopped) await pause()
        }
      } finally {
        isAtEnd = true
      }
    },
    async filled() {
      while (!isFull() && !isAtEnd) await pause()
    },
    take(untilS) {
      const sample = held[taken]
      if (sample === undefined || sample.timeS > untilS) return undefined
      taken++
      if (taken >= 4_096 || taken === held.length) {
        held = held.slice(taken)
        taken = 0
      }
      const left = counts.get(sample.vehicleId)! - 1
      if (left === 0) counts.delete(sample.vehicleId)
      else counts.set(sample.vehicleId, left)
      return sample
    },
    get next() {
      return held[taken]
    },
    holds: vehicle => counts.has(vehicle),
    get isAtEnd() {
      return isAtEnd && taken === held.length
    },
    stop() {
      isStopped = true
    },
  }
}
