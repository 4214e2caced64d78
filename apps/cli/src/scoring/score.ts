import type { MatchedAlert } from './match-alerts.js'
import type { TruthHazard } from './truth-hazards.js'

/** Times from the begin of a hazard to its first alert, s; null if none was found. */
interface DetectTimes {
  readonly min: number | null
  readonly median: number | null
  readonly p95: number | null
  readonly max: number | null
}

/** How well alerts and truth agree; a ratio with denominator 0 is null. */
export interface Score {
  readonly hazards: number
  readonly observable: number
  /** Found of the observable hazards, and of all. */
  readonly recall: number | null
  readonly recallAll: number | null
  /** Found hazards ÷ (found hazards + false alerts). */
  readonly precision: number | null
  /** Of the found ones: alert and truth have the very same cause. */
  readonly exact: number
  /** Alerts about nothing, and duplicates. */
  readonly falseAlerts: number
  readonly duplicates: number
  readonly stale: number
  readonly consequences: number
  readonly falseAlertsPer100VehicleHours: number | null
  readonly timeToDetectS: DetectTimes
  readonly revisionsPerAlert: number | null
}

/** All that is scored; `byCause` takes subsets of it. */
export interface Scored {
  /** Hazards that must be found. */
  readonly hazards: readonly TruthHazard[]
  readonly observable: ReadonlySet<TruthHazard>
  readonly alerts: readonly MatchedAlert[]
  readonly vehicleHours: number
}

export function scoreAll(scored: Scored): Score {
  return scoreOf(scored, () => true)
}

/** Recall and times by the truth's cause, precision and what concerns alerts by the alert's. Keys are cause codes, in order. */
export function scoreByCause(scored: Scored): Readonly<Record<string, Score>> {
  const causes = new Set([...scored.hazards.map(hazard => hazard.cause), ...scored.alerts.map(({ alert }) => alert.cause)])
  return Object.fromEntries([...causes].sort((a, b) => a - b).map(cause => [cause, scoreOf(scored, other => other === cause)]))
}

function scoreOf({ hazards, observable, alerts, vehicleHours }: Scored, isOf: (cause: number) => boolean): Score {
  const first = alerts.filter(({ isFirst }) => isFirst)
  const found = new Set(first.flatMap(({ hazard }) => hazard ?? []))
  const own = alerts.filter(({ alert }) => isOf(alert.cause))
  const ownHazards = hazards.filter(hazard => isOf(hazard.cause))
  const ownObservable = ownHazards.filter(hazard => observable.has(hazard))
  const matched = own.filter(({ isFirst }) => isFirst)
  const countOf = (...verdicts: readonly string[]): number => own.filter(({ verdict }) => verdicts.includes(verdict)).length
  const falseAlerts = countOf('false', 'duplicate')
  return {
    hazards: ownHazards.length,
    observable: ownObservable.length,
    recall: ratio(ownObservable.filter(hazard => found.has(hazard)).length, ownObservable.length),
    recallAll: ratio(ownHazards.filter(hazard => found.has(hazard)).length, ownHazards.length),
    precision: ratio(matched.length, matched.length + falseAlerts),
    exact: matched.filter(({ isExact }) => isExact).length,
    falseAlerts,
    duplicates: countOf('duplicate'),
    stale: countOf('stale'),
    consequences: countOf('consequence'),
    falseAlertsPer100VehicleHours: ratio(falseAlerts * 100, vehicleHours),
    timeToDetectS: timesOf(first.flatMap(({ alert, hazard }) => (hazard && isOf(hazard.cause) ? alert.issuedAtS - hazard.fromS : []))),
    revisionsPerAlert: ratio(
      own.reduce((sum, { alert }) => sum + alert.revisions.length, 0),
      own.length,
    ),
  }
}

/** Six decimals: what is beyond is the arithmetic's. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : rounded(part / whole)
}

/** Median of an even number is the mean of the two in the middle; p95 is the nearest rank. */
function timesOf(times: readonly number[]): DetectTimes {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (index: number): number | null => (sorted.length === 0 ? null : rounded(sorted[index]!))
  const half = sorted.length >> 1
  const median = sorted.length === 0 ? null : rounded(sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2)
  return { min: at(0), median, p95: at(Math.ceil(sorted.length * 0.95) - 1), max: at(sorted.length - 1) }
}
