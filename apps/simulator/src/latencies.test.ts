import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLatencies } from './latencies.js'

test('no percentile is above the greatest latency there was', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.001, max: 90_000, noNaN: true }), { minLength: 1, maxLength: 50 }), values => {
      const latencies = createLatencies()
      for (const value of values) latencies.record(value)
      const { p50, p99, max } = latencies.summary()!
      expect(p50).toBeLessThanOrEqual(p99)
      expect(p99).toBeLessThanOrEqual(max)
    }),
    { examples: [[[2_209.317]]] },
  )
})
