import { tableLines } from '../print-table.js'
import type { ComparedAlert, Comparison } from '../scoring/compare-alerts.js'
import type { Score } from '../scoring/score.js'
import type { Evaluation, ScoredAlert } from './evaluate-trace.js'

/** An evaluation for a person: the scores by cause, then every alert. */
export function describeEvaluation({ overall, byCause, alerts, evidence, rejected, vehicleHours }: Evaluation): string {
  return [
    ...tableLines(scoreHead, [...Object.entries(byCause).map(([cause, score]) => scoreRow(cause, score)), scoreRow('all', overall)]),
    '',
    `${vehicleHours.toFixed(1)} vehicle-hours, ${overall.falseAlertsPer100VehicleHours ?? 0} false alerts per 100`,
    `evidence: ${counted(evidence)}`,
    `rejected: ${counted(rejected)}`,
    ...(alerts.length === 0 ? ['', 'no alerts'] : ['', ...tableLines(alertHead, alerts.map(alertRow))]),
  ].join('\n')
}

const scoreHead = [
  'cause',
  'hazards',
  'observable',
  'recall',
  'precision',
  'false',
  'duplicate',
  'stale',
  'consequence',
  'detected after s',
]

function scoreRow(cause: string, score: Score): string[] {
  const { median, max } = score.timeToDetectS
  return [
    cause,
    String(score.hazards),
    String(score.observable),
    share(score.recall),
    share(score.precision),
    String(score.falseAlerts - score.duplicates),
    String(score.duplicates),
    String(score.stale),
    String(score.consequences),
    median === null ? '-' : `${median} (at most ${max})`,
  ]
}

const alertHead = ['issued s', 'ended s', 'why', 'cause', 'lat', 'lon', 'heading', 'sources', 'verdict', 'hazard']

function alertRow(alert: ScoredAlert): string[] {
  return [
    String(alert.issuedAtS),
    alert.endedAtS === null ? '-' : String(alert.endedAtS),
    alert.endReason ?? '-',
    `${alert.cause}/${alert.subCause}`,
    alert.lat.toFixed(6),
    alert.lon.toFixed(6),
    alert.headingDeg === null ? '-' : String(Math.round(alert.headingDeg)),
    String(alert.sources),
    alert.verdict,
    alert.matched === null ? '-' : String(alert.matched),
  ]
}

function share(value: number | null): string {
  return value === null ? '-' : value.toFixed(3)
}

function counted(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts)
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ')
}

/** A comparison for a person: what is new, gone and changed, as seen from this run. */
export function describeComparison({ same, onlyHere, onlyThere, changed }: Comparison): string {
  const line = ({ cause, subCause, lat, lon, issuedAtS, endedAtS, verdict }: ComparedAlert): string =>
    `${cause}/${subCause} at ${lat.toFixed(6)},${lon.toFixed(6)} from ${issuedAtS} to ${endedAtS ?? '-'} s, ${verdict ?? 'not scored'}`
  return [
    `compared: ${same} alerts the same, ${onlyHere.length} only in this run, ${onlyThere.length} only in the other, ${changed.length} changed`,
    ...onlyHere.map(alert => `  + ${line(alert)}`),
    ...onlyThere.map(alert => `  - ${line(alert)}`),
    ...changed.map(({ here, there, fields }) => `  ~ ${line(here)}; was ${fields.map(field => `${field} ${there[field]}`).join(', ')}`),
  ].join('\n')
}
