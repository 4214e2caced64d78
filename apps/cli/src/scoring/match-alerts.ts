/*
 * Alerts in order of time, one alert per hazard:
 *   about a hazard that none was about before         → true, or stale if it is still active 60 s after the hazard
 *   about one, while an earlier alert about it stands → duplicate
 *   about one whose earlier alerts are all over       → true again, and counted no second time
 *   about a hazard that may be told                   → may
 *   a queue before any hazard                         → consequence
 *   anything else                                     → false
 * An alert that fits several hazards goes to a free one first, then by equal cause, nearness, begin and place, so that the order of the
 * truth's rows decides nothing.
 */
import type { TruthRow } from '@outrider/traffic'
import type { DetectedAlert } from './detected-alert.js'
import { awayM, isAbout, isConsequence } from './match-rules.js'
import type { TruthHazard } from './truth-hazards.js'

/** An alert still active so long after its hazard's end is stale. */
const staleAfterS = 60

export type Verdict = 'true' | 'duplicate' | 'false' | 'stale' | 'consequence' | 'may'

export interface MatchedAlert {
  readonly alert: DetectedAlert
  readonly verdict: Verdict
  /** The hazard it is about: of true ones, stale ones and duplicates. */
  readonly hazard: TruthHazard | undefined
  /** True if the hazard was not found before, so that this alert counts for recall and time to detect. */
  readonly isFirst: boolean
  /** True if its cause is that of a row it fits, not only of its family. */
  readonly isExact: boolean
}

interface Fit {
  readonly hazard: TruthHazard
  readonly row: TruthRow
  readonly isExact: boolean
  readonly m: number
}

/** @param alerts in any order @param endS when the trace ended: what is active then is not known to end */
export function matchAlerts(alerts: readonly DetectedAlert[], hazards: readonly TruthHazard[], endS: number): readonly MatchedAlert[] {
  const found = new Map<TruthHazard, DetectedAlert[]>()
  const inOrder = alerts.map((alert, at) => ({ alert, at })).sort((a, b) => a.alert.issuedAtS - b.alert.issuedAtS || a.at - b.at)
  return inOrder.map(({ alert }) => matchAlert(alert, hazards, found, endS))
}

function matchAlert(
  alert: DetectedAlert,
  hazards: readonly TruthHazard[],
  found: Map<TruthHazard, DetectedAlert[]>,
  endS: number,
): MatchedAlert {
  const fits = hazards.flatMap(hazard => bestFit(alert, hazard) ?? [])
  const required = fits.filter(fit => fit.hazard.isRequired).sort(compareFits)
  const free = required.find(fit => !found.has(fit.hazard))
  if (free !== undefined) {
    const { hazard, isExact } = free
    found.set(hazard, [alert])
    const isStale = (alert.endedAtS ?? endS) > hazard.toS + staleAfterS
    return { alert, verdict: isStale ? 'stale' : 'true', hazard, isFirst: true, isExact }
  }
  const taken = required[0]
  if (taken !== undefined) {
    const before = found.get(taken.hazard)!
    const isDuplicate = before.some(({ endedAtS }) => endedAtS === null || endedAtS > alert.issuedAtS)
    before.push(alert)
    return { alert, verdict: isDuplicate ? 'duplicate' : 'true', hazard: taken.hazard, isFirst: false, isExact: taken.isExact }
  }
  const isOther = fits.length === 0
  const isConsequent = isOther && hazards.some(hazard => hazard.rows.some(row => isConsequence(alert, row)))
  return { alert, verdict: isOther ? (isConsequent ? 'consequence' : 'false') : 'may', hazard: undefined, isFirst: false, isExact: false }
}

/** The hazard's row the alert fits best. */
function bestFit(alert: DetectedAlert, hazard: TruthHazard): Fit | undefined {
  return hazard.rows
    .filter(row => isAbout(alert, row))
    .map(row => ({ hazard, row, isExact: row.cause === alert.cause, m: awayM(alert, row) }))
    .sort(compareFits)[0]
}

/** Total but for hazards that are equal in all that counts. */
function compareFits(a: Fit, b: Fit): number {
  return (
    Number(b.isExact) - Number(a.isExact) ||
    a.m - b.m ||
    a.hazard.fromS - b.hazard.fromS ||
    a.hazard.toS - b.hazard.toS ||
    a.row.lat - b.row.lat ||
    a.row.lon - b.row.lon
  )
}
