import { crashMask } from './crash.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, type Way } from './explanation.js'

export function explainCrash(_: Surroundings, __: number, { flags }: Sighting): readonly Way[] {
  return [{ name: 'flag', conditions: [condition('airbag or automatic eCall', (flags & crashMask) !== 0)] }]
}
