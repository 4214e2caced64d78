// Every sentence of evaluation.md, "Match", as a case; then what must hold of any truth and any alerts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DetectedAlert } from './detected-alert.js'
import { alert, at, row } from './hand-made.fixture.js'
import { matchAlerts } from './match-alerts.js'
import { scoreAll } from './score.js'
import { hazardsOf } from './truth-hazards.js'

const endS = 1_000

/** Verdicts, in order of time, with the hazard each is about. */
function verdicts(rows: Parameters<typeof hazardsOf>[0], ...alerts: DetectedAlert[]): string[] {
  return matchAlerts(alerts, hazardsOf(rows), endS).map(({ verdict, hazard }) => (hazard ? `${verdict} ${hazard.name}` : verdict))
}

describe('cause', () => {
  test.each([
    [94, 94, true],
    [91, 94, true],
    [2, 92, true],
    [1, 27, true],
    [6, 7, true],
    [9, 6, true],
    [17, 19, true],
    [18, 17, true],
    [97, 99, true],
    [94, 92, false],
    [10, 94, false],
    [14, 14, true],
    [26, 1, false],
    [9, 10, false],
  ])('an alert of %i for a hazard of %i', (cause, truth, isTrue) => {
    // Far behind the row's heading a queue is no consequence either.
    const [matched] = matchAlerts([alert({ cause, headingDeg: 0 })], hazardsOf([row({ cause: truth, headingDeg: 0 })]), endS)
    const other = [1, 5, 26, 27].includes(cause) ? 'consequence' : 'false'
    expect(matched).toMatchObject({ verdict: isTrue ? 'true' : other, isExact: isTrue && cause === truth })
  })
})

test('place: within the radius and 50 m', () => {
  expect(verdicts([row()], alert(at(69)))).toEqual(['true 0'])
  expect(verdicts([row()], alert(at(71)))).toEqual(['false'])
})

test('headings, if both are given, within 60°', () => {
  expect(verdicts([row({ headingDeg: 10 })], alert({ headingDeg: 311 }))).toEqual(['true 0'])
  expect(verdicts([row({ headingDeg: 10 })], alert({ headingDeg: 309 }))).toEqual(['false'])
  expect(verdicts([row({ headingDeg: 10 })], alert())).toEqual(['true 0'])
  expect(verdicts([row()], alert({ headingDeg: 309 }))).toEqual(['true 0'])
})

test('time: from from_s to to_s + 10, both included', () => {
  for (const [issuedAtS, expected] of [
    [99.9, 'false'],
    [100, 'true 0'],
    [210, 'true 0'],
    [210.1, 'false'],
  ] as const)
    expect(verdicts([row()], alert({ issuedAtS, endedAtS: issuedAtS + 1 }))).toEqual([expected])
})

describe('one alert per hazard, in order of time', () => {
  test('a further one while one is active is a duplicate, whichever was given first', () => {
    expect(verdicts([row()], alert({ issuedAtS: 150 }), alert({ issuedAtS: 120 }))).toEqual(['true 0', 'duplicate 0'])
    expect(verdicts([row()], alert({ endedAtS: null }), alert({ issuedAtS: 150 }))[1]).toBe('duplicate 0')
  })
  test('a further one after all before are over is true again, and counted no second time', () => {
    const hazards = hazardsOf([row()])
    const matched = matchAlerts([alert({ endedAtS: 130 }), alert({ issuedAtS: 140 })], hazards, endS)
    expect(matched.map(({ verdict, isFirst }) => [verdict, isFirst])).toEqual([
      ['true', true],
      ['true', false],
    ])
    expect(scoreAll({ hazards, observable: new Set(hazards), alerts: matched, vehicleHours: 1 })).toMatchObject({
      recall: 1,
      precision: 1,
      exact: 1,
    })
  })
  test('two hazards of one place take one alert each', () => {
    expect(verdicts([row(), row({ index: 1 })], alert(), alert({ issuedAtS: 121 }))).toEqual(['true 0', 'true 1'])
  })
  test('the equal cause goes first, then the nearer hazard', () => {
    expect(verdicts([row({ cause: 91 }), row({ index: 1, ...at(40) })], alert())).toEqual(['true 1'])
    expect(verdicts([row(at(30)), row({ index: 1, ...at(20) })], alert())).toEqual(['true 1'])
  })
})

describe('rows with one id are one hazard', () => {
  test('that moves', () => {
    const moving = [row({ id: 'w', fromS: 100, toS: 110 }), row({ id: 'w', index: 1, fromS: 110, toS: 120, ...at(300) })]
    expect(verdicts(moving, alert({ issuedAtS: 115, endedAtS: 130, ...at(300) }))).toEqual(['true w'])
    expect(verdicts(moving, alert({ issuedAtS: 105, ...at(300) }))).toEqual(['false'])
  })
  test('that has several acceptable causes', () => {
    const either = [row({ id: 'e', cause: 94 }), row({ id: 'e', index: 1, cause: 92 })]
    expect(verdicts(either, alert({ cause: 2 }))).toEqual(['true e'])
    expect(verdicts(either, alert(), alert({ cause: 2, issuedAtS: 130 }))).toEqual(['true e', 'duplicate e'])
  })
  test('that may be told at first and must be later', () => {
    expect(verdicts([row({ id: 'o', kind: 'may' }), row({ id: 'o', index: 1, fromS: 150 })], alert())).toEqual(['true o'])
  })
})

test('may: explains an alert, and all further ones', () => {
  expect(verdicts([row({ kind: 'may' })], alert(), alert({ issuedAtS: 130 }))).toEqual(['may', 'may'])
  expect(verdicts([row({ kind: 'may' }), row({ index: 1, ...at(40) })], alert())).toEqual(['true 1'])
})

test('stale: still active 60 s after to_s', () => {
  expect(verdicts([row()], alert({ endedAtS: 260 }))).toEqual(['true 0'])
  expect(verdicts([row()], alert({ endedAtS: 260.5 }))).toEqual(['stale 0'])
  expect(verdicts([row()], alert({ endedAtS: null }))).toEqual(['stale 0'])
  // The trace ended before it could be stale.
  expect(matchAlerts([alert({ endedAtS: null })], hazardsOf([row()]), 250)[0]?.verdict).toBe('true')
})

describe('consequences', () => {
  const north = row({ headingDeg: 0 })
  const queue = { cause: 27, endedAtS: null }
  test.each([1, 5, 26, 27])('%i within 500 m upstream', cause => {
    expect(verdicts([north], alert({ ...queue, cause, ...at(-499) }))).toEqual(['consequence'])
    expect(verdicts([north], alert({ ...queue, cause, ...at(-501) }))).toEqual(['false'])
    expect(verdicts([north], alert({ ...queue, cause, ...at(100) }))).toEqual(['false'])
  })
  test('other causes are none', () => expect(verdicts([north], alert({ cause: 99, ...at(-100) }))).toEqual(['false']))
  test('from from_s to to_s + 300 s', () => {
    for (const [issuedAtS, expected] of [
      [99, 'false'],
      [100, 'consequence'],
      [500, 'consequence'],
      [501, 'false'],
    ] as const)
      expect(verdicts([north], alert({ ...queue, issuedAtS, ...at(-100) }))).toEqual([expected])
  })
  test('without a heading of the row the alert’s own says what is upstream; without both all is', () => {
    expect(verdicts([row()], alert({ ...queue, headingDeg: 180, ...at(100) }))).toEqual(['consequence'])
    expect(verdicts([row()], alert({ ...queue, headingDeg: 180, ...at(-100) }))).toEqual(['false'])
    expect(verdicts([row()], alert({ ...queue, ...at(100) }))).toEqual(['consequence'])
  })
  test('of a hazard that may be told too; a queue that is itself in the truth is true', () => {
    expect(verdicts([row({ kind: 'may', headingDeg: 0 })], alert({ ...queue, ...at(-100) }))).toEqual(['consequence'])
    expect(verdicts([north, row({ index: 1, cause: 1, ...at(-100) })], alert({ ...queue, ...at(-100), endedAtS: 210 }))).toEqual(['true 1'])
  })
})

describe('whatever truth and alerts', () => {
  const causes = fc.constantFrom(1, 2, 27, 91, 92, 94, 97, 99)
  const heading = fc.option(fc.integer({ min: 0, max: 359 }), { nil: undefined })
  const northM = fc.integer({ min: -600, max: 600 })
  const rows = fc.array(
    fc.record({
      cause: causes,
      headingDeg: heading,
      northM,
      fromS: fc.integer({ min: 0, max: 300 }),
      lastS: fc.integer({ min: 0, max: 200 }),
      id: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
      kind: fc.constantFrom('must' as const, 'may' as const),
    }),
    { maxLength: 8 },
  )
  const alerts = fc.array(
    fc.record({
      cause: causes,
      headingDeg: heading,
      northM,
      issuedAtS: fc.integer({ min: 0, max: 500 }),
      lastS: fc.integer({ min: 1, max: 300 }),
    }),
    { maxLength: 12 },
  )
  const madeRows = (given: readonly (typeof rows extends fc.Arbitrary<(infer R)[]> ? R : never)[]) =>
    given.map(({ northM: m, lastS, fromS, ...rest }, index) => row({ ...rest, index, fromS, toS: fromS + lastS, ...at(m) }))
  const madeAlerts = (given: readonly (typeof alerts extends fc.Arbitrary<(infer A)[]> ? A : never)[]) =>
    given.map(({ northM: m, lastS, issuedAtS, headingDeg, cause }) =>
      alert({ cause, issuedAtS, endedAtS: issuedAtS + lastS, headingDeg: headingDeg ?? null, ...at(m) }),
    )
  const scoreOf = (truth: ReturnType<typeof madeRows>, detected: ReturnType<typeof madeAlerts>) => {
    const hazards = hazardsOf(truth)
    const required = hazards.filter(hazard => hazard.isRequired)
    const matched = matchAlerts(detected, hazards, endS)
    return { required, matched, score: scoreAll({ hazards: required, observable: new Set(required), alerts: matched, vehicleHours: 1 }) }
  }

  test('every alert has one verdict; no hazard is found twice; ratios are ratios', () => {
    fc.assert(
      fc.property(rows, alerts, (r, a) => {
        const { required, matched, score } = scoreOf(madeRows(r), madeAlerts(a))
        expect(matched).toHaveLength(a.length)
        const first = matched.filter(({ isFirst }) => isFirst)
        expect(new Set(first.map(({ hazard }) => hazard)).size).toBe(first.length)
        expect(first.length).toBeLessThanOrEqual(required.length)
        for (const value of [score.recall, score.recallAll, score.precision])
          if (value !== null) expect(value >= 0 && value <= 1).toBe(true)
        expect(score.exact).toBeLessThanOrEqual(first.length)
        expect(score.duplicates).toBeLessThanOrEqual(score.falseAlerts)
      }),
    )
  })

  test('the order of the truth’s rows changes nothing that is counted', () => {
    fc.assert(
      fc.property(rows, alerts, fc.integer(), (r, a, turn) => {
        const truth = madeRows(r)
        const at0 = truth.length === 0 ? 0 : ((turn % truth.length) + truth.length) % truth.length
        const turned = [...truth.slice(at0), ...truth.slice(0, at0)].reverse()
        expect(scoreOf(turned, madeAlerts(a)).score).toEqual(scoreOf(truth, madeAlerts(a)).score)
      }),
    )
  })

  test('one more alert far from everything costs precision and no recall', () => {
    fc.assert(
      fc.property(rows, alerts, (r, a) => {
        const before = scoreOf(madeRows(r), madeAlerts(a)).score
        const { score } = scoreOf(madeRows(r), [...madeAlerts(a), alert({ issuedAtS: 250, ...at(50_000) })])
        expect(score.falseAlerts).toBe(before.falseAlerts + 1)
        expect([score.recall, score.timeToDetectS]).toEqual([before.recall, before.timeToDetectS])
      }),
    )
  })
})
