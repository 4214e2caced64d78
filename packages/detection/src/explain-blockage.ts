import { isNewPeriod } from './along.js'
import { blockagePeriodMs, blockedFromMs, firstOfQueue, heldBehind } from './blockage.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, seconds, type Way } from './explanation.js'
import { isHeld } from './jam.js'
import { passersOf } from './passers.js'

export function explainBlockage(surroundings: Surroundings, row: number, { atMs }: Sighting): readonly Way[] {
  const { tracks, policy } = surroundings
  const stands = !Number.isNaN(tracks.standingSinceMs[row]!)
  const fromMs = stands ? blockedFromMs(surroundings, row) : Number.POSITIVE_INFINITY
  const first = stands ? firstOfQueue(surroundings, row, atMs) : -1
  const behind = first < 0 ? 0 : heldBehind(surroundings, first, atMs)
  const name = Number.isFinite(fromMs) ? seconds(fromMs) : 'ever: traffic is not known there, or parks'
  return [
    {
      name: 'nothing gets by',
      conditions: [
        condition(`stands, neither parked nor public transport, held for ${name}`, stands && isHeld(surroundings, row, fromMs, atMs)),
        condition('the first or second that is held, and the first for long', first >= 0),
        condition('nobody got by within the last minute', stands && passersOf(surroundings, row, atMs) === 0),
        condition(`${behind} held behind the first, needed ${policy.blockedBehindMin}`, behind >= policy.blockedBehindMin),
        condition(`looked at every ${seconds(blockagePeriodMs)}`, isNewPeriod(surroundings, row, blockagePeriodMs)),
      ],
    },
  ]
}
