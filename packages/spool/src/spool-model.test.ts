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

test('whatever happens to process, power, disk and bytes: no wrong record, no synced one lost, no sequence used twice', async () => {
  await fc.assert(
    fc.asyncProperty(steps, seed, (run, chance) => checkSteps(run, chance)),
    { numRuns: 400, seed: 1 },
  )
}, 60_000)

test('the property above catches a disk that says synced and is not', async () => {
  const property = fc.asyncProperty(steps, seed, (run, chance) => checkSteps(run, chance, true))
  const result = await fc.check(property, { numRuns: 400, seed: 1, endOnFailure: true })
  expect(String(result.errorInstance)).toMatch(/lost record|given out again/)
}, 60_000)
