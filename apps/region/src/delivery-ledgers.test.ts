// The ledger of an alert at the region: any order and repetition of steps gives the same, it adds up, survives a checkpoint, and stays bounded.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDeliveryLedgers } from './delivery-ledgers.js'
import type { LedgerRow } from './ledger-rows.js'

const { DeliveryStage, DeliveryState } = outrider.v1
const key = 'n/00000001/1'
const idOf = (sequence: number) => ({ node: 'n', boot: 1, sequence })

interface NodeStep {
  readonly node: string
  readonly step: outrider.v1.DeliveryTransition.$Properties
}

const nodeStep: fc.Arbitrary<NodeStep> = fc.record({
  node: fc.constantFrom('a', 'b'),
  step: fc.record({
    alertId: fc.constant(idOf(1)),
    revision: fc.integer({ min: 1, max: 2 }),
    vehicle: fc.constantFrom('v', 'w', 'x'),
    state: fc.integer({ min: 1, max: 8 }),
    stage: fc.integer({ min: 0, max: 4 }),
    dropReason: fc.nat(8),
    timeMs: fc.integer({ min: 1, max: 5 }),
  }),
})

function ledgersOf(steps: readonly NodeStep[]) {
  const ledgers = createDeliveryLedgers({ startedAtMs: 0 })
  for (const { node, step } of steps) ledgers.add(node, step)
  return ledgers
}

const sumOf = ({ dropped, ...row }: LedgerRow) =>
  (['acknowledged', 'expired', 'superseded', 'ended', 'withdrawn', 'moved', 'pending'] as const).reduce(
    (sum, column) => sum + (row[column] ?? 0),
    (dropped ?? []).reduce((sum, { count }) => sum + (count ?? 0), 0),
  )

test('any order and repetition of steps gives the same ledger, which adds up and names every delivery once', () => {
  const steps = fc.array(nodeStep, { minLength: 1, maxLength: 12 }).chain(all =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray(all, { minLength: all.length }).chain(shuffled => fc.subarray(all).map(again => [...shuffled, ...again])),
    ),
  )
  fc.assert(
    fc.property(steps, ([all, other]) => {
      const ledger = ledgersOf(all).ledger(key)!
      expect(ledgersOf(other).ledger(key)).toEqual(ledger)
      for (const row of ledger.rows) {
        const own = all.filter(({ node, step }) => node === row.node && step.revision === row.revision)
        expect(row.targeted).toBe(new Set(own.map(({ step }) => step.vehicle)).size)
        expect(sumOf(row)).toBe(row.targeted)
      }
      const hasIt = ({ state, stage }: outrider.v1.DeliveryTransition.$Properties) =>
        state === DeliveryState.DELIVERY_STATE_ACKNOWLEDGED ||
        stage === DeliveryStage.DELIVERY_STAGE_TAKEN ||
        stage === DeliveryStage.DELIVERY_STAGE_SHOWN
      expect(ledger.vehiclesWarned).toBe(new Set(all.filter(({ step }) => hasIt(step)).map(({ step }) => step.vehicle)).size)
    }),
  )
})

test('a checkpoint, and what came after it once more, gives the same', () => {
  fc.assert(
    fc.property(fc.array(nodeStep, { maxLength: 12 }), fc.nat(12), fc.nat(12), (steps, stored, replayedFrom) => {
      const before = ledgersOf(steps.slice(0, stored))
      before.lost(7)
      const after = createDeliveryLedgers({ startedAtMs: 9 })
      for (const item of before.store()) after.restore(item)
      // The tail that is replayed may begin before what the checkpoint holds.
      for (const { node, step } of steps.slice(Math.min(stored, replayedFrom))) after.add(node, step)
      expect(after.ledger(key)).toEqual(ledgersOf(steps).ledger(key))
      expect(after.sureFromMs).toBe(7)
    }),
  )
})

describe('bounds', () => {
  const step = (sequence: number, vehicle: string, timeMs = 1) => ({
    alertId: idOf(sequence),
    revision: 1,
    vehicle,
    state: DeliveryState.DELIVERY_STATE_TARGETED,
    timeMs,
  })

  test('of too many deliveries, the alert that was quiet longest keeps its counts only, and says when they stop being all', () => {
    const ledgers = createDeliveryLedgers({ startedAtMs: 0, deliveriesMax: 4 })
    for (const vehicle of ['v', 'w']) ledgers.add('a', step(1, vehicle))
    for (const vehicle of ['v', 'w', 'x']) ledgers.add('a', step(2, vehicle))
    expect(ledgers.counts()).toEqual({ alerts: 2, deliveries: 3, summedUp: 1, late: 0 })
    expect(ledgers.ledger(key)).toMatchObject({ rows: [{ revision: 1, node: 'a', targeted: 2, pending: 2 }], counted: true })
    ledgers.add('a', step(1, 'y'))
    expect(ledgers.ledger(key)).toMatchObject({ rows: [{ targeted: 2 }], counted: false })
    const restored = createDeliveryLedgers({ startedAtMs: 0 })
    for (const item of ledgers.store()) restored.restore(item)
    expect(restored.ledger(key)).toEqual(ledgers.ledger(key))
  })

  test('of too many alerts, the one that was quiet longest is forgotten', () => {
    const ledgers = createDeliveryLedgers({ startedAtMs: 0, alertsMax: 2 })
    for (const sequence of [1, 2, 1, 3]) ledgers.add('a', step(sequence, 'v'))
    expect([1, 2, 3].map(sequence => ledgers.ledger(`n/00000001/${sequence}`) !== undefined)).toEqual([true, false, true])
  })

  test('what is over and quiet is summed up, and forgotten with the alert', () => {
    const ledgers = createDeliveryLedgers({ startedAtMs: 0 })
    ledgers.add('a', step(1, 'v', 1_000))
    ledgers.tick(() => true, 10_000_000)
    expect(ledgers.counts()).toMatchObject({ deliveries: 1, summedUp: 0 })
    ledgers.tick(() => false, 301_000)
    expect(ledgers.counts()).toMatchObject({ alerts: 1, deliveries: 0, summedUp: 1 })
    ledgers.tick(() => undefined, 3_601_000)
    expect(ledgers.counts()).toMatchObject({ alerts: 0 })
  })

  test('what names no delivery is not taken', () => {
    const ledgers = createDeliveryLedgers({ startedAtMs: 0 })
    for (const wrong of [
      { vehicle: '' },
      { revision: 0 },
      { state: 9 },
      { timeMs: Number.NaN },
      { alertId: null },
      { vehicle: 'v'.repeat(65) },
    ])
      ledgers.add('a', { ...step(1, 'v'), ...wrong })
    expect(ledgers.counts()).toMatchObject({ alerts: 0, deliveries: 0 })
  })
})
