import { destination } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import type { TrafficSample, TruthRow } from '@outrider/traffic'
import { beforeEach, expect, it } from 'vitest'
import { type AlertArrival, createReportToAlert, type ReportToAlert } from './report-to-alert.js'
import { createSentReports, type SentReports } from './sent-reports.js'

const place = { lat: 53.55, lon: 9.99 }
const e7 = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }
const row: TruthRow = {
  index: 0,
  id: 'h1',
  kind: 'must',
  cause: 99,
  subCause: 1,
  ...place,
  radiusM: 30,
  fromS: 10,
  toS: 20,
  vehicleIds: ['v1'],
}
/** Wall time at the city's second 0. */
const wallMs = 1_700_000_000_000

let truth: TruthRow[]
let reports: Map<string, SentReports>
let measure: ReportToAlert

beforeEach(() => {
  truth = [row]
  reports = new Map(['v1', 'v2', 'v3', 'v4'].map(id => [id, createSentReports()]))
  measure = createReportToAlert({ truth: () => truth, cityS: () => 12, reportsOf: id => reports.get(id) })
})

/** A report written at `atMs` of the monotonic clock, measured at `cityS`. */
function report(id: string, cityS: number, atMs: number, behindM = 0, more: Partial<TrafficSample> = {}, node = 'edge-1') {
  const at = destination(place.lat, place.lon, 180, behindM)
  const sample = {
    timeS: cityS,
    vehicleId: id,
    enrolment: id,
    lat: at.latitudeDeg,
    lon: at.longitudeDeg,
    headingDeg: 0,
    speedMps: 12,
    ...more,
  }
  reports.get(id)!.handing(sample, wallMs + cityS * 1_000)
  reports.get(id)!.wrote(more.report !== undefined, atMs, node)
  reports.get(id)!.handed()
}

function arrival(
  vehicle: string,
  receivedAtMs: number,
  detectedAtS: number,
  more: Partial<outrider.v1.Alert.$Properties> = {},
): AlertArrival {
  const message = {
    id: { node: 'edge-1', boot: 1, sequence: 1 },
    revision: 1,
    cause: { code: 99, subCause: 1 },
    eventPosition: e7,
    area: { circle: { center: e7, radiusCm: 2_000 } },
    awarenessDistanceM: 500,
    referenceHeadingDecideg: 0,
    trafficDirection: outrider.v1.TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
    // The node's clock is 40 s ahead of ours, and it is 3 ms wrong about the vehicle's.
    detectionTimeMs: wallMs + detectedAtS * 1_000 + 40_003,
    sources: 1,
    ...more,
  }
  return { vehicle, key: 'edge-1/00000001/1', message, receivedAtMs, clockOffsetMs: 40_000, node: 'edge-1' }
}

it('measures from the report with the sample that was detected, though newer ones were written before the alert came', () => {
  report('v2', 11.5, 90, 100)
  report('v1', 11, 80)
  report('v1', 12, 100)
  report('v1', 12.5, 700)
  measure.arrived(arrival('v2', 900, 12))
  expect(measure.result()).toMatchObject({ alertsAttributed: 1, alertsUnattributed: 0, recipientsAtIssue: 1, recipientsLater: 0 })
  expect(measure.result().reportToAlertMs?.max).toBeCloseTo(800, 0)
})

it('counts who was not surely concerned by the last report before, or was or came to another node, apart', () => {
  report('v1', 12, 100)
  report('v2', 11.5, 90, 900)
  report('v3', 11.5, 90, 100, {}, 'edge-2')
  report('v2', 12.5, 700, 100)
  measure.arrived(arrival('v1', 103, 12))
  measure.arrived(arrival('v2', 703, 12))
  measure.arrived(arrival('v3', 5_000, 12))
  report('v4', 11.5, 90, 100)
  measure.arrived({ ...arrival('v4', 900, 12), node: 'edge-2' })
  expect(measure.result()).toMatchObject({ alertsAttributed: 1, recipientsAtIssue: 1, recipientsLater: 3 })
  expect(measure.result().reportToAlertMs?.max).toBeCloseTo(3, 0)
})

it('an alert of two sources was made public by the last statement', () => {
  truth = [{ ...row, cause: 10, vehicleIds: ['v1', 'v3'] }]
  report('v3', 10.5, 50, 20, { report: { cause: 10, subCause: 1 } })
  report('v1', 12, 100, 20, { report: { cause: 10, subCause: 1 } })
  report('v1', 12.5, 150)
  report('v2', 11.5, 90, 100)
  measure.arrived(arrival('v2', 160, 10.5, { cause: { code: 10, subCause: 1 }, sources: 2 }))
  expect(measure.result().reportToAlertMs?.max).toBeCloseTo(60, 0)
})

it.each([
  ['of another family', arrival('v2', 103, 12, { cause: { code: 6, subCause: 5 } })],
  ['elsewhere', arrival('v2', 103, 12, { eventPosition: { latitudeE7: 535_600_000, longitudeE7: 99_900_000 } })],
  ['about a sample nobody has sent', arrival('v2', 103, 17)],
  ['that came before the report', arrival('v2', 99, 12)],
])('an alert %s is not attributed', (_, alert) => {
  report('v2', 11.5, 90, 100)
  report('v1', 12, 100)
  measure.arrived(alert)
  expect(measure.result()).toEqual({
    reportToAlertMs: null,
    alertsAttributed: 0,
    alertsUnattributed: 1,
    recipientsAtIssue: 0,
    recipientsLater: 0,
  })
})
