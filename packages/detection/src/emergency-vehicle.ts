/*
 * An emergency vehicle that approaches, 95/1: its role, and light bar or siren on, while it drives. That the role is really its own is in its
 * token, which the zone holds against the finding (docs/detection.md): anybody can write a role into a report.
 */
import { flagBit } from '@outrider/protocol'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { condition, type Way } from './explanation.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'

const signals = flagBit('light_bar') | flagBit('siren')
/** Wire VehicleRole. */
const emergency = 7
const emergencyVehicleApproaching = 95
const emergencyVehicle = 1

export function findEmergencyVehicle({ tracks, policy }: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  if ((sighting.flags & signals) === 0 || tracks.role[row] !== emergency) return noFindings
  const speedMps = tracks.speedMps[row]!
  const headingDeg = tracks.courseDeg[row]!
  if (!(speedMps >= policy.emergencyMpsMin) || Number.isNaN(headingDeg)) return noFindings
  return [
    {
      cause: emergencyVehicleApproaching,
      subCause: emergencyVehicle,
      x: sighting.x,
      y: sighting.y,
      uncertaintyM: accuracyOf(sighting.report.accuracyM[sighting.index]!, policy),
      headingDeg,
      speedMps,
      alone: true,
      subject: true,
    },
  ]
}

export function explainEmergencyVehicle({ tracks, policy }: Surroundings, row: number, { flags }: Sighting): readonly Way[] {
  const speedMps = tracks.speedMps[row]!
  return [
    {
      name: 'approaches',
      conditions: [
        condition('says that it is an emergency vehicle', tracks.role[row] === emergency),
        condition('light bar or siren on', (flags & signals) !== 0),
        condition(`drives at ${speedMps} m/s, needed ${policy.emergencyMpsMin}`, speedMps >= policy.emergencyMpsMin),
        condition('its course is known', !Number.isNaN(tracks.courseDeg[row]!)),
      ],
    },
  ]
}
