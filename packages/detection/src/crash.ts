import { flagBit } from '@outrider/protocol'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'

const airbag = flagBit('airbag')
const automatic = flagBit('ecall_auto')
/** Either says that a crash happened; each alone makes it public (codes.md). A manual eCall is a call for help: someone may be ill, or was a witness. */
export const crashMask = airbag | automatic

const postCrash = 92
const noECall = 1
const eCallAutomatic = 3

/** Post-crash 92: /3 with an automatic eCall, /1 with an airbag and none. */
export function findCrash({ tracks, policy }: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  if ((sighting.flags & crashMask) === 0) return noFindings
  return [
    {
      cause: postCrash,
      subCause: (sighting.flags & automatic) !== 0 ? eCallAutomatic : noECall,
      x: sighting.x,
      y: sighting.y,
      uncertaintyM: accuracyOf(sighting.report.accuracyM[sighting.index]!, policy),
      headingDeg: tracks.courseDeg[row]!,
      alone: true,
      subject: true,
    },
  ]
}
