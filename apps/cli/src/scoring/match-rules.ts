/*
 * When an alert is about a row of the truth, and when it is a consequence of one (evaluation.md, "Match"). All by the alert's first revision.
 */
import { bearingDeg, haversineM, headingDifferenceDeg } from '@outrider/geo'
import { findCause } from '@outrider/protocol'
import type { TruthRow } from '@outrider/traffic'
import type { DetectedAlert } from './detected-alert.js'

/** What positions may differ by, beyond the row's radius. */
const placeSlackM = 50
const headingDegMax = 60
/** An alert may come so long after a hazard is over, and still be about it. */
const lateS = 10

/** Traffic condition, impassability, slow vehicle, end of queue: what other hazards bring about. */
const consequentCauses: ReadonlySet<number> = new Set([1, 5, 26, 27])
const consequenceM = 500
const consequenceS = 300

type PlacedAlert = Pick<DetectedAlert, 'cause' | 'lat' | 'lon' | 'headingDeg' | 'issuedAtS'>

export function isOfFamily(cause: number, other: number): boolean {
  return cause === other || (findCause(cause)?.family !== undefined && findCause(cause)?.family === findCause(other)?.family)
}

/** Cause or family, place within radius and 50 m, headings within 60° if both are given, and time from `fromS` to `toS` + 10 s. */
export function isAbout(alert: PlacedAlert, row: TruthRow): boolean {
  return (
    isOfFamily(alert.cause, row.cause) &&
    alert.issuedAtS >= row.fromS &&
    alert.issuedAtS <= row.toS + lateS &&
    (alert.headingDeg === null ||
      row.headingDeg === undefined ||
      headingDifferenceDeg(alert.headingDeg, row.headingDeg) <= headingDegMax) &&
    awayM(alert, row) <= row.radiusM + placeSlackM
  )
}

/**
 * A queue, blockage or slow traffic at most 500 m before a row, from its begin to 300 s after its end. Before is against the row's heading,
 * else against the alert's own; if neither has one, anywhere around. Within the row's radius is at it, on whatever side.
 */
export function isConsequence(alert: PlacedAlert, row: TruthRow): boolean {
  if (!consequentCauses.has(alert.cause)) return false
  if (alert.issuedAtS < row.fromS || alert.issuedAtS > row.toS + consequenceS) return false
  const m = awayM(alert, row)
  if (m > consequenceM) return false
  const headingDeg = row.headingDeg ?? alert.headingDeg ?? undefined
  if (headingDeg === undefined || m <= row.radiusM) return true
  return headingDifferenceDeg(bearingDeg(alert.lat, alert.lon, row.lat, row.lon), headingDeg) <= 90
}

export function awayM(alert: Pick<DetectedAlert, 'lat' | 'lon'>, row: TruthRow): number {
  return haversineM(alert.lat, alert.lon, row.lat, row.lon)
}
