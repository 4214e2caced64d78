// Readers that read nothing, among many that do: what they cost the others, the node's memory, and themselves.
import { closeCodes, outrider } from '@outrider/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CrowdAtNode, startCrowd, type Warning } from './crowd-at-node.js'
import { extent, poll } from './extent.js'
import { accountedFor } from './ledger-counts.js'

const { DropReason } = outrider.v1
const { vehicles, stalled, rounds } = extent.readers
/** Of the stalled, so many never come back. */
const lost = stalled / 10
/** Long enough for all rounds. */
const validityMs = 1_800_000
/** A vehicle that is gone is remembered for 120 s; then what it was still to get is dropped. */
const givenUp = { timeout: 180_000, interval: 1_000 }
/** What waits for a stalled reader is a number in a table, and the kernel's buffers are not the process's: 10 MiB were measured, what a heap grows by. */
const memoryMibMax = 64
const mib = 1024 * 1024

let city: CrowdAtNode

beforeAll(async () => {
  city = await startCrowd(vehicles)
})
afterAll(() => city?.remove())

/** Warns all; resolves when those that read have it. @returns p99 of those that never stall */
async function warnReaders(): Promise<{ readonly warning: Warning; readonly p99Ms: number }> {
  const warning = await city.warn(validityMs)
  await expect.poll(async () => (await city.arrivals(warning, stalled)).vehicles, poll).toBe(vehicles - stalled)
  return { warning, p99Ms: (await city.arrivals(warning, stalled)).p99Ms }
}

async function closes(): Promise<number> {
  const { closes: byCode } = await city.crowd.ask<{ closes: Record<number, number> }>('state')
  // With no other code has anybody been closed.
  expect(Object.keys(byCode).every(code => code === String(closeCodes.stalled.code))).toBe(true)
  return byCode[closeCodes.stalled.code] ?? 0
}

async function closedByNode(): Promise<number> {
  const details = (await (await fetch(`${city.node.admin}/details`)).json()) as { counts: { closed: { stalled?: number } } }
  return details.counts.closed.stalled ?? 0
}

it(`${stalled} stalled readers among ${vehicles} cost the others nothing and are told when to return`, { timeout: 300_000 }, async () => {
  const p99Ms = { with: [] as number[], without: [] as number[] }
  const warnings: Warning[] = []
  let away = 0
  let memoryMib = 0
  await warnReaders().then(({ warning }) => warnings.push(warning))
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      const before = city.residentBytes()
      const stalling = stalled - away
      const closedBefore = [await closes(), await closedByNode()] as const
      if (kind === 'with') await city.crowd.ask('stall', stalled)
      // One that the stalled are sent, and one while they are being closed for it.
      const first = await warnReaders()
      if (kind === 'with') await expect.poll(closedByNode, poll).toBeGreaterThan(closedBefore[1])
      const second = await warnReaders()
      p99Ms[kind].push(first.p99Ms, second.p99Ms)
      warnings.push(first.warning, second.warning)
      if (kind === 'without') continue

      await expect.poll(closedByNode, poll).toBe(closedBefore[1] + stalling)
      memoryMib = Math.max(memoryMib, (city.residentBytes() - before) / mib)
      const missed = await warnReaders()
      warnings.push(missed.warning)
      // What they find once they read: alerts of before, and why they were closed.
      await city.crowd.ask('unstall')
      await expect.poll(closes, poll).toBe(closedBefore[0] + stalling)
      away = lost
      expect(await city.crowd.ask('rejoin', lost)).toBe(vehicles - lost)
      // Within its validity they get what they missed, and nothing twice.
      await expect.poll(async () => (await city.arrivals(missed.warning, lost)).vehicles, poll).toBe(vehicles - lost)
      for (const warning of [first.warning, second.warning, missed.warning]) {
        expect(await city.arrivals(warning, lost)).toMatchObject({ vehicles: vehicles - lost, repeats: 0 })
      }
    }
  }

  const [others, alone] = [median(p99Ms.with), median(p99Ms.without)]
  process.stderr.write(
    `outrider: p99 of the ${vehicles - stalled} that read: ${spread(p99Ms.without)} ms without stalled readers, ${spread(p99Ms.with)} ms with ${stalled}; ratio of the medians ${(others / alone).toFixed(2)}; the node grew by ${memoryMib.toFixed(0)} MiB at most, closes say come back in ${closeCodes.stalled.afterMs / 1_000} s\n`,
  )
  // One round says nothing of a ratio.
  if (extent.isFull) expect(others / alone).toBeLessThanOrEqual(1.2)
  expect(memoryMib).toBeLessThan(memoryMibMax)
  expect(closeCodes.stalled).toMatchObject({ reconnect: 'same', afterMs: expect.any(Number) })

  if (extent.isFull) await expect.poll(async () => (await city.ledger()).pending, givenUp).toBe(0)
  for (const warning of warnings) {
    const ledger = await city.ledger(warning)
    expect(accountedFor(ledger)).toBe(ledger.targeted)
    // Open is only what is remembered for who is away, and what is dropped has its reason.
    expect(ledger.acknowledged).toBeGreaterThanOrEqual(vehicles - lost)
    expect(ledger.pending).toBeLessThanOrEqual(extent.isFull ? 0 : lost)
    expect(ledger.dropped.every((count, reason) => count === 0 || reason === DropReason.DROP_REASON_UNACKNOWLEDGED)).toBe(true)
  }
  const all = await city.ledger()
  expect(accountedFor(all)).toBe(all.targeted)
  if (extent.isFull) expect(all.dropped[DropReason.DROP_REASON_UNACKNOWLEDGED]).toBeGreaterThan(0)
})

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

function median(values: readonly number[]): number {
  return sorted(values)[Math.floor(values.length / 2)]!
}

function spread(values: readonly number[]): string {
  const inOrder = sorted(values)
  return `${median(values).toFixed(0)} (${inOrder[0]!.toFixed(0)} … ${inOrder.at(-1)!.toFixed(0)})`
}
