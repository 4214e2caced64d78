import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClockOffsetEstimate } from './clock-offset.js'

test('the offset is off by half the best round trip at most, whatever the ways took', () => {
  const delay = fc.double({ min: 0, max: 500, noNaN: true })
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 8 }),
      (offsetMs, ways) => {
        const estimate = createClockOffsetEstimate()
        let nowMs = 1_700_000_000_000
        for (const [upMs, thereMs, downMs] of ways) {
          const askedTimeMs = nowMs
          const receivedTimeMs = nowMs + upMs + offsetMs
          nowMs += upMs + thereMs + downMs
          expect(estimate.take({ askedTimeMs, receivedTimeMs, answeredTimeMs: receivedTimeMs + thereMs }, nowMs)).toBe(true)
        }
        const read = estimate.read()!
        // A double holds ms since 1970 to 0.0002.
        expect(Math.abs(read.offsetMs - offsetMs)).toBeLessThanOrEqual(read.roundTripMs / 2 + 0.01)
        expect(read.roundTripMs).toBeLessThanOrEqual(Math.min(...ways.map(([up, , down]) => up + down)) + 0.01)
      },
    ),
    { seed: 1 },
  )
})

test('a question, or an answer from before a clock was set back, is not taken', () => {
  const estimate = createClockOffsetEstimate()
  expect(estimate.take({ askedTimeMs: 1 }, 5)).toBe(false)
  expect(estimate.take({ askedTimeMs: 100, receivedTimeMs: 50, answeredTimeMs: 50 }, 90)).toBe(false)
  expect(estimate.read()).toBeUndefined()
})

test('a clock that is set is believed at the next exchange, however short the ways were before', () => {
  const estimate = createClockOffsetEstimate()
  const exchange = (askedTimeMs: number, offsetMs: number, wayMs: number) => {
    const receivedTimeMs = askedTimeMs + wayMs + offsetMs
    estimate.take({ askedTimeMs, receivedTimeMs, answeredTimeMs: receivedTimeMs }, askedTimeMs + 2 * wayMs)
  }
  for (let count = 0; count < 8; count++) exchange(1e12 + 5_000 * count, 3, 0.5)
  // Drift and a longer way are no reason to forget.
  exchange(1e12 + 40_000, 20, 30)
  expect(estimate.read()?.offsetMs).toBeCloseTo(3, 2)
  exchange(1e12 + 45_000 - 2_000, 2_003, 30)
  expect(estimate.read()?.offsetMs).toBeCloseTo(2_003, 2)
})
