// The fold of alerts does not depend on the order or number of what it is told; that of deliveries is in packages/delivery.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AlertChange, type AlertState, foldAlert } from './fold-alert.js'

const { Alert, Ending } = outrider.v1
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

test('any order and repetition of what is told of an alert gives the same', () => {
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
