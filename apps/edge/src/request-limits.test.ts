import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRequestLimits } from './request-limits.js'

it('no address ever has more than its burst and its rate, nor have all together', () => {
  const step = fc.record({ address: fc.constantFrom('a', 'b', 'c', 'd'), afterMs: fc.integer({ min: 0, max: 700 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      let nowMs = 0
      const all = { perSecond: 5, burst: 8 }
      const perAddress = { perSecond: 2, burst: 3 }
      const limits = createRequestLimits({ monotonicMs: () => nowMs, all, perAddress, addressesMax: 16 })
      const taken: Record<string, number> = { all: 0 }
      for (const { address, afterMs } of steps) {
        nowMs += afterMs
        if (limits.take(address) !== undefined) continue
        taken[address] = (taken[address] ?? 0) + 1
        taken.all!++
        expect(taken[address]).toBeLessThanOrEqual(perAddress.burst + (nowMs / 1_000) * perAddress.perSecond + 1e-9)
        expect(taken.all).toBeLessThanOrEqual(all.burst + (nowMs / 1_000) * all.perSecond + 1e-9)
      }
    }),
    { seed: 7 },
  )
})

it('who is over its own limit takes nothing from the others', () => {
  const limits = createRequestLimits({
    monotonicMs: () => 0,
    all: { perSecond: 1, burst: 4 },
    perAddress: { perSecond: 1, burst: 2 },
    addressesMax: 16,
  })
  expect(Array.from({ length: 10 }, () => limits.take('greedy'))).toEqual([undefined, undefined, ...Array(8).fill('address')])
  expect([limits.take('a'), limits.take('b'), limits.take('c')]).toEqual([undefined, undefined, 'all'])
})

it('forgets the address unheard for longest when there are too many', () => {
  const limits = createRequestLimits({
    monotonicMs: () => 0,
    all: { perSecond: 1, burst: 100 },
    perAddress: { perSecond: 1, burst: 1 },
    addressesMax: 2,
  })
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(address => limits.take(address))).toEqual([
    undefined,
    undefined,
    'address',
    undefined,
    'address',
    undefined,
  ])
})
