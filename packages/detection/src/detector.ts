import type { Frame, VehicleGrid } from '@outrider/geo'
import type { ReportRecord } from '@outrider/protocol'
import type { ConditionField } from './condition-field.js'
import type { DetectionPolicy } from './detection-policy.js'
import type { DetectorName, Finding } from './evidence.js'
import type { Way } from './explanation.js'
import type { TrackTable } from './track-table.js'
import type { UsualTraffic } from './usual-traffic.js'

/** What detectors may look at: all tracks, not only the sender's. */
export interface Surroundings {
  readonly tracks: TrackTable
  readonly frame: Frame
  /** All rows, where they are or are reckoned to be. */
  readonly around: VehicleGrid
  /** Rows that stand. */
  readonly standing: VehicleGrid
  /** What the road and the air are like, by many vehicles. */
  readonly conditions: ConditionField
  readonly policy: DetectionPolicy
  /** What is usual in the places they are. */
  readonly usual: UsualTraffic
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
  /** Why it found something there or did not, after `find` was called with the same; changes nothing. */
  readonly explain?: (surroundings: Surroundings, row: number, sighting: Sighting) => readonly Way[]
}
