/*
 * Is this sample possible after what the same vehicle reported before? Each check is about physics or clocks, none about what drivers
 * usually do. A sample that fails is not tracked and is no evidence; it costs nobody else anything.
 *
 * A vehicle that was lost and found (tunnel, ferry, receiver restart) fails the position checks against its old track for ever. So
 * samples that fail are compared with each other: after `restartSamples` in a row that fit, the old track is forgotten.
 */
import { distanceM, type Frame, inFrame } from '@outrider/geo'
import { flagBit } from '@outrider/protocol'
import type { DetectionPolicy } from './detection-policy.js'
import { forgetMotion, historyCount, pastIndex, type TrackTable } from './track-table.js'

/** Why a sample was not believed. `late` alone does not count against the sender: an urgent report overtakes telemetry by design. */
export const implausibleReasons = {
  /** Later than the node's clock allows. */
  future: 'future',
  /** Older than is taken. */
  stale: 'stale',
  /** Not newer than the last one: overtaken by an urgent report, or repeated. */
  late: 'late',
  /** Outside everything the zone can reckon with. */
  outsideFrame: 'outside_frame',
  /** Further from the last position than a vehicle can drive in the time. */
  positionJump: 'position_jump',
  /** Position and reported speed contradict each other. */
  speedAgainstDisplacement: 'speed_against_displacement',
  /** The position stays the same to the centimetre while the vehicle says that it drives. */
  frozen: 'frozen_position',
  /** Speed changed by more than tyres can do. */
  acceleration: 'acceleration',
} as const

export type ImplausibleReason = (typeof implausibleReasons)[keyof typeof implausibleReasons]

/** A sample as the checks see it: position in the frame's units, time on the node's monotonic clock; NaN = missing. */
export interface SampleView {
  x: number
  y: number
  atMs: number
  speedMps: number
  accuracyM: number
  flags: number
}

const impactMask = flagBit('airbag') | flagBit('ecall_auto')

/** What can be said of a sample that has no position. Undefined = plausible. */
export function judgeTime(atMs: number, nowMs: number, policy: DetectionPolicy): ImplausibleReason | undefined {
  if (atMs > nowMs + policy.futureMs) return implausibleReasons.future
  return atMs < nowMs - policy.staleMs ? implausibleReasons.stale : undefined
}

/** Undefined = plausible. Pure, but for the stray count by which a lost track is given up. */
export function judgeSample(
  tracks: TrackTable,
  row: number,
  sample: SampleView,
  nowMs: number,
  frame: Frame,
  policy: DetectionPolicy,
): ImplausibleReason | undefined {
  const untimely = judgeTime(sample.atMs, nowMs, policy)
  if (untimely !== undefined) return untimely
  if (!inFrame(sample.x, sample.y)) return implausibleReasons.outsideFrame
  if (tracks.samples[row] === 0) return undefined
  const spanMs = sample.atMs - tracks.atMs[row]!
  if (spanMs <= 0) return implausibleReasons.late
  const reason = judgeMotion(tracks, row, sample, spanMs, frame, policy)
  if (reason === undefined) {
    tracks.strays[row] = 0
    return undefined
  }
  return isFoundAgain(tracks, row, sample, frame, policy) ? undefined : reason
}

function judgeMotion(
  tracks: TrackTable,
  row: number,
  sample: SampleView,
  spanMs: number,
  frame: Frame,
  policy: DetectionPolicy,
): ImplausibleReason | undefined {
  const spanS = spanMs / 1_000
  const movedM = distanceM(frame, tracks.x[row]!, tracks.y[row]!, sample.x, sample.y)
  const blurM = accuracyOf(sample.accuracyM, policy) + accuracyOf(tracks.accuracyM[row]!, policy)
  const before = tracks.speedMps[row]!
  if (movedM > wayMMax(before, sample.speedMps, spanS, policy) + policy.jumpM + blurM) return implausibleReasons.positionJump
  if ((sample.flags & impactMask) === 0 && Math.abs(sample.speedMps - before) > policy.accelMps2Max * spanS + 1.5) {
    return implausibleReasons.acceleration
  }
  if (isFrozen(tracks, row, sample, policy)) return implausibleReasons.frozen
  return speedContradicts(tracks, row, sample, blurM, frame, policy) ? implausibleReasons.speedAgainstDisplacement : undefined
}

/** Longest time over which what two speeds say bounds the way between: over more, anybody may have driven as fast as roads allow. */
const wayMsMax = 10_000

/** The longest way a vehicle can have made: by its speeds at both ends and what its engine gives between, else by what roads allow. */
function wayMMax(beforeMps: number, nowMps: number, spanS: number, policy: DetectionPolicy): number {
  const roadM = policy.speedMpsMax * spanS
  if (Number.isNaN(beforeMps + nowMps) || spanS * 1_000 > wayMsMax) return roadM
  // Gained for half of the time and lost again in the other half: a quarter of the acceleration times the square of the time.
  return Math.min(roadM, ((beforeMps + nowMps) / 2) * spanS + (policy.engineMps2Max * spanS * spanS) / 4)
}

/**
 * True if the vehicle has said the very same place for so long, and such speeds, that it should be elsewhere. A receiver of 1 Hz in reports of 10 Hz
 * repeats a place for a second, a receiver that stands shows some noise, and who stands says no speed.
 */
function isFrozen(tracks: TrackTable, row: number, sample: SampleView, policy: DetectionPolicy): boolean {
  if (sample.x !== tracks.x[row] || sample.y !== tracks.y[row]) return false
  let pathM = 0
  let laterMs = sample.atMs
  let laterMps = sample.speedMps
  for (let back = 0; back < historyCount(tracks, row); back++) {
    const at = pastIndex(tracks, row, back)
    if (tracks.pastX[at] !== sample.x || tracks.pastY[at] !== sample.y) break
    const earlierMps = tracks.pastSpeedMps[at]!
    // Creeping is what speeds of vehicles that stand look like, too.
    if (!(Math.min(laterMps, earlierMps) >= policy.frozenMpsMin)) break
    pathM += (Math.min(laterMps, earlierMps) * (laterMs - tracks.pastAtMs[at]!)) / 1_000
    laterMs = tracks.pastAtMs[at]!
    laterMps = earlierMps
  }
  return sample.atMs - laterMs >= policy.frozenMs && pathM >= policy.frozenM
}

/** Longest span over which path and displacement are compared: in it a vehicle may turn, but not drive a circle. */
const pathMsMax = 3_000

/** Compares the way since the oldest sample of the past 3 s with the way the reported speeds make. */
function speedContradicts(
  tracks: TrackTable,
  row: number,
  sample: SampleView,
  blurM: number,
  frame: Frame,
  policy: DetectionPolicy,
): boolean {
  if (Number.isNaN(sample.speedMps)) return false
  let pathM = 0
  let laterMs = sample.atMs
  let laterMps = sample.speedMps
  let oldest = -1
  for (let back = 0; back < historyCount(tracks, row); back++) {
    const at = pastIndex(tracks, row, back)
    const earlierMps = tracks.pastSpeedMps[at]!
    if (sample.atMs - tracks.pastAtMs[at]! > pathMsMax || Number.isNaN(earlierMps)) break
    pathM += ((laterMps + earlierMps) / 2) * ((laterMs - tracks.pastAtMs[at]!) / 1_000)
    laterMs = tracks.pastAtMs[at]!
    laterMps = earlierMps
    oldest = at
  }
  if (oldest < 0) return false
  const movedM = distanceM(frame, tracks.pastX[oldest]!, tracks.pastY[oldest]!, sample.x, sample.y)
  // Speed may have peaked or dipped between two samples; a turn makes the displacement shorter than the path, by a third of a half circle.
  const betweenM = policy.accelMps2Max * ((sample.atMs - laterMs) / 1_000 / 4)
  const slackM = policy.speedMismatchM + blurM + Math.min(betweenM, 10)
  return movedM > pathM + slackM || movedM < pathM * 0.6 - slackM
}

/** True if this is the `restartSamples`-th sample in a row that does not fit the track but fits the ones before it: then the track begins anew. */
function isFoundAgain(tracks: TrackTable, row: number, sample: SampleView, frame: Frame, policy: DetectionPolicy): boolean {
  const spanS = (sample.atMs - tracks.strayAtMs[row]!) / 1_000
  const movedM = distanceM(frame, tracks.strayX[row]!, tracks.strayY[row]!, sample.x, sample.y)
  // One fixed place is no new track of a vehicle that says it drives.
  const isStuck = movedM === 0 && sample.speedMps * spanS >= stuckM
  const fits = tracks.strays[row]! > 0 && spanS > 0 && !isStuck && movedM <= strayReachM(sample, spanS, policy)
  tracks.strays[row] = fits ? tracks.strays[row]! + 1 : 1
  tracks.strayX[row] = sample.x
  tracks.strayY[row] = sample.y
  tracks.strayAtMs[row] = sample.atMs
  if (tracks.strays[row]! < policy.restartSamples) return false
  forgetMotion(tracks, row)
  return true
}

/** At 10 Hz a place may repeat honestly; over so much way it does not. */
const stuckM = 3

/** How far a vehicle comes by its own speed; a constant false speed does not fit its displacement here either. */
function strayReachM(sample: SampleView, spanS: number, policy: DetectionPolicy): number {
  const speedMps = Number.isNaN(sample.speedMps) ? policy.speedMpsMax : sample.speedMps
  return speedMps * spanS + policy.accelMps2Max * Math.min(1, spanS) + accuracyOf(sample.accuracyM, policy)
}

export function accuracyOf(accuracyM: number, policy: DetectionPolicy): number {
  return Number.isNaN(accuracyM) ? policy.accuracyM : accuracyM
}

/**
 * What a verdict adds to the distrust of its sender. A jump further than receivers err is no accident, and two of them are enough, as of one place
 * kept while driving; position and speed also differ where a receiver jumps by less than 50 m and back, which may happen to anyone.
 */
const weights: Partial<Record<ImplausibleReason, number>> = {
  [implausibleReasons.positionJump]: 1.5,
  [implausibleReasons.frozen]: 1.5,
  [implausibleReasons.speedAgainstDisplacement]: 0.5,
  [implausibleReasons.late]: 0,
  [implausibleReasons.stale]: 0,
}
/** Trust comes back slowly: of distrust 3, at one sample a second, it takes six seconds until a sender is evidence again, of 10 three quarters of a minute. */
const forgivenPerSample = 0.03

/** What a verdict does to the sender's standing. */
export function countAgainst(tracks: TrackTable, row: number, reason: ImplausibleReason | undefined): void {
  if (reason === undefined) tracks.distrust[row]! *= 1 - forgivenPerSample
  else tracks.distrust[row]! += weights[reason] ?? 1
}
