// An alert to everybody at once, at the size a node is built for.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CrowdAtNode, startCrowd } from './crowd-at-node.js'
import { extent, poll } from './extent.js'
import { accountedFor } from './ledger-counts.js'

let city: CrowdAtNode

beforeAll(async () => {
  city = await startCrowd(extent.crowd)
})
afterAll(() => city?.remove())

it(`warns ${extent.crowd} vehicles on one node, hears from all of them, and its ledger closes`, async () => {
  const warning = await city.warn(120_000)
  await expect.poll(async () => (await city.arrivals(warning)).vehicles, poll).toBe(extent.crowd)
  await expect.poll(async () => (await city.ledger(warning)).acknowledged, poll).toBe(extent.crowd)
  const arrivals = await city.arrivals(warning)
  expect(arrivals.repeats).toBe(0)
  process.stderr.write(
    `outrider: ${extent.crowd} vehicles warned by an operator: ${arrivals.p50Ms.toFixed(0)} ms in the median, ${arrivals.p99Ms.toFixed(0)} ms p99, the last ${arrivals.lastMs.toFixed(0)} ms after the call\n`,
  )

  await city.end(warning)
  await expect.poll(async () => (await city.ledger()).pending, poll).toBe(0)
  const ledger = await city.ledger(warning)
  expect(ledger).toMatchObject({ targeted: extent.crowd, acknowledged: extent.crowd, pending: 0 })
  expect(accountedFor(ledger)).toBe(ledger.targeted)
  const all = await city.ledger()
  expect(accountedFor(all)).toBe(all.targeted)
  expect(await city.crowd.ask('state')).toEqual({ connected: extent.crowd, closes: {} })
})
