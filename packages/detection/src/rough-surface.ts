/*
 * A surface that shakes, 9: potholes, a broken joint, a lost load driven over. Measured by the vertical acceleration between two samples,
 * far above what cobbles give. A speed hump shakes as much: what is there every day has to be known from a map or learned, which is
 * not done yet, so the threshold is high.
 */
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { condition, type Way } from './explanation.js'
import { noFindings } from './no-findings.js'
import { roadFinding, speedOf } from './road-finding.js'

const surfaceCondition = 9

export function findRoughSurface(surroundings: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  const { policy, tracks } = surroundings
  if (!(sighting.report.roughnessMps2[sighting.index]! >= policy.roughMps2)) return noFindings
  if (!(speedOf(tracks, row, sighting) >= policy.roughMpsMin)) return noFindings
  return roadFinding(surroundings, sighting, surfaceCondition, 0)
}

export function explainRoughSurface({ policy, tracks }: Surroundings, row: number, sighting: Sighting): readonly Way[] {
  const roughness = sighting.report.roughnessMps2[sighting.index]!
  const speedMps = speedOf(tracks, row, sighting)
  return [
    {
      name: 'shaken',
      conditions: [
        condition(`vertical ${roughness} m/s2, needed ${policy.roughMps2}`, roughness >= policy.roughMps2),
        condition(`drives at ${speedMps} m/s, needed ${policy.roughMpsMin}`, speedMps >= policy.roughMpsMin),
      ],
    },
  ]
}
