import { flagBit } from '@outrider/protocol'
import { crashMask } from './crash.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, type Way } from './explanation.js'
import { fastestMps, measureBraking } from './hard-braking.js'

export function explainHardBraking(surroundings: Surroundings, row: number, sighting: Sighting): readonly Way[] {
  const { policy } = surroundings
  const { flags, current } = sighting
  const isNoCrash = condition('no airbag or automatic eCall, which is a crash', (flags & crashMask) === 0)
  const fastest = fastestMps(surroundings, row, sighting)
  const { isStrong, begunMps, lostMps } = measureBraking(surroundings, row)
  const second = `${policy.brakingWindowMs / 1_000} s`
  return [
    {
      name: 'automatic emergency brake',
      conditions: [
        condition('AEB flag', (flags & flagBit('aeb')) !== 0),
        condition(`at most ${mps(fastest)} within ${second}, needed ${mps(policy.aebFromMps)} or unknown`, !(fastest < policy.aebFromMps)),
        isNoCrash,
      ],
    },
    {
      name: 'measured',
      conditions: [
        condition('the newest sample, with a position', current),
        condition(`${policy.brakingMps2} m/s2 by its speeds or its sensor`, isStrong),
        condition(`begun at ${mps(begunMps)}, needed ${mps(policy.brakingFromMps)}`, begunMps >= policy.brakingFromMps),
        condition(`lost ${mps(lostMps)} within ${second}, needed ${mps(policy.brakingLostMps)}`, lostMps >= policy.brakingLostMps),
        isNoCrash,
      ],
    },
  ]
}

function mps(speed: number): string {
  return Number.isNaN(speed) ? 'an unknown speed' : `${Math.round(speed * 10) / 10} m/s`
}
