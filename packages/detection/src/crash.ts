import { flagBit } from '@outrider/protocol'
import type { DetectionPolicy } from './detection-policy.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'
import { historyCount, pastIndex, type TrackTable } from './track-table.js'

const airbag = flagBit('airbag')
const automatic = flagBit('ecall_auto')
/** Either says that a crash happened; each alone makes it public (codes.md). A manual eCall is a call for help: someone may be ill, or was a witness. */
export const crashMask = airbag | automatic

const manual = flagBit('ecall_manual')

const postCrash = 92
const noECall = 1
const eCallManual = 2
const eCallAutomatic = 3

/**
 * Post-crash 92: /3 with an automatic eCall, /1 with an airbag and none, /2 with a manual one. A manual eCall without an airbag counts where the
 * vehicle drove and now stands, and has to be seconded: somebody may only have stopped to call.
 */
export function findCrash({ tracks, policy }: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  const { flags } = sighting
  const isSure = (flags & crashMask) !== 0
  if (!isSure && !((flags & manual) !== 0 && sighting.current && cameToStand(tracks, row, policy))) return noFindings
  return [
    {
      cause: postCrash,
      subCause: (flags & automatic) !== 0 ? eCallAutomatic : (flags & manual) !== 0 ? eCallManual : noECall,
      x: sighting.x,
      y: sighting.y,
      uncertaintyM: accuracyOf(sighting.report.accuracyM[sighting.index]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: isSure,
      subject: true,
    },
  ]
}

/** True if it stands, and within the samples remembered drove as fast as an emergency braking begins. */
export function cameToStand(tracks: TrackTable, row: number, policy: DetectionPolicy): boolean {
  if (Number.isNaN(tracks.standingSinceMs[row]!)) return false
  for (let back = 0; back < historyCount(tracks, row); back++)
    if (tracks.pastSpeedMps[pastIndex(tracks, row, back)]! >= policy.brakingFromMps) return true
  return false
}
