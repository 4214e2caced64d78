// The scene holds every explanation against what its detector found; here it is driven through states that no other test thinks of.
import { type FlagName, flags } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { detectors } from './detectors.js'
import { createScene } from './test-scene.js'

const flagNames = fc.subarray(Object.keys(flags) as FlagName[], { maxLength: 3 })
const steps = fc.array(
  fc.record({
    row: fc.integer({ min: 0, max: 2 }),
    stepMs: fc.constantFrom(100, 300, 1_000, 5_000, 30_000, 60_000),
    speedMps: fc.constantFrom(0, 0.3, 2, 3.5, 8, 9, 14, 20),
    eastM: fc.constantFrom(0, 1, 3.5),
    flags: flagNames,
    role: fc.constantFrom(1, 2),
    observations: fc.array(fc.record({ cause: fc.constantFrom(3, 10, 14, 93, 97), subCause: fc.constant(0) }), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 60 },
)

test('an explanation never contradicts what was found', () => {
  fc.assert(
    fc.property(steps, given => {
      const scene = createScene()
      const northM = [0, 0, 0]
      let atMs = 0
      for (const { row, stepMs, ...sample } of given) {
        atMs += stepMs
        northM[row]! += (sample.speedMps * Math.min(stepMs, 1_000)) / 1_000
        expect(() => scene.drive(row, { ...sample, atMs, northM: northM[row]!, headingDeg: 0 })).not.toThrow()
      }
    }),
  )
})

test('every detector explains itself', () => {
  for (const { name, explain } of detectors) expect([name, typeof explain]).toEqual([name, 'function'])
})
