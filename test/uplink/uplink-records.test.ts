import { topics } from '@outrider/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readTopic, untilDrained } from '../region/region-topics.js'
import { createTiers, readyOf, type Tiers, untilDrainedUp } from './tiers.js'

let tiers: Tiers
beforeEach(async () => {
  tiers = await createTiers()
})
afterEach(() => tiers.remove())

const standing = { eastM: 0, northM: 0, speedMps: 0 }

it('what a node accepted is in the event log, once by identity, with the region’s time', async () => {
  const region = await tiers.startRegion()
  const node = await tiers.startNode('edge-1')
  await expect.poll(async () => (await readyOf(node)).checks.clock.detail, { timeout: 30_000 }).toContain('corrected')
  const vehicle = await tiers.join(node, 'car')
  for (let number = 1; number <= 20; number++) vehicle.drive(number % 4 === 0 ? 'urgent' : 'telemetry', number, [standing])
  await vehicle.settled()
  await untilDrainedUp(node)
  await untilDrained(region)
  expect(await region.stop()).toBe(0)
  const records = await readTopic(tiers.place, topics.reports.name)
  const numbers = records.map(({ report }) => report?.report?.number).sort((a, b) => a! - b!)
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  for (const { node: name, authority, recordedTimeMs, clockTimeMs, clockOffsetMs } of records) {
    expect([name, authority]).toEqual(['edge-1', 'city.example'])
    expect(recordedTimeMs! - clockTimeMs!).toBeCloseTo(clockOffsetMs!, 3)
  }
  // Node and region are one machine, and still no two exchanges take the same time: an offset of exactly nothing is one that was not measured.
  expect(records.some(({ clockOffsetMs }) => clockOffsetMs !== 0)).toBe(true)
})
