import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTelemetryBatch } from './telemetry-batch.js'
import type { WireSample } from './wire-sample.js'

const sample = (timeMs: number): WireSample => ({ timeMs, sample: {}, events: 0, isStatement: false, verdicts: [] })

test('what is taken fits a frame: in order, few enough, within ten seconds, the newest among them, none lost uncounted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -2_000, max: 15_000 }), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 500 }),
      (steps, samplesMax, gapMs) => {
        const batch = createTelemetryBatch()
        let timeMs = 1_000_000
        let givenUp = 0
        for (const step of steps) {
          timeMs += step
          givenUp += batch.add(sample(timeMs), 0, gapMs, samplesMax)
          expect(batch.size).toBeLessThanOrEqual(samplesMax)
        }
        const times = batch.take(0).samples.map(taken => taken.timeMs)
        expect(times).toEqual([...times].sort((a, b) => a - b))
        expect(times.at(-1)! - times[0]!).toBeLessThanOrEqual(10_000)
        expect(times.length + givenUp).toBe(steps.length)
        expect(batch.size).toBe(0)
        if (steps.every(step => step >= 0)) expect(times.at(-1)).toBe(timeMs)
      },
    ),
  )
})

test('a tenth of an interval apart is kept although the clock jitters', () => {
  const batch = createTelemetryBatch()
  for (const timeMs of [0, 101, 199, 302, 399, 500, 599, 701, 800, 899]) batch.add(sample(timeMs), 0, 90, 10)
  expect(batch.size).toBe(10)
})
