import type { TrafficSample } from '@outrider/traffic'
import { expect, it } from 'vitest'
import { createSentReports } from './sent-reports.js'

const sample = (more: Partial<TrafficSample> = {}): TrafficSample => ({
  timeS: 0,
  vehicleId: 'v1',
  enrolment: 'v1',
  lat: 1,
  lon: 2,
  ...more,
})

it('finds the frame a sample went out in, the frames by a moment, and statements', () => {
  const reports = createSentReports()
  reports.handing(sample(), 1_000)
  reports.handed()
  reports.handing(sample(), 1_500)
  reports.wrote(false, 10, 'edge-1')
  reports.handed()
  reports.handing(sample({ report: { cause: 10, subCause: 0 } }), 2_000)
  reports.wrote(true, 20, 'edge-1')
  reports.handed()
  expect(reports.measuredAt(1_020, 250)?.writtenAtMs).toBe(10)
  expect(reports.measuredAt(1_990, 250)?.writtenAtMs).toBe(20)
  expect(reports.measuredAt(3_000, 250)).toBeUndefined()
  expect(reports.lastBy(19)?.writtenAtMs).toBe(10)
  expect(reports.lastBy(9)).toBeUndefined()
  expect(reports.lastStatementBy(30)?.writtenAtMs).toBe(20)
  expect(reports.lastStatementBy(19)).toBeUndefined()
})

it('does not guess which samples an urgent report had that went out later than it was made', () => {
  const reports = createSentReports()
  reports.handing(sample({ report: { cause: 10, subCause: 0 } }), 1_000)
  reports.handed()
  reports.wrote(true, 10, 'edge-1')
  expect(reports.measuredAt(1_000, 250)).toBeUndefined()
  expect(reports.lastStatementBy(30)).toBeUndefined()
})

it('keeps the last course for who stands', () => {
  const reports = createSentReports()
  reports.handing(sample({ headingDeg: 90, speedMps: 10 }), 1_000)
  reports.wrote(false, 10, 'edge-1')
  reports.handed()
  reports.handing(sample({ headingDeg: 200, speedMps: 0.2 }), 2_000)
  reports.wrote(false, 20, 'edge-1')
  reports.handed()
  expect(reports.lastBy(20)?.samples[0]?.courseDeg).toBe(90)
})

it('forgets the oldest', () => {
  const reports = createSentReports()
  for (let at = 0; at < 1_000; at++) {
    reports.handing(sample(), at * 1_000)
    reports.wrote(false, at, 'edge-1')
    reports.handed()
  }
  expect(reports.measuredAt(0, 250)).toBeUndefined()
  expect(reports.measuredAt(999_000, 250)?.writtenAtMs).toBe(999)
})
