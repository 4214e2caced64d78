// Attacks of the kinds on generated trips: who lies about its position is found within five samples, who is honest is left alone.
import { describe, expect, it } from 'vitest'
import { createScene, type SceneSample } from './test-scene.js'

/** mulberry32: the trips are the same in every run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A trip through a town: 4 to 20 m/s, lights, turns; each receiver errs by its own few metres, drifting. */
function trip(random: () => number, seconds: number, stepMs: number): SceneSample[] {
  const samples: SceneSample[] = []
  let speedMps = 8 + random() * 6
  let wantedMps = speedMps
  let headingDeg = random() * 360
  let turnDegps = 0
  let eastM = 0
  let northM = 0
  let errorEastM = random() * 4 - 2
  let errorNorthM = random() * 4 - 2
  for (let atMs = 0; atMs <= seconds * 1_000; atMs += 100) {
    if (atMs % 8_000 === 0) wantedMps = random() < 0.2 ? 0 : 4 + random() * 16
    if (atMs % 10_000 === 0) turnDegps = random() < 0.3 ? (random() < 0.5 ? -18 : 18) : 0
    if (atMs % 10_000 === 5_000) turnDegps = 0
    speedMps += Math.max(-0.35, Math.min(0.25, wantedMps - speedMps))
    speedMps = Math.max(0, speedMps)
    if (speedMps > 1) headingDeg = (headingDeg + (turnDegps * Math.min(1, 8 / speedMps)) / 10 + 360) % 360
    eastM += Math.sin((headingDeg * Math.PI) / 180) * speedMps * 0.1
    northM += Math.cos((headingDeg * Math.PI) / 180) * speedMps * 0.1
    if (atMs % stepMs !== 0) continue
    errorEastM = 0.95 * errorEastM + (random() - 0.5) * 1.6
    errorNorthM = 0.95 * errorNorthM + (random() - 0.5) * 1.6
    samples.push({ atMs, eastM: eastM + errorEastM, northM: northM + errorNorthM, speedMps, headingDeg: Math.min(359.9, headingDeg) })
  }
  return samples
}

type Lie = (sample: SceneSample, index: number, first: SceneSample, random: () => number) => { eastM: number; northM: number }
const lies: Record<string, Lie> = {
  'constant position': (_, __, first) => ({ eastM: first.eastM + 400, northM: first.northM - 700 }),
  'constant offset': ({ eastM, northM }) => ({ eastM: eastM + 250, northM: northM - 150 }),
  random: (_, __, ___, random) => ({ eastM: random() * 4_000 - 2_000, northM: random() * 4_000 - 2_000 }),
  'random offset': ({ eastM, northM }, _, __, random) => ({
    eastM: eastM + random() * 600 - 300,
    northM: northM + random() * 600 - 300,
  }),
  'eventual stop': (_, __, { eastM, northM }) => ({ eastM, northM }),
}

/** The highest distrust of the `count` samples from `from` on. */
function distrustOf(samples: readonly SceneSample[], from = 0, count = samples.length): number {
  const scene = createScene()
  let highest = 0
  for (const [index, sample] of samples.entries()) {
    scene.drive(0, sample)
    if (index >= from && index < from + count) highest = Math.max(highest, scene.tracks.distrust[0]!)
  }
  return highest
}

const trips = 200
const { distrustMax } = createScene().policy

describe('senders who begin to lie in the middle of a trip', () => {
  for (const stepMs of [500, 1_000, 2_000]) {
    for (const [name, lie] of Object.entries(lies)) {
      it(`are found within five samples in 95 of 100 trips: ${name}, every ${stepMs} ms`, () => {
        const random = randomOf(7 * stepMs + name.length)
        let found = 0
        for (let number = 0; number < trips; number++) {
          const honest = trip(random, 60, stepMs)
          // A vehicle that stands, and says it stands where it stands, does not lie: the lie begins while it drives and goes on driving.
          const isDriving = (at: number) => honest.slice(at, at + 6).every(sample => sample.speedMps! >= 4)
          const starts = honest.map((_, at) => at).filter(at => at > 8 && at < honest.length - 6 && isDriving(at))
          if (starts.length === 0) {
            number--
            continue
          }
          const from = starts[Math.floor(random() * starts.length)]!
          const told = honest
            .slice(0, from + 5)
            .map((sample, at) => (at < from ? sample : { ...sample, ...lie(sample, at, honest[from]!, random) }))
          if (distrustOf(told, from, 5) > distrustMax) found++
        }
        expect(found / trips).toBeGreaterThanOrEqual(0.95)
      })
    }
  }
})

describe('honest senders', () => {
  /** What happens to receivers: nothing, a jump of up to 50 m that stays or comes back, a tunnel, a receiver of 1 Hz in reports of more. */
  const decoys: Record<string, (samples: SceneSample[], random: () => number) => SceneSample[]> = {
    nothing: samples => samples,
    'a jump and back': (samples, random) => {
      const from = 10 + Math.floor(random() * 20)
      const long = 1 + Math.floor(random() * 12)
      const angle = random() * 2 * Math.PI
      const jumpM = random() * 50
      return samples.map((sample, at) =>
        at < from || at >= from + long
          ? sample
          : { ...sample, eastM: sample.eastM + Math.cos(angle) * jumpM, northM: sample.northM + Math.sin(angle) * jumpM },
      )
    },
    'a tunnel': (samples, random) => {
      const from = 10 + Math.floor(random() * 15)
      const off = random() * 50
      return samples.flatMap((sample, at) =>
        at >= from && at < from + 15 ? [] : at >= from + 15 && at < from + 18 ? [{ ...sample, eastM: sample.eastM + off }] : [sample],
      )
    },
  }
  for (const stepMs of [100, 500, 1_000, 5_000]) {
    for (const [name, happens] of Object.entries(decoys)) {
      it(`are not accused in 199 of 200 trips: ${name}, every ${stepMs} ms`, () => {
        const random = randomOf(11 * stepMs + name.length)
        let accused = 0
        for (let number = 0; number < trips; number++) {
          if (distrustOf(happens(trip(random, (stepMs * 60) / 1_000, stepMs), random)) > distrustMax) accused++
        }
        expect(accused / trips).toBeLessThanOrEqual(0.005)
      })
    }
  }
})
