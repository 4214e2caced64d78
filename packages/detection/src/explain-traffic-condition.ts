import { isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, seconds, type Way } from './explanation.js'
import { isHeld, jamFromMs } from './jam.js'
import { heldAround, isPassed } from './traffic-condition.js'

export function explainTrafficCondition(surroundings: Surroundings, row: number, { atMs }: Sighting): readonly Way[] {
  const { tracks, policy } = surroundings
  const creptMs = atMs - tracks.creepingSinceMs[row]!
  const fromMs = jamFromMs(surroundings, row)
  const held = Number.isNaN(creptMs) ? 0 : heldAround(surroundings, row, fromMs, atMs)
  return [
    {
      name: 'jam',
      conditions: [
        condition(
          Number.isNaN(creptMs) ? 'does not creep' : `creeps for ${seconds(creptMs)}, longer than is usual here: ${seconds(fromMs)}`,
          creptMs >= fromMs,
        ),
        condition('neither parked nor public transport', Number.isNaN(creptMs) || isHeld(surroundings, row, 0, atMs)),
        condition('others of its direction do not drive by', !isPassed(surroundings, row, atMs)),
        condition(
          `${held} of its direction within ${policy.jamM} m creep for as long, needed ${policy.jamVehiclesMin}`,
          held >= policy.jamVehiclesMin,
        ),
        condition('looked at once a second', isNewPeriod(surroundings, row, 1_000)),
      ],
    },
  ]
}
