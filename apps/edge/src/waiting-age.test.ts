import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWaitingAge } from './waiting-age.js'

const lookMs = 500

it('is right to the time between two looks, whatever is written and acknowledged', () => {
  const step = fc.record({ records: fc.nat({ max: 5 }), acknowledged: fc.nat({ max: 5 }), passMs: fc.integer({ min: 1, max: lookMs }) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), steps => {
      let nowMs = 0
      let lookedAtMs = 0
      const writtenAtMs: number[] = []
      const log = {
        cursor: 0,
        get appendedThrough() {
          return writtenAtMs.length
        },
      }
      const age = createWaitingAge({ log, monotonicMs: () => nowMs })
      for (const { records, acknowledged, passMs } of steps) {
        for (let record = 0; record < records; record++) writtenAtMs.push(nowMs)
        log.cursor = Math.min(writtenAtMs.length, log.cursor + acknowledged)
        nowMs += passMs
        if (nowMs - lookedAtMs >= lookMs) {
          age.look()
          lookedAtMs = nowMs
        }
        const oldest = writtenAtMs[log.cursor]
        const trueMs = oldest === undefined ? 0 : nowMs - oldest
        expect(age.oldestMs()).toBeGreaterThanOrEqual(trueMs)
        // Looks are late by a step at most.
        expect(age.oldestMs()).toBeLessThanOrEqual(oldest === undefined ? 0 : trueMs + 2 * lookMs)
      }
    }),
    { seed: 1, numRuns: 300 },
  )
})

it('knows what has waited for days, in bounded memory, and never less than it has', () => {
  let nowMs = 0
  const log = { cursor: 0, appendedThrough: 0 }
  const age = createWaitingAge({ log, monotonicMs: () => nowMs })
  for (let look = 0; look < 100_000; look++) {
    log.appendedThrough++
    nowMs += lookMs
    age.look()
  }
  expect(age.oldestMs()).toBe(nowMs)
  log.cursor = 50_000
  expect(age.oldestMs()).toBeGreaterThanOrEqual(50_000 * lookMs)
  expect(age.oldestMs()).toBeLessThanOrEqual(51_000 * lookMs)
  log.cursor = log.appendedThrough
  expect(age.oldestMs()).toBe(0)
})
