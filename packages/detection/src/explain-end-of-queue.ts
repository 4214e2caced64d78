import { isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import { isApproached, isFastRoad, isJamAhead, isQueue, jamPeriodMs, lastOfQueue } from './end-of-queue.js'
import { condition, seconds, type Way } from './explanation.js'

export function explainEndOfQueue(surroundings: Surroundings, row: number, { atMs }: Sighting): readonly Way[] {
  const { tracks, policy } = surroundings
  const slowMs = atMs - tracks.slowSinceMs[row]!
  const isFast = isFastRoad(surroundings, row)
  const common = [
    condition(
      Number.isNaN(slowMs) ? 'is not slow' : `below ${policy.slowMpsMax} m/s for ${seconds(slowMs)}, needed ${seconds(policy.queueMs)}`,
      slowMs >= policy.queueMs,
    ),
    condition('another slow one in the same queue', isQueue(surroundings, row, atMs)),
    condition('at most one slow one behind it', lastOfQueue(surroundings, row, atMs) >= 0),
    condition(`somebody arrives at ${policy.arrivingMpsMin} m/s or more`, isApproached(surroundings, row)),
  ]
  return [
    {
      name: 'on a fast road',
      conditions: [
        condition(`known, free flow from ${policy.fastMpsMin} m/s on, nobody usually stands there`, isFast),
        ...common,
        condition('looked at once a second', isNewPeriod(surroundings, row, 1_000)),
      ],
    },
    {
      name: 'of a jam',
      conditions: [
        condition(
          `${policy.jamVehiclesMin} within ${policy.jamM} m ahead creep for longer than is usual`,
          isJamAhead(surroundings, row, atMs),
        ),
        ...common,
        condition(`looked at every ${seconds(jamPeriodMs)}`, isNewPeriod(surroundings, row, jamPeriodMs)),
      ],
    },
  ]
}
