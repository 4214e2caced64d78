// The folds do not depend on the order or number of what they are told.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AlertChange, type AlertState, foldAlert } from './fold-alert.js'
import { type DeliveryRow, type DeliveryStep, foldDelivery } from './fold-delivery.js'

const { Alert, DeliveryState, Ending } = outrider.v1
const small = fc.integer({ min: 1, max: 3 })
const ending = fc.record({ reason: small, endedTimeMs: small, endedBy: small })

const alertChange: fc.Arbitrary<AlertChange> = fc.oneof(
  fc.record({
    key: fc.constant('n/00000001/1'),
    alert: fc.record({
      revision: small,
      referenceTimeMs: small,
      priority: small,
      keepUntilMs: fc.constant(9),
      ending: fc.option(ending, { freq: 4, nil: null }),
    }),
  }),
  fc.record({ key: fc.constant('n/00000001/1'), end: fc.record({ revision: small, keepUntilMs: fc.constant(9), ending }) }),
)

const deliveryStep: fc.Arbitrary<DeliveryStep> = fc
  .record({
    state: fc.integer({ min: 1, max: 8 }),
    timeMs: small,
    stage: fc.integer({ min: 0, max: 4 }),
    dropReason: fc.nat(2),
    vehicleTimeMs: fc.option(small, { nil: null }),
    sentTimeMs: fc.option(small, { nil: null }),
    recovered: fc.boolean(),
    distanceM: fc.option(small, { nil: null }),
  })
  .map(transition => ({ alert: 'a', revision: 1, vehicle: 'v', node: 'n', transition }))

/** Any order, any number of repeats, of the same things. */
const shuffledWithRepeats = <T>(things: readonly T[]) =>
  fc
    .tuple(fc.shuffledSubarray([...things], { minLength: things.length }), fc.subarray([...things]))
    .map(([all, again]) => [...all, ...again])

const plain = (state: AlertState | undefined) =>
  state && {
    ...state,
    alert: state.alert && Alert.encode(state.alert).finish(),
    ending: state.ending && Ending.encode(state.ending).finish(),
  }

test('of an alert', () => {
  const changes = fc.array(alertChange, { minLength: 1, maxLength: 6 }).chain(all => fc.tuple(fc.constant(all), shuffledWithRepeats(all)))
  fc.assert(
    fc.property(changes, ([all, other]) => {
      const fold = (list: readonly AlertChange[]) => list.reduce<AlertState | undefined>(foldAlert, undefined)
      expect(plain(fold(other))).toEqual(plain(fold(all)))
      // Ended absorbs everything.
      const isEnded = all.some(change => 'end' in change || change.alert.ending != null)
      expect(fold(all)?.ending !== undefined).toBe(isEnded)
    }),
  )
})

test('of a delivery: acknowledged wins, else the first outcome', () => {
  const steps = fc.array(deliveryStep, { minLength: 1, maxLength: 6 }).chain(all => fc.tuple(fc.constant(all), shuffledWithRepeats(all)))
  fc.assert(
    fc.property(steps, ([all, other]) => {
      const fold = (list: readonly DeliveryStep[]) => list.reduce<DeliveryRow | undefined>(foldDelivery, undefined)!
      const row = fold(all)
      expect(fold(other)).toEqual(row)
      const outcomes = all.filter(({ transition }) => transition.state !== DeliveryState.DELIVERY_STATE_TARGETED)
      const acknowledged = outcomes.filter(({ transition }) => transition.state === DeliveryState.DELIVERY_STATE_ACKNOWLEDGED)
      const wanted = acknowledged.length > 0 ? acknowledged : outcomes
      expect(row.closed_at_ms).toBe(wanted.length === 0 ? null : Math.min(...wanted.map(({ transition }) => transition.timeMs)))
    }),
  )
})
