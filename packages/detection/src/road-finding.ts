import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { accuracyOf } from './plausibility.js'
import type { TrackTable } from './track-table.js'

/** Road and weather concern all traffic, and one vehicle alone never makes them public (docs/detection.md). */
export function roadFinding({ policy }: Surroundings, sighting: Sighting, cause: number, subCause: number): readonly Finding[] {
  const { x, y, report, index } = sighting
  const uncertaintyM = accuracyOf(report.accuracyM[index]!, policy)
  return [{ cause, subCause, x, y, uncertaintyM, headingDeg: Number.NaN, alone: false, subject: false }]
}

/** Speed at the time of the sample: of the newest the track's, which knows it from the way too. NaN = unknown. */
export function speedOf(tracks: TrackTable, row: number, { current, report, index }: Sighting): number {
  return current ? tracks.speedMps[row]! : report.speedMps[index]!
}
