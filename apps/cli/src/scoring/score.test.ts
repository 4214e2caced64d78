import { expect, test } from 'vitest'
import type { DetectedAlert } from './detected-alert.js'
import { alert, at, row } from './hand-made.fixture.js'
import { matchAlerts } from './match-alerts.js'
import { scoreAll, scoreByCause } from './score.js'
import { hazardsOf } from './truth-hazards.js'

function scored(rows: Parameters<typeof hazardsOf>[0], alerts: readonly DetectedAlert[], unobservable: readonly unknown[] = []) {
  const hazards = hazardsOf(rows)
  const required = hazards.filter(hazard => hazard.isRequired)
  const observable = new Set(required.filter(hazard => !unobservable.includes(hazard.name)))
  return { hazards: required, observable, alerts: matchAlerts(alerts, hazards, 1_000), vehicleHours: 50 }
}

const rows = [
  row(),
  row({ index: 1, cause: 91, ...at(1_000) }),
  row({ index: 2, cause: 92, ...at(2_000) }),
  row({ index: 3, kind: 'may', ...at(3_000) }),
]
const alerts = [
  alert({ issuedAtS: 103, ...at(0) }),
  alert({ issuedAtS: 110, ...at(1_000), endedAtS: null }),
  alert({ issuedAtS: 112, ...at(1_000) }),
  alert({ issuedAtS: 114, ...at(3_000) }),
  alert({ issuedAtS: 116, cause: 99, ...at(4_000) }),
]

test('hand-made: three hazards, two found, one duplicate, one false, one that may be', () => {
  expect(scoreAll(scored(rows, alerts, [2]))).toEqual({
    hazards: 3,
    observable: 2,
    recall: 1,
    recallAll: 0.666667,
    precision: 0.5,
    exact: 1,
    falseAlerts: 2,
    duplicates: 1,
    stale: 1,
    consequences: 0,
    falseAlertsPer100VehicleHours: 4,
    timeToDetectS: { min: 3, median: 6.5, p95: 10, max: 10 },
    revisionsPerAlert: 1,
  })
})

test('by cause: recall by the truth’s, precision by the alert’s', () => {
  const byCause = scoreByCause(scored(rows, alerts))
  expect(Object.keys(byCause)).toEqual(['91', '92', '94', '99'])
  expect(byCause['91']).toMatchObject({ hazards: 1, recall: 1, precision: null, timeToDetectS: { median: 10 } })
  expect(byCause['94']).toMatchObject({ hazards: 1, recall: 1, precision: 0.666667, duplicates: 1, stale: 1, timeToDetectS: { median: 3 } })
  expect(byCause['92']).toMatchObject({ hazards: 1, recall: 0, precision: null, falseAlerts: 0 })
  expect(byCause['99']).toMatchObject({ hazards: 0, recall: null, precision: 0, falseAlerts: 1 })
})

test('a ratio with denominator 0 is null', () => {
  expect(scoreAll({ ...scored([], []), vehicleHours: 0 })).toMatchObject({
    recall: null,
    recallAll: null,
    precision: null,
    falseAlertsPer100VehicleHours: null,
    revisionsPerAlert: null,
    timeToDetectS: { min: null, median: null, p95: null, max: null },
  })
})

test('p95 is the nearest rank: of twenty times the nineteenth', () => {
  const many = Array.from({ length: 20 }, (_, index) => row({ index, ...at(index * 1_000) }))
  const told = many.map(({ index }) => alert({ issuedAtS: 101 + index, ...at(index * 1_000) }))
  expect(scoreAll(scored(many, told)).timeToDetectS).toEqual({ min: 1, median: 10.5, p95: 19, max: 20 })
})

test('time to detect counts from the earliest begin of the hazard', () => {
  const moving = [row({ id: 'm', fromS: 100, toS: 110 }), row({ id: 'm', index: 1, fromS: 110, toS: 120, ...at(300) })]
  expect(scoreAll(scored(moving, [alert({ issuedAtS: 115, ...at(300) })])).timeToDetectS.max).toBe(15)
})
