import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkSteps, type Step } from './spool-model.js'

const payloads = fc.array(fc.uint8Array({ maxLength: 120 }), { minLength: 1, maxLength: 12 })
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary })
const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(8, fc.record({ kind: fc.constant('append'), payloads })),
  weighted(5, fc.record({ kind: fc.constant('sync') })),
  weighted(2, fc.record({ kind: fc.constant('read'), back: fc.nat(20) })),
  weighted(2, fc.record({ kind: fc.constant('commit'), back: fc.nat(20) })),
  weighted(4, fc.record({ kind: fc.constant('restart'), how: fc.constantFrom('stop', 'kill', 'power') })),
  weighted(3, fc.record({ kind: fc.constant('killAt'), changes: fc.integer({ min: 1, max: 25 }) })),
  weighted(1, fc.record({ kind: fc.constant('failSync') })),
  weighted(2, fc.record({ kind: fc.constant('fillDisk'), spareBytes: fc.oneof(fc.nat(300), fc.constant(2000)) })),
  weighted(2, fc.record({ kind: fc.constant('flip'), file: fc.nat(20), at: fc.nat(), bit: fc.nat(7) })),
  weighted(1, fc.record({ kind: fc.constant('truncate'), file: fc.nat(20), at: fc.nat() })),
)
const steps = fc.array(step, { minLength: 1, maxLength: 30, size: 'max' })
const seed = fc.integer()

/** What longer searches have found once. */
const empty = new Uint8Array(0)
const examples: [Step[], number][] = [
  // The newest segment is cut to nothing while a write to it is still on its way to the disk, which comes back with the power.
  [
    [
      { kind: 'append', payloads: [empty, empty] },
      { kind: 'sync' },
      { kind: 'append', payloads: [empty] },
      { kind: 'commit', back: 1 },
      { kind: 'truncate', file: 0, at: 0 },
      { kind: 'append', payloads: [empty] },
    ],
    0,
  ],
]

test('whatever happens to process, power, disk and bytes: no wrong record, no synced one lost, no sequence used twice', async () => {
  const property = fc.asyncProperty(steps, seed, (run, chance) => checkSteps(run, chance))
  await fc.assert(property, { numRuns: 400, seed: 1, examples })
}, 60_000)

test('the property above catches a disk that says synced and is not', async () => {
  const property = fc.asyncProperty(steps, seed, (run, chance) => checkSteps(run, chance, true))
  const result = await fc.check(property, { numRuns: 400, seed: 1, endOnFailure: true })
  expect(String(result.errorInstance)).toMatch(/lost record|given out again|cursor is lost|removed what/)
}, 60_000)
