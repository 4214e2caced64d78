import { expect, test } from 'vitest'
import type { CentralStats } from './central-stats.js'
import { resultOfRun, shortfalls } from './up-result.js'

const stats = (identities: number, acknowledged: number, more: Partial<CentralStats> = {}): CentralStats => ({
  reports: { identities, duplicates: 0 },
  records: { repeatsDropped: 3, lost: 0 },
  alerts: { total: 4 },
  deliveries: { targeted: acknowledged + 1, acknowledged },
  deadLetters: 0,
  eventLog: { lag: 0 },
  ...more,
})
const simulator = {
  reportsAccepted: 100,
  reportsRefused: {},
  alertsShown: 5,
  deliveriesAcknowledged: 5,
  reportToAlertMs: { p50: 1, p99: 2, max: 3 },
}
const drained = (after: CentralStats) => ({ ok: true as const, stats: after })

const ofRun = stats(101, 5)
const before = stats(1_000, 20)

test('counts are since the run began, whatever became of earlier rows; duplicates of the whole store', () => {
  // Retention removed more than the run brought.
  const after = stats(900, 12, { alerts: { total: 1 }, records: { repeatsDropped: 7, lost: 0 } })
  const result = resultOfRun(simulator, { before, after, ofRun })
  expect(result).toEqual({
    reportsAccepted: 100,
    recordsAtCentral: 101,
    duplicatesAtCentral: 0,
    repeatsDropped: 4,
    alertsIssued: 4,
    deliveriesTargeted: 6,
    deliveriesAcknowledged: 5,
    reportToAlertMs: { p50: 1, p99: 2, max: 3 },
  })
  expect(shortfalls(result, drained(after))).toEqual([])
})

test.each([
  [stats(99, 5), 0, /^1 of 100 accepted reports are not at central$/],
  [stats(100, 0), 0, /^no alert was acknowledged/],
  [stats(100, 5), 2, /^2 reports were applied more than once/],
])('what is missing is said', (counted, duplicates, sentence) => {
  const after = stats(1_100, 25, { reports: { identities: 1_100, duplicates } })
  expect(shortfalls(resultOfRun(simulator, { before, after, ofRun: counted }), drained(after))).toEqual([expect.stringMatching(sentence)])
})

test('a drain that came to no end, and a run without reports, prove nothing', () => {
  const result = resultOfRun({ ...simulator, reportsAccepted: 0 }, { before, after: before, ofRun })
  expect(shortfalls(result, { ok: false, stats: before, waiting: 'edge-1 holds 7 records' })).toEqual([
    'not everything was drained in time: edge-1 holds 7 records',
    'no report was accepted',
  ])
})
