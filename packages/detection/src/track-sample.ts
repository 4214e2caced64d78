import { courseDeg, distanceM, type Frame, reverseHeadingDeg } from '@outrider/geo'
import type { ReportRecord } from '@outrider/protocol'
import { flagBit } from '@outrider/protocol'
import type { DetectionPolicy } from './detection-policy.js'
import type { SampleView } from './plausibility.js'
import { forgetPassers, historyCount, historySamples, pastIndex, type TrackTable } from './track-table.js'

const reverseBit = flagBit('reverse')
/** Below it a heading says nothing about where a vehicle is going (evaluation.md). */
const courseMpsMin = 1
/** The last course counts for ten minutes (evaluation.md). */
export const courseKeptMs = 600_000

/**
 * Writes a plausible sample into the vehicle's row. What is missing is derived from displacement where that is sure enough, else it is
 * unknown; a course below 1 m/s is not taken, the last one stays.
 */
export function trackSample(
  tracks: TrackTable,
  row: number,
  report: ReportRecord,
  index: number,
  sample: SampleView,
  frame: Frame,
  policy: DetectionPolicy,
): void {
  const speedMps = Number.isNaN(sample.speedMps) ? speedFromWay(tracks, row, sample, frame) : sample.speedMps
  const reported = report.headingDeg[index]!
  const heading = (sample.flags & reverseBit) !== 0 ? reverseHeadingDeg(reported) : reported
  if (speedMps >= courseMpsMin) {
    const course = Number.isNaN(reported) ? courseOfWay(tracks, row, sample, frame) : heading
    if (!Number.isNaN(course)) {
      tracks.courseDeg[row] = course
      tracks.courseAtMs[row] = sample.atMs
    }
  } else if (sample.atMs - tracks.courseAtMs[row]! > courseKeptMs) {
    tracks.courseDeg[row] = Number.NaN
  }
  tracks.x[row] = sample.x
  tracks.y[row] = sample.y
  tracks.atMs[row] = sample.atMs
  tracks.speedMps[row] = speedMps
  tracks.accuracyM[row] = sample.accuracyM
  tracks.flags[row] = sample.flags
  if (!Number.isNaN(report.lengthM)) tracks.lengthM[row] = report.lengthM
  if (report.role !== 0) tracks.role[row] = report.role
  remember(tracks, row, sample, speedMps, report.accelMps2[index]!)
  tracks.creepingSinceMs[row] = sinceWhen(speedMps < policy.creepingMpsMax, tracks.creepingSinceMs[row]!, sample.atMs)
  tracks.slowSinceMs[row] = sinceWhen(speedMps < policy.slowMpsMax, tracks.slowSinceMs[row]!, sample.atMs)
  trackStanding(tracks, row, sample, speedMps, frame, policy)
}

function sinceWhen(isSo: boolean, sinceMs: number, atMs: number): number {
  return !isSo ? Number.NaN : Number.isNaN(sinceMs) ? atMs : sinceMs
}

/** Over less time a position's error is a large part of the way. */
const waySpanMsMin = 500
/** Over less way its error turns the course by tens of degrees. */
const wayMMin = 5
/** Over more time the way may have been any. */
const waySpanMsMax = 10_000

/** Mean speed since the newest sample half a second old or older; NaN if there is none. */
function speedFromWay(tracks: TrackTable, row: number, sample: SampleView, frame: Frame): number {
  for (let back = 0; back < historyCount(tracks, row); back++) {
    const at = pastIndex(tracks, row, back)
    const spanMs = sample.atMs - tracks.pastAtMs[at]!
    if (spanMs > waySpanMsMax) break
    if (spanMs >= waySpanMsMin) return (distanceM(frame, tracks.pastX[at]!, tracks.pastY[at]!, sample.x, sample.y) * 1_000) / spanMs
  }
  return Number.NaN
}

/** Course from the newest sample that is far enough away to here; NaN if there is none. */
function courseOfWay(tracks: TrackTable, row: number, sample: SampleView, frame: Frame): number {
  for (let back = 0; back < historyCount(tracks, row); back++) {
    const at = pastIndex(tracks, row, back)
    if (sample.atMs - tracks.pastAtMs[at]! > waySpanMsMax) break
    const x = tracks.pastX[at]!
    const y = tracks.pastY[at]!
    if (distanceM(frame, x, y, sample.x, sample.y) >= wayMMin) return courseDeg(frame, x, y, sample.x, sample.y)
  }
  return Number.NaN
}

function remember(tracks: TrackTable, row: number, sample: SampleView, speedMps: number, accelMps2: number): void {
  const at = row * historySamples + (tracks.samples[row]! & (historySamples - 1))
  tracks.samples[row] = (tracks.samples[row]! + 1) >>> 0
  tracks.pastAtMs[at] = sample.atMs
  tracks.pastX[at] = sample.x
  tracks.pastY[at] = sample.y
  tracks.pastSpeedMps[at] = speedMps
  tracks.pastAccelMps2[at] = accelMps2
}

/** Standing ends with speed; a position that wanders off by more than `movedOnM` was no standing, whatever the speed said. */
function trackStanding(tracks: TrackTable, row: number, sample: SampleView, speedMps: number, frame: Frame, policy: DetectionPolicy): void {
  const stood = !Number.isNaN(tracks.standingSinceMs[row])
  const away = stood && distanceM(frame, tracks.standX[row]!, tracks.standY[row]!, sample.x, sample.y) > policy.movedOnM
  if (!(speedMps < policy.standingMpsMax) || away) {
    tracks.standingSinceMs[row] = Number.NaN
    return
  }
  if (stood) return
  tracks.standingSinceMs[row] = sample.atMs
  tracks.standX[row] = sample.x
  tracks.standY[row] = sample.y
  tracks.standCourseDeg[row] = tracks.courseDeg[row]!
  forgetPassers(tracks, row)
}
