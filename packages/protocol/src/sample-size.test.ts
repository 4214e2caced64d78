// A sample's size over the whole valid range: what ten of them in a frame cost is decided here.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { flags } from './flags.js'
import { sampleColumns } from './report-limits.js'

const { Sample } = outrider.v1
const motionFields = 11

/** Values of a range, its ends more often than the rest. */
function within(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }))
}

function columns(from: number, to: number): fc.Arbitrary<Record<string, number>> {
  return fc.record(Object.fromEntries(sampleColumns.slice(from, to).map(({ field, min, max }) => [field, within(min, max)])))
}

const motion = columns(0, motionFields)
const observation = fc.record({ cause: within(1, 255), subCause: within(0, 255), distanceDm: within(0, 10_000), source: within(1, 2) })
const full = fc
  .tuple(motion, columns(motionFields, sampleColumns.length), within(1, 7), observation)
  .map(([moved, felt, roadSurface, seen]) => ({ ...moved, ...felt, roadSurface, flags: Object.values(flags), observations: [seen] }))

/** Largest size seen. */
function largest(samples: fc.Arbitrary<object>): number {
  let bytes = 0
  const measure = (sample: object) => {
    bytes = Math.max(bytes, Sample.encode(sample).finish().length)
  }
  fc.assert(fc.property(samples, measure), { numRuns: 5_000, seed: 5 })
  return bytes
}

/** What the encoding cannot exceed: the longest varint of each range. Proves the whole range, where the property only looks. */
function worst(column: (typeof sampleColumns)[number]): number {
  const sizes = [column.min, column.max].map(value => Sample.encode({ [column.field]: value }).finish().length)
  return Math.max(...sizes)
}

test('a motion sample takes at most 40 bytes', () => {
  const bound = sampleColumns.slice(0, motionFields).reduce((sum, column) => sum + worst(column), 0)
  expect(bound).toBe(39)
  expect(largest(motion)).toBe(bound)
})

test('a full sample, with every flag and an observation, takes at most 120 bytes', () => {
  const bytes = largest(full)
  expect(bytes).toBe(91)
  expect(bytes).toBeLessThanOrEqual(120)
})
