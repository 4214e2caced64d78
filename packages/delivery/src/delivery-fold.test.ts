// The fold does not depend on the order or the number of what it is told, and says what the node's ledger said.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDeliveries } from './create-deliveries.js'
import { type DeliveryFold, foldStep, isWarned, mergeFolds, type RecordedStep } from './delivery-fold.js'
import { encodeTransition } from './delivery-transition.js'
import { sendResults } from './socket-port.js'

const { AlertStatus, DeliveryStage, DeliveryState, DropReason, Priority } = outrider.v1
const small = fc.integer({ min: 1, max: 4 })
const maybe = (value: fc.Arbitrary<number>) => fc.option(value, { nil: null })

const step: fc.Arbitrary<RecordedStep> = fc.record({
  state: fc.integer({ min: 1, max: 8 }),
  timeMs: small,
  stage: fc.integer({ min: 0, max: 4 }),
  dropReason: fc.nat(2),
  vehicleTimeMs: maybe(small),
  sentTimeMs: maybe(small),
  reachedTimeMs: maybe(small),
  timeToHazardMs: maybe(small),
  distanceM: maybe(small),
  recovered: fc.boolean(),
  alreadyHeld: fc.boolean(),
  movedTo: fc.constantFrom('', 'edge-1', 'edge-2'),
})

const fold = (steps: readonly RecordedStep[]) => steps.reduce<DeliveryFold | undefined>(foldStep, undefined)!

/** Any order, any number of repeats. */
const shuffledWithRepeats = (steps: readonly RecordedStep[]) =>
  fc.tuple(fc.shuffledSubarray([...steps], { minLength: steps.length }), fc.subarray([...steps])).map(([all, again]) => [...all, ...again])

test('any order and repetition of steps gives the same fold, and two halves merged give it too', () => {
  const steps = fc.array(step, { minLength: 2, maxLength: 7 }).chain(all => fc.tuple(fc.constant(all), shuffledWithRepeats(all)))
  fc.assert(
    fc.property(steps, fc.nat(), ([all, other], cut) => {
      const whole = fold(all)
      expect(fold(other)).toEqual(whole)
      const at = 1 + (cut % (all.length - 1))
      expect(mergeFolds(fold(all.slice(at)), fold(all.slice(0, at)))).toEqual(whole)
      expect(mergeFolds(whole, whole)).toEqual(whole)
      const said = (stage: number) => all.some(each => each.stage === stage)
      expect(whole.receivedAtMs !== null).toBe(said(DeliveryStage.DELIVERY_STAGE_RECEIVED))
      expect(whole.takenAtMs !== null).toBe(said(DeliveryStage.DELIVERY_STAGE_TAKEN))
      expect(whole.shownAtMs !== null).toBe(said(DeliveryStage.DELIVERY_STAGE_SHOWN))
      if (all.some(({ state }) => state === DeliveryState.DELIVERY_STATE_ACKNOWLEDGED)) expect(isWarned(whole)).toBe(true)
    }),
  )
})

// What a vehicle and the road may do to one alert's delivery at one node, in any sequence the node's own code allows.
const acts = [
  'target',
  'withdraw',
  'flush',
  'received',
  'taken',
  'shown',
  'dropped',
  'reconnect',
  'revise',
  'reach',
  'expire',
  'end',
] as const

test('folded records say of every revision what the node’s ledger says, whatever happened', () => {
  const stages = { received: 1, taken: 2, shown: 3, dropped: 4 } as const
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 24 }), fc.infiniteStream(fc.nat(1_000)), (sequence, chances) => {
      const records: (RecordedStep & { readonly vehicle: string })[] = []
      const deliveries = createDeliveries({
        rowsMax: 2,
        socket: { bufferedBytes: () => 0, send: () => sendResults.sent, sendText: () => sendResults.sent, cork: (_row, write) => write() },
        onTransition: taken => records.push(encodeTransition(taken, `v${taken.row}`, 1_000_000 + taken.atMs) as never),
      })
      const id = { node: 'n', boot: 1, sequence: 1 }
      let nowMs = 1
      let revision = 0
      const revise = () => {
        revision++
        const alert = { id, revision, status: AlertStatus.ALERT_STATUS_ACTUAL, priority: Priority.PRIORITY_WARNING }
        return deliveries.publish({ id, revision, alert, validUntilMs: 1_000_000 })
      }
      const slot = revise()
      for (const row of [0, 1]) deliveries.connect(row, { json: false, primary: true, held: [] }, nowMs)
      for (const act of sequence) {
        nowMs += 10
        const row = chances.next().value! & 1
        const ack = (stage: number) =>
          deliveries.acknowledge(row, { id, revision, stage, dropReason: DropReason.DROP_REASON_TOO_LATE, vehicleTimeMs: undefined }, nowMs)
        if (act === 'target') deliveries.target(row, slot, 5_000, 100, nowMs)
        else if (act === 'withdraw') deliveries.withdraw(row, slot, nowMs)
        else if (act === 'flush') deliveries.flush(nowMs, 100)
        else if (act === 'reconnect') deliveries.connect(row, { json: false, primary: true, held: [] }, nowMs)
        else if (act === 'revise') revise()
        else if (act === 'reach') deliveries.reach(row, slot, nowMs)
        else if (act === 'expire') deliveries.expire(slot, nowMs)
        else if (act === 'end') deliveries.end(slot, {}, nowMs)
        else ack(stages[act])
      }
      for (const counts of deliveries.ledger('n/00000001/1') ?? []) {
        const folds = [0, 1].flatMap(row => {
          const own = records.filter(each => each.revision === counts.revision && each.vehicle === `v${row}`)
          return own.length === 0 ? [] : [fold([...own].reverse())]
        })
        const inState = (state: number) => folds.filter(each => each.state === state).length
        expect(folds.length).toBe(counts.targeted)
        expect(inState(DeliveryState.DELIVERY_STATE_TARGETED)).toBe(counts.pending)
        expect(inState(DeliveryState.DELIVERY_STATE_ACKNOWLEDGED)).toBe(counts.acknowledged)
        expect(inState(DeliveryState.DELIVERY_STATE_WITHDRAWN)).toBe(counts.withdrawn)
        expect(inState(DeliveryState.DELIVERY_STATE_SUPERSEDED)).toBe(counts.superseded)
        expect(inState(DeliveryState.DELIVERY_STATE_EXPIRED)).toBe(counts.expired)
        expect(inState(DeliveryState.DELIVERY_STATE_ENDED)).toBe(counts.ended)
        expect(inState(DeliveryState.DELIVERY_STATE_DROPPED)).toBe(counts.dropped.reduce((sum, count) => sum + count, 0))
      }
      // What was shown came to something, or is on its way until the vehicle is gone; nobody arrives twice.
      const closed = () => {
        const { reached, left, over, gone } = deliveries.approaches()
        return reached + left + over + gone
      }
      expect(closed()).toBeLessThanOrEqual(deliveries.approaches().shown)
      for (const row of [0, 1]) deliveries.release(row, { kind: 'moved', to: undefined }, nowMs)
      expect(closed()).toBe(deliveries.approaches().shown)
      const arrivals = records.filter(each => each.reachedTimeMs != null).map(each => each.vehicle)
      expect(new Set(arrivals).size).toBe(arrivals.length)
    }),
    { numRuns: 300 },
  )
})
