import type { TrafficSample, TruthRow } from '@outrider/traffic'
import { describe, expect, test } from 'vitest'
import { at, row, sample } from './hand-made.fixture.js'
import { createObservability } from './observability.js'
import { hazardsOf } from './truth-hazards.js'

function isObservable(rows: readonly TruthRow[], ...samples: readonly TrafficSample[]): boolean {
  const hazards = hazardsOf(rows)
  const observability = createObservability(hazards)
  for (const each of samples) observability.see(each)
  return observability.isObservable(hazards[0]!)
}

describe('a named vehicle', () => {
  test('one of them is enough, wherever it is', () => {
    expect(isObservable([row({ cause: 92, vehicleIds: ['a', 'b'] })], sample('b', 5, at(9_000)))).toBe(true)
    expect(isObservable([row({ cause: 92, vehicleIds: ['a', 'b'] })], sample('c', 120))).toBe(false)
  })
  test('of a collision risk both', () => {
    const pair = row({ cause: 97, vehicleIds: ['a', 'b'] })
    expect(isObservable([pair], sample('a', 120))).toBe(false)
    expect(isObservable([pair], sample('a', 120), sample('b', 120))).toBe(true)
    expect(isObservable([row({ cause: 97 })], sample('a', 120))).toBe(false)
  })
})

describe('two that pass', () => {
  test.each([1, 5, 6, 7, 10, 17, 18, 19, 27, 94])('sense a %i', cause => {
    expect(isObservable([row({ cause })], sample('a', 120), sample('b', 130))).toBe(true)
    expect(isObservable([row({ cause })], sample('a', 120), sample('a', 130))).toBe(false)
  })
  test.each([2, 9, 11, 12, 14, 91, 92, 95, 97, 99])('do not sense a %i', cause =>
    expect(isObservable([row({ cause })], sample('a', 120), sample('b', 130))).toBe(false),
  )
  test('while it lasts', () => {
    expect(isObservable([row()], sample('a', 99), sample('b', 100))).toBe(false)
    expect(isObservable([row()], sample('a', 100), sample('b', 200))).toBe(true)
    expect(isObservable([row()], sample('a', 100), sample('b', 200.1))).toBe(false)
  })
  test('within the radius, at least 30 m, on its course', () => {
    expect(isObservable([row()], sample('a', 120, at(29)), sample('b', 120, at(-29)))).toBe(true)
    expect(isObservable([row()], sample('a', 120, at(31)), sample('b', 120))).toBe(false)
    expect(isObservable([row({ radiusM: 200 })], sample('a', 120, at(0, 199)), sample('b', 120))).toBe(true)
    const north = row({ headingDeg: 0 })
    expect(isObservable([north], sample('a', 120, { headingDeg: 59 }), sample('b', 120))).toBe(true)
    expect(isObservable([north], sample('a', 120, { headingDeg: 180 }), sample('b', 120))).toBe(false)
  })
  test('are others than the hazard itself', () => {
    const stalled = row({ vehicleIds: ['s'] })
    expect(isObservable([stalled], sample('a', 120), sample('b', 120))).toBe(true)
    expect(isObservable([row({ cause: 10, vehicleIds: [] })], sample('a', 120))).toBe(false)
  })
})
