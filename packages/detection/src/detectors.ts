/*
 * The table of detectors. Each is `(row, report, now) → findings`, most often none, and keeps what it must remember in the track's
 * columns. To add a hazard: a file beside these, and a row here.
 */
import type { Frame, VehicleGrid } from '@outrider/geo'
import { eventFlagMask } from '@outrider/protocol'
import type { ReportRecord } from '@outrider/protocol'
import { findCrash } from './crash.js'
import type { DetectionPolicy } from './detection-policy.js'
import type { DetectorName, Finding } from './evidence.js'
import { findHardBraking } from './hard-braking.js'
import { findOwnReport } from './own-report.js'
import { findStationaryVehicle } from './stationary-vehicle.js'
import type { TrackTable } from './track-table.js'

/** What detectors may look at: all tracks, not only the sender's. */
export interface Surroundings {
  readonly tracks: TrackTable
  readonly frame: Frame
  /** Rows that stand. */
  readonly standing: VehicleGrid
  readonly policy: DetectionPolicy
  /** Room for the rows of a query; more neighbours than it holds are not looked at. */
  readonly rows: Int32Array
}

/** One accepted sample. */
export interface Sighting {
  readonly report: ReportRecord
  /** Index of the sample in the report. */
  readonly index: number
  readonly flags: number
  /** Place of the sample in the frame's units, and its time on the monotonic clock. */
  readonly x: number
  readonly y: number
  readonly atMs: number
  /** False if the sample was overtaken by a newer one: then the row is ahead of it. */
  readonly current: boolean
}

export interface Detector {
  readonly name: DetectorName
  /** True if an overtaken sample is looked at too: what it says does not depend on the row being of the same time. */
  readonly late: boolean
  readonly find: (surroundings: Surroundings, row: number, sighting: Sighting) => readonly Finding[]
}

export const detectors: readonly Detector[] = [
  { name: 'hard_braking', late: false, find: findHardBraking },
  { name: 'stationary_vehicle', late: false, find: findStationaryVehicle },
  { name: 'crash', late: true, find: findCrash },
  { name: 'own_report', late: true, find: findOwnReport },
]

/** True if a report says by name that something happened: what may not be shed. */
export function isEventful(report: ReportRecord): boolean {
  if (report.observationCount > 0 || report.verdicts.length > 0) return true
  for (let index = 0; index < report.sampleCount; index++) if ((report.flags[index]! & eventFlagMask) !== 0) return true
  return false
}
