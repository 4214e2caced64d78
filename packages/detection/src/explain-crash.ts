import { flagBit } from '@outrider/protocol'
import { cameToStand, crashMask } from './crash.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, type Way } from './explanation.js'

export function explainCrash({ tracks, policy }: Surroundings, row: number, { flags, current }: Sighting): readonly Way[] {
  return [
    { name: 'flag', conditions: [condition('airbag or automatic eCall', (flags & crashMask) !== 0)] },
    {
      name: 'manual eCall',
      conditions: [
        condition('manual eCall', (flags & flagBit('ecall_manual')) !== 0),
        condition('the newest sample, with a position', current),
        condition(`stands, and drove at ${policy.brakingFromMps} m/s just before`, cameToStand(tracks, row, policy)),
      ],
    },
  ]
}
