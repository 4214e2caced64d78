import type { Sighting, Surroundings } from './detector.js'
import { condition, type Way } from './explanation.js'

export function explainWrongWay({ tracks, policy }: Surroundings, row: number, _sighting: Sighting): readonly Way[] {
  const cells = tracks.wrongWayCells[row]!
  const speedMps = tracks.speedMps[row]!
  return [
    {
      name: 'against the learned direction',
      conditions: [
        condition(`${cells} cells in a row against all others, needed ${policy.wrongWayCells}`, cells >= policy.wrongWayCells),
        condition(
          Number.isNaN(speedMps) ? 'unknown speed' : `${speedMps.toFixed(1)} m/s, needed ${policy.wrongWayMpsMin}`,
          speedMps >= policy.wrongWayMpsMin,
        ),
      ],
    },
  ]
}
