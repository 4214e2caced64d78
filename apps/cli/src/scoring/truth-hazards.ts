import type { TruthRow } from '@outrider/traffic'

/** A hazard of the truth: all rows with one id, or one row without an id. */
export interface TruthHazard {
  /** The rows' id, else the row's index. */
  readonly name: string | number
  readonly rows: readonly TruthRow[]
  /** False if all its rows are `may`: then it explains alerts, and is not missed if there is none. */
  readonly isRequired: boolean
  /** Cause of the row that begins first: what the hazard is counted under. */
  readonly cause: number
  readonly fromS: number
  readonly toS: number
  readonly vehicleIds: readonly string[]
}

/** Rows become hazards, in the order in which each first appears. */
export function hazardsOf(rows: readonly TruthRow[]): readonly TruthHazard[] {
  const groups = new Map<string | number, TruthRow[]>()
  for (const row of rows) {
    const name = row.id ?? row.index
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return [...groups].map(([name, group]) => hazardOf(name, group))
}

function hazardOf(name: string | number, rows: readonly TruthRow[]): TruthHazard {
  const first = rows.reduce((a, b) => (b.fromS < a.fromS || (b.fromS === a.fromS && b.cause < a.cause) ? b : a))
  return {
    name,
    rows,
    isRequired: rows.some(row => row.kind === 'must'),
    cause: first.cause,
    fromS: first.fromS,
    toS: Math.max(...rows.map(row => row.toS)),
    vehicleIds: [...new Set(rows.flatMap(row => row.vehicleIds))],
  }
}
