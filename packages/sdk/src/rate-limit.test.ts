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

test('a node’s bucket of a sixth takes all of it, though the network holds back up to two seconds and hands over at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 720 }),
      fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 20_000 }), heldMs: fc.integer({ min: 0, max: 2_000 }) }), { maxLength: 60 }),
      (perMinute, stalls) => {
        const limit = createRateLimit(perMinute)
        const bucket = { tokens: perMinute / 6, atMs: 0 }
        let nowMs = 0
        for (const { waitMs, heldMs } of stalls) {
          nowMs += waitMs
          let held = 0
          for (const endMs = nowMs + heldMs; nowMs < endMs; nowMs += 10) while (limit.take(nowMs)) held++
          bucket.tokens = Math.min(perMinute / 6, bucket.tokens + ((nowMs - bucket.atMs) * perMinute) / 60_000) - held
          bucket.atMs = nowMs
          expect(bucket.tokens).toBeGreaterThanOrEqual(0)
        }
      },
    ),
  )
})

test('0 is no limit', () => {
  const limit = createRateLimit(0)
  expect(Array.from({ length: 1_000 }, () => limit.take(5)).every(Boolean)).toBe(true)
  expect(limit.availableAtMs(5)).toBe(5)
})
