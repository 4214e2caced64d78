import { distanceM } from '@outrider/geo'
import { isNewPeriod } from './along.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, seconds, type Way } from './explanation.js'
import { dawdles } from './slow-vehicle.js'

export function explainSlowVehicle(surroundings: Surroundings, row: number, { atMs, x, y }: Sighting): readonly Way[] {
  const { tracks, frame, policy } = surroundings
  const freeFlowMps = dawdles(surroundings, row)
  const sinceMs = atMs - tracks.dawdlingSinceMs[row]!
  const wayM = Number.isNaN(sinceMs) ? 0 : distanceM(frame, tracks.dawdlingX[row]!, tracks.dawdlingY[row]!, x, y)
  const percent = Math.round(policy.dawdlingShareMax * 100)
  return [
    {
      name: 'far below free flow',
      conditions: [
        condition(
          `drives at most ${percent} % of a known free flow${freeFlowMps === undefined ? '' : ` of ${freeFlowMps.toFixed(1)} m/s`}, with nobody slow before it`,
          freeFlowMps !== undefined,
        ),
        condition(
          Number.isNaN(sinceMs) ? `not for ${seconds(policy.dawdlingMs)}` : `for ${seconds(sinceMs)}, needed ${seconds(policy.dawdlingMs)}`,
          sinceMs >= policy.dawdlingMs,
        ),
        condition(`over ${Math.round(wayM)} m, needed ${policy.dawdlingM} m`, wayM >= policy.dawdlingM),
        condition('looked at once a second', isNewPeriod(surroundings, row, 1_000)),
      ],
    },
  ]
}
