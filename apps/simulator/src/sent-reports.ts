import type { TrafficSample } from '@outrider/traffic'

/** A sample as it was handed to the SDK. */
interface SentSample {
  /** When it was measured, on this machine's wall clock, ms. */
  readonly timeMs: number
  readonly latitude: number
  readonly longitude: number
  /** Course over ground, degrees; undefined = not known, as below 1 m/s before it ever drove. */
  readonly courseDeg: number | undefined
}

export interface SentReport {
  /** Monotonic clock of the SDK when its frame was written to the socket, ms. */
  readonly writtenAtMs: number
  /** Node it was written to. */
  readonly node: string | undefined
  readonly samples: readonly SentSample[]
  /** Whether it says what a driver saw. */
  readonly isStatement: boolean
}

/** The latest reports of one vehicle: which samples went out in which frame, and when. */
export interface SentReports {
  /** A sample is about to be handed to the SDK. */
  handing(sample: TrafficSample, timeMs: number): void
  /** It has been. */
  handed(): void
  /** The SDK wrote a report to its socket, for the first time. */
  wrote(isUrgent: boolean, atMs: number, node: string | undefined): void
  /** The newest that was written by a moment. */
  lastBy(atMs: number): SentReport | undefined
  /** The report with the sample measured nearest to a moment of the wall clock, if that is within `withinMs`. */
  measuredAt(timeMs: number, withinMs: number): SentReport | undefined
  /** The newest statement written by a moment. */
  lastStatementBy(atMs: number): SentReport | undefined
}

/** 64 reports are 32 s at the shortest interval that zones ask for in practice; an alert comes within seconds. */
const reportsMax = 64
/** Samples that wait for their frame: the SDK sends ten, and keeps as many while there is no link. */
const pendingMax = 32
/** Below this speed a heading may be noise, and the zone takes the last course. */
const courseMpsMin = 1

export function createSentReports(): SentReports {
  let reports: SentReport[] = []
  let pending: SentSample[] = []
  let courseDeg: number | undefined
  let isHanding = false
  let isStatement = false

  return {
    handing(sample, timeMs) {
      if (sample.headingDeg !== undefined && (sample.speedMps ?? 0) >= courseMpsMin) courseDeg = sample.headingDeg
      pending.push({ timeMs, latitude: sample.lat, longitude: sample.lon, courseDeg })
      if (pending.length > pendingMax) pending.shift()
      isHanding = true
      isStatement = sample.report !== undefined
    },
    handed() {
      isHanding = false
      isStatement = false
    },
    wrote(isUrgent, atMs, node) {
      // An urgent report that goes out later than it was made (rate, no link) holds other samples than those that wait now: it has none here.
      const samples = isUrgent && !isHanding ? [] : pending
      reports.push({ writtenAtMs: atMs, node, samples, isStatement: isUrgent && isStatement })
      if (reports.length > reportsMax) reports = reports.slice(-reportsMax)
      pending = []
    },
    lastBy: atMs => reports.findLast(report => report.writtenAtMs <= atMs && report.samples.length > 0),
    lastStatementBy: atMs => reports.findLast(report => report.writtenAtMs <= atMs && report.isStatement),
    measuredAt(timeMs, withinMs) {
      let nearest: SentReport | undefined
      let awayMs = withinMs
      for (const report of reports) {
        for (const sample of report.samples) {
          const away = Math.abs(sample.timeMs - timeMs)
          if (away > awayMs) continue
          awayMs = away
          nearest = report
        }
      }
      return nearest
    },
  }
}
