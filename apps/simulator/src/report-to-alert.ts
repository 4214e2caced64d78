// How long from the socket write of the report that made a hazard public to the frame at each vehicle it concerned then, on one clock.
// Only what can be attributed counts; what cannot is counted too (docs/simulator.md, "reportToAlert").
//
//   first frame of an alert's revision 1 ─▶ truth: same family, at its place, while it lasts?      ✗ unattributed
//                                        ─▶ which report of its vehicles made it public?           ✗ unattributed
//   each recipient's frame               ─▶ was it surely concerned by its last report before that? ✗ later
//                                        ─▶ frame − socket write
import { haversineM } from '@outrider/geo'
import { findCause, type outrider } from '@outrider/protocol'
import type { TruthRow } from '@outrider/traffic'
import { createLatencies, type LatencySummary } from './latencies.js'
import { isSurelyConcerned } from './safe-concerned.js'
import type { SentReport, SentReports } from './sent-reports.js'

/** A first revision, not a renewal, as it arrived at a vehicle. */
export interface AlertArrival {
  readonly vehicle: string
  readonly key: string
  readonly message: outrider.v1.Alert.$Properties
  /** Monotonic clock of the SDK when the frame was there, ms. */
  readonly receivedAtMs: number
  /** The node's clock less this machine's, ms. */
  readonly clockOffsetMs: number
  /** Node the vehicle is connected to as the frame comes: in a change of node an alert may come by the next one, over the region. */
  readonly node: string | undefined
}

interface ReportToAlertResult {
  readonly reportToAlertMs: LatencySummary | null
  /** Alerts whose causing report was found, and the others. */
  readonly alertsAttributed: number
  readonly alertsUnattributed: number
  /** Recipients that the percentiles are about. */
  readonly recipientsAtIssue: number
  /** Those that came later, or may have, or are at another node. */
  readonly recipientsLater: number
}

export interface ReportToAlert {
  arrived(arrival: AlertArrival): void
  result(): ReportToAlertResult
}

export interface ReportToAlertOptions {
  /** Hazards of the city so far, times on the city's clock. */
  readonly truth: () => readonly TruthRow[]
  /** The city's clock now, s. */
  readonly cityS: () => number
  readonly reportsOf: (vehicle: string) => SentReports | undefined
}

/** Alerts remembered, the oldest forgotten: one every 5 s for an hour; a recipient comes within seconds, or as a latecomer. */
const alertsMax = 1_024
/** Slack of evaluation.md: an alert this far from the truth's circle, or this long after its end, is still about it. */
const slackM = 50
const slackS = 10
/**
 * Alerts carry the time of the first evidence: the sample's time plus what the zone is off about the vehicle's clock, which is a one-way delay.
 * Samples of one vehicle are 500 ms apart or more, so half of that cannot be another one's.
 */
const sampleWithinMs = 250

export function createReportToAlert({ truth, cityS, reportsOf }: ReportToAlertOptions): ReportToAlert {
  const latencies = createLatencies()
  /** Causing report by alert; undefined = not found. */
  const alerts = new Map<string, SentReport | undefined>()
  let attributed = 0
  let unattributed = 0
  let later = 0

  function attribute(arrival: AlertArrival): SentReport | undefined {
    const row = truth().find(each => isAbout(arrival.message, each, cityS()))
    const candidates = row?.vehicleIds.flatMap(id => reportsOf(id) ?? []) ?? []
    const { detectionTimeMs, sources } = arrival.message
    if ((sources ?? 1) > 1) return newest(candidates.map(reports => reports.lastStatementBy(arrival.receivedAtMs)))
    const measuredMs = (detectionTimeMs ?? 0) - arrival.clockOffsetMs
    const [found, ...others] = candidates.flatMap(reports => reports.measuredAt(measuredMs, sampleWithinMs) ?? [])
    return others.length === 0 && found !== undefined && found.writtenAtMs <= arrival.receivedAtMs ? found : undefined
  }

  function causeOf(arrival: AlertArrival): SentReport | undefined {
    if (alerts.has(arrival.key)) return alerts.get(arrival.key)
    const cause = attribute(arrival)
    if (cause === undefined) unattributed++
    else attributed++
    if (alerts.size >= alertsMax) alerts.delete(alerts.keys().next().value!)
    alerts.set(arrival.key, cause)
    return cause
  }

  return {
    arrived(arrival) {
      const cause = causeOf(arrival)
      if (cause === undefined) return
      // Its own causing report counts as its last: the zone knew it when it issued.
      const last = reportsOf(arrival.vehicle)?.lastBy(cause.writtenAtMs)
      const at = last?.samples.at(-1)
      const origin = arrival.message.id?.node
      if (at === undefined || last?.node !== origin || arrival.node !== origin || !isSurelyConcerned(arrival.message, at)) {
        later++
        return
      }
      latencies.record(arrival.receivedAtMs - cause.writtenAtMs)
    },
    result: () => ({
      reportToAlertMs: latencies.summary(),
      alertsAttributed: attributed,
      alertsUnattributed: unattributed,
      recipientsAtIssue: latencies.count,
      recipientsLater: later,
    }),
  }
}

function newest(reports: readonly (SentReport | undefined)[]): SentReport | undefined {
  return reports.reduce((a, b) => (a === undefined || (b !== undefined && b.writtenAtMs > a.writtenAtMs) ? b : a), undefined)
}

/** Whether an alert is about a row of truth, as evaluation matches them. */
function isAbout(alert: outrider.v1.Alert.$Properties, row: TruthRow, nowS: number): boolean {
  const { latitudeE7, longitudeE7 } = alert.eventPosition ?? {}
  if (latitudeE7 == null || longitudeE7 == null || !isSameFamily(alert.cause?.code ?? 0, row.cause)) return false
  if (nowS < row.fromS || nowS > row.toS + slackS) return false
  return haversineM(latitudeE7 / 1e7, longitudeE7 / 1e7, row.lat, row.lon) <= row.radiusM + slackM
}

function isSameFamily(a: number, b: number): boolean {
  const family = findCause(a)?.family
  return a === b || (family !== undefined && family === findCause(b)?.family)
}
