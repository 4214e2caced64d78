import { courseDeg, distanceM, type Frame, reverseHeadingDeg } from '@outrider/geo'
import type { ReportRecord } from '@outrider/protocol'
import { flagBit } from '@outrider/protocol'
import type { DetectionPolicy } from './detection-policy.js'
import type { SampleView } from './plausibility.js'
import { forgetPassers, historySamples, type TrackTable } from './track-table.js'

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
  const known = tracks.samples[row]! > 0
  const spanS = (sample.atMs - tracks.atMs[row]!) / 1_000
  const movedM = known ? distanceM(frame, tracks.x[row]!, tracks.y[row]!, sample.x, sample.y) : 0
  const speedMps = !Number.isNaN(sample.speedMps) ? sample.speedMps : known && spanS >= 0.5 && spanS <= 10 ? movedM / spanS : Number.NaN
  const reported = report.headingDeg[index]!
  const heading = (sample.flags & reverseBit) !== 0 ? reverseHeadingDeg(reported) : reported
  const derived = known && movedM >= 5 && spanS <= 10 ? courseDeg(frame, tracks.x[row]!, tracks.y[row]!, sample.x, sample.y) : Number.NaN
  if (speedMps >= courseMpsMin) {
    const course = Number.isNaN(reported) ? derived : heading
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
  trackStanding(tracks, row, sample, speedMps, frame, policy)
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
  forgetPassers(tracks, row)
}
