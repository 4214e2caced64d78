import { describe, expect, test } from 'vitest'
import { alert, at, sample } from './hand-made.fixture.js'
import { createHindsight, sumOf } from './hindsight.js'

const stalled = alert({ headingDeg: 0 })

/** Who comes by when: the vehicle's name, and its place and time as samples. */
function scoreOf(samples: readonly ReturnType<typeof sample>[], warned: Record<string, number>, about = stalled) {
  const hindsight = createHindsight([about])
  for (const each of [...samples].sort((a, b) => a.timeS - b.timeS)) hindsight.see(each)
  return hindsight.scoreOf(about.id, new Map(Object.entries(warned)))
}

const north = { headingDeg: 0 }
/** Comes from 400 m before at 20 m/s, to be within 30 m at `thereS`. */
const drive = (name: string, thereS: number, given = north) =>
  Array.from({ length: 25 }, (_, step) => sample(name, thereS - 19 + step, { ...at(-400 + step * 20), ...given }))

describe('endangered', () => {
  test('is who comes within 30 m on its course, 5 s after the issue or later, while it lasts', () => {
    expect(scoreOf(drive('a', 150), {}).endangered).toBe(1)
    expect(scoreOf(drive('a', 125), {}).endangered).toBe(1)
    expect(scoreOf(drive('a', 124), {}).endangered).toBe(0)
    expect(scoreOf(drive('a', 210), {}).endangered).toBe(1)
    expect(scoreOf(drive('a', 211), {}).endangered).toBe(0)
    expect(scoreOf(drive('a', 500), {}, alert({ headingDeg: 0, endedAtS: null })).endangered).toBe(1)
  })
  test('is nobody who drives across or against it, or passes further away', () => {
    expect(scoreOf(drive('a', 150, { headingDeg: 46 }), {}).endangered).toBe(0)
    expect(scoreOf(drive('a', 150, { headingDeg: 180 }), {}).endangered).toBe(0)
    expect(scoreOf([sample('a', 150, { ...at(0, 31), ...north })], {}).endangered).toBe(0)
    expect(scoreOf(drive('a', 150, { headingDeg: 180 }), {}, alert({ headingDeg: null })).endangered).toBe(1)
  })
  test('is nobody who was there all the time, as the hazard itself', () => {
    const standing = Array.from({ length: 60 }, (_, index) => sample('s', 110 + index, { ...at(0), ...north }))
    expect(scoreOf(standing, { s: 120 })).toMatchObject({ endangered: 0, warned: 1, precision: 0 })
  })
})

test('warned in time is 5 s before; late and never are missed; who is warned and never comes costs precision', () => {
  const samples = ['in time', 'just', 'late', 'never'].flatMap((name, index) => drive(name, 150 + index))
  expect(scoreOf(samples, { 'in time': 120, just: 146, late: 148, elsewhere: 120 })).toEqual({
    endangered: 4,
    warnedInTime: 2,
    warned: 4,
    warnedEndangered: 3,
    recall: 0.5,
    precision: 0.75,
    medianLeadS: 5,
    leadsS: [4, 5, 30],
  })
})

test('several alerts add up', () => {
  const a = scoreOf(drive('a', 150), { a: 120 })
  expect(sumOf([a, scoreOf(drive('b', 150), {})])).toMatchObject({ endangered: 2, warned: 1, recall: 0.5, precision: 1, medianLeadS: 30 })
  expect(sumOf([])).toMatchObject({ endangered: 0, recall: null, precision: null, medianLeadS: null })
})
