/*
 * Emergency braking, 99/1. A flag of the automatic emergency brake is enough. Otherwise it must be measured: at least 6 m/s2, begun
 * at 8 m/s or more, and confirmed by 3 m/s lost within one second, which the way made must not contradict. The deceleration may be the vehicle's own sensor's or follow from its
 * speeds; without the loss of speed a sensor value is a bad value (SUMO shows -9 m/s2 in rows where vehicles speed up), and a loss of
 * 3 to 5 m/s in a second is how people brake at lights (1,886 times in 92 vehicle-hours), never a 99.
 *
 * The hard-brake flag alone is not enough: it stands for 0.4 g (J2735), which is ordinary hard braking and evidence for queues only.
 */
import { distanceM } from '@outrider/geo'
import { flagBit } from '@outrider/protocol'
import { crashMask } from './crash.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'
import { historyCount, pastIndex } from './track-table.js'

const aeb = flagBit('aeb')

const dangerousSituation = 99
const emergencyElectronicBrake = 1
const automaticBrake = 5

export function findHardBraking(surroundings: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  const { tracks, policy } = surroundings
  // A crash is the graver message about the same second, and goes to all traffic.
  if ((sighting.flags & crashMask) !== 0) return noFindings
  // The ring ends with the row's newest sample: of an overtaken one, or one without a position, only the flag tells.
  const measured = sighting.current && isEmergencyBraking(surroundings, row)
  // Parking has to be known: a flag whose vehicle does not say how fast it was is a flag.
  const flagged = (sighting.flags & aeb) !== 0 && !(fastestMps(surroundings, row, sighting) < policy.aebFromMps)
  if (!measured && !flagged) return noFindings
  return [
    {
      cause: dangerousSituation,
      subCause: flagged ? automaticBrake : emergencyElectronicBrake,
      x: sighting.x,
      y: sighting.y,
      uncertaintyM: accuracyOf(tracks.accuracyM[row]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: true,
      subject: false,
    },
  ]
}

function isEmergencyBraking(surroundings: Surroundings, row: number): boolean {
  const { isStrong, begunMps, lostMps } = measureBraking(surroundings, row)
  return isStrong && begunMps >= surroundings.policy.brakingFromMps && lostMps >= surroundings.policy.brakingLostMps
}

/** Highest speed within the window that ends now, of an overtaken sample its own; NaN if none is known. */
export function fastestMps({ tracks, policy }: Surroundings, row: number, { current, report, index }: Sighting): number {
  if (!current) return report.speedMps[index]!
  const nowMs = tracks.atMs[row]!
  let fastest = Number.NaN
  for (let back = 0; back < historyCount(tracks, row); back++) {
    const at = pastIndex(tracks, row, back)
    if (nowMs - tracks.pastAtMs[at]! > policy.brakingWindowMs + policy.brakingSlackMs) break
    if (!(tracks.pastSpeedMps[at]! <= fastest) && !Number.isNaN(tracks.pastSpeedMps[at]!)) fastest = tracks.pastSpeedMps[at]!
  }
  return fastest
}

/** Reused: one is measured per sample. */
const braking = { isStrong: false, begunMps: 0, lostMps: 0 }

/**
 * Of the window that ends now: whether it was as strong as needed from a speed as high as needed, the highest speed, and what of it is lost.
 * Good until the next call.
 */
export function measureBraking(surroundings: Surroundings, row: number): Readonly<typeof braking> {
  const { tracks, policy } = surroundings
  const count = historyCount(tracks, row)
  let later = pastIndex(tracks, row, 0)
  const nowMs = tracks.pastAtMs[later]!
  const nowMps = tracks.pastSpeedMps[later]!
  let begunMps = 0
  let isStrong = false
  let spanEndMs = nowMs
  let spanEndMps = nowMps
  let back = 1
  for (; back < count; back++) {
    const at = pastIndex(tracks, row, back)
    const atMs = tracks.pastAtMs[at]!
    if (nowMs - atMs > policy.brakingWindowMs + policy.brakingSlackMs) break
    const speedMps = tracks.pastSpeedMps[at]!
    if (speedMps > begunMps) begunMps = speedMps
    const isFast = speedMps >= policy.brakingFromMps
    // The sensor speaks of the moment between its own sample and the one before.
    if (isFast && tracks.pastAccelMps2[later]! <= -policy.brakingMps2) isStrong = true
    // Speeds over at least 0.3 s: what two samples closer together differ by is noise. Half a decimal is the wire's own rounding.
    if (spanEndMs - atMs >= policy.brakingSpanMs) {
      if (isFast && speedMps - spanEndMps >= (policy.brakingMps2 * (spanEndMs - atMs)) / 1_000 - 0.005) isStrong = true
      spanEndMs = atMs
      spanEndMps = speedMps
    }
    later = at
  }
  braking.isStrong = isStrong && !wayContradicts(surroundings, row, back)
  braking.begunMps = begunMps
  braking.lostMps = begunMps - nowMps
  return braking
}

/** Fewer samples in the window make the error of a position as large as what is looked for. */
const waySamplesMin = 5

/** True if the positions of the window's `samples` say that the vehicle lost no speed: then its speeds are bad values (NGSIM: 6 to 11 and back in 0.8 s). */
function wayContradicts({ tracks, frame }: Surroundings, row: number, samples: number): boolean {
  if (samples < waySamplesMin) return false
  const last = pastIndex(tracks, row, 0)
  const middle = pastIndex(tracks, row, samples >> 1)
  const first = pastIndex(tracks, row, samples - 1)
  const mps = (from: number, to: number) =>
    (distanceM(frame, tracks.pastX[from]!, tracks.pastY[from]!, tracks.pastX[to]!, tracks.pastY[to]!) * 1_000) /
    (tracks.pastAtMs[to]! - tracks.pastAtMs[from]!)
  return mps(middle, last) >= mps(first, middle)
}
