import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClockOffset } from './clock-offset.js'

const delay = fc.double({ min: 0, max: 5_000, noNaN: true })

test('the offset is right within the error it states, however lopsided the delays', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 30 }),
      (lead, exchanges) => {
        const offset = createClockOffset()
        let nowMs = 0
        for (const [there, thinking, back] of exchanges) {
          const askedAtMs = nowMs
          const receivedTimeMs = askedAtMs + there + lead
          nowMs += there + thinking + back
          offset.add({ askedAtMs, receivedTimeMs, answeredTimeMs: receivedTimeMs + thinking, answeredAtMs: nowMs })
        }
        expect(Math.abs(offset.nodeLessMonotonicMs! - lead)).toBeLessThanOrEqual(offset.errorMs! + 1e-6)
        const shortest = Math.min(...exchanges.slice(-8).map(([there, , back]) => there + back))
        expect(offset.errorMs!).toBeCloseTo(shortest / 2 + 1, 5)
      },
    ),
  )
})

test('an answer that took less than no time is not believed', () => {
  const offset = createClockOffset()
  offset.add({ askedAtMs: 0, receivedTimeMs: 0, answeredTimeMs: 100, answeredAtMs: 50 })
  expect(offset.nodeLessMonotonicMs).toBeUndefined()
})
