/** One row of truth: a hazard, or a part of one (rows with the same id are one hazard). */
export interface TruthRow {
  /** Place of the row among the file's data rows, from 0, rejected ones counted: what names a row without an id. */
  readonly index: number
  readonly id?: string | undefined
  /** `must` be found, or `may`: explains an alert, and is not missed if there is none. */
  readonly kind: 'must' | 'may'
  /** ETSI cause code, 0..255. */
  readonly cause: number
  /** ETSI sub-cause code, 0..255. */
  readonly subCause: number
  /** WGS84 degrees. */
  readonly lat: number
  readonly lon: number
  readonly radiusM: number
  /** Seconds in the trace's base, `fromS` ≤ `toS`. A hazard of a city that still lasts has `toS` = Infinity. */
  readonly fromS: number
  readonly toS: number
  /** Course of those it concerns, clockwise from north, 0 ≤ heading < 360. */
  readonly headingDeg?: number | undefined
  /** Vehicles that make it observable; empty where passers sense it. */
  readonly vehicleIds: readonly string[]
}
