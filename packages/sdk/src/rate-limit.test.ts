import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.js'

test('no minute sees more than the limit, and a patient sender gets nearly all of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 600 }), fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 300 }), (perMinute, waits) => {
      const limit = createRateLimit(perMinute)
      const taken: number[] = []
      let nowMs = 1_000
      for (const wait of waits) {
        nowMs += wait
        while (limit.take(nowMs)) taken.push(nowMs)
        expect(limit.availableAtMs(nowMs)).toBeGreaterThan(nowMs)
      }
      for (const start of taken) expect(taken.filter(atMs => atMs >= start && atMs < start + 60_000).length).toBeLessThanOrEqual(perMinute)
      const atMs = limit.availableAtMs(nowMs)
      expect(limit.take(atMs)).toBe(true)
    }),
  )
})

test('0 is no limit', () => {
  const limit = createRateLimit(0)
  expect(Array.from({ length: 1_000 }, () => limit.take(5)).every(Boolean)).toBe(true)
  expect(limit.availableAtMs(5)).toBe(5)
})
