import fc from 'fast-check'
import { expect, test } from 'vitest'
import { interleave } from './interleave.js'
import { spread, summarize } from './summary.js'

test('spread is least, middle and greatest', () => {
  expect(spread([3])).toEqual({ min: 3, median: 3, max: 3 })
  expect(spread([9, 1, 5, 3])).toEqual({ min: 1, median: 4, max: 9 })
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), values => {
      const { min, median, max } = spread(values)
      expect(values.filter(value => value <= median).length * 2).toBeGreaterThanOrEqual(values.length)
      expect(values.filter(value => value >= median).length * 2).toBeGreaterThanOrEqual(values.length)
      expect([min, max]).toEqual([Math.min(...values), Math.max(...values)])
    }),
  )
})

test('arms run in turn, there and back, the warm-up is not counted, and ratios compare runs of one round', async () => {
  const order: string[] = []
  let speed = 1
  const arm = (name: string, cost: number) => ({
    name,
    run: async () => {
      order.push(name)
      return { cost: cost * speed }
    },
  })
  const slowing = {
    name: 'slower',
    run: async () => {
      order.push('slower')
      return { cost: 6 * speed }
    },
  }
  const runs = await interleave([arm('bare', 3), slowing], 2, ({ round }) => {
    speed = 10 ** round
  })
  expect(order).toEqual(['bare', 'slower', 'slower', 'bare', 'bare', 'slower'])
  const { figures, ratioToBare } = summarize(runs, 'bare')
  expect(figures['bare cost']).toEqual({ min: 30, median: 165, max: 300 })
  expect(ratioToBare).toEqual({ 'slower cost': { min: 2, median: 2, max: 2 } })
})
