/*
 * Many runs from seeds, each scored. A failing one prints its seed and what to type to see it again:
 *   OUTRIDER_TRUTH_SEED=7 npx vitest run test/delivery-truth      one seed (or 7-99), in the size of npm test
 *   OUTRIDER_TRUTH_TRACE=v12 with it                              all that passes the sockets of one vehicle
 *   OUTRIDER_TRUTH_LONG=1 npx vitest run test/delivery-truth      thousands of vehicles
 */
import { describe, expect, it } from 'vitest'
import { runScenario, type Size } from './scenario.js'

const isLong = process.env.OUTRIDER_TRUTH_LONG === '1'
const short: Size = { vehicles: 150, seconds: 45, nodes: 1, halfSideM: 900, alertsMax: 10 }
const long: Size = { vehicles: 3_000, seconds: 120, nodes: 1, halfSideM: 2_500, alertsMax: 14 }
const size = isLong ? long : short
const given = process.env.OUTRIDER_TRUTH_SEED
const [first = 1, last = first] = (given ?? '1-6').split('-').map(Number)
const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('deliveries, scored by who shares no code with the zone', () => {
  it.each(seeds)(
    'seed %i: everyone who must be warned is, nobody who must not, each once, and the ledgers add up',
    { timeout: 600_000 },
    seed => {
      const { verdict } = runScenario(seed, { ...size, nodes: 1 + (seed % 3) }, {}, process.env.OUTRIDER_TRUTH_TRACE)
      const again = `OUTRIDER_TRUTH_SEED=${seed}${isLong ? ' OUTRIDER_TRUTH_LONG=1' : ''} npx vitest run test/delivery-truth`
      expect(verdict.faults, again).toEqual([])
      expect(verdict.missed, again).toEqual([])
      expect(verdict.recall, again).toBe(1)
      expect(verdict.precision, `${again}\n${verdict.wrong.join('\n')}`).toBeGreaterThanOrEqual(0.99)
      // A run in which nothing happens proves nothing.
      expect(verdict.must).toBeGreaterThan(size.vehicles / 10)
      expect(verdict.warned).toBeGreaterThan(size.vehicles / 5)
    },
  )
})
