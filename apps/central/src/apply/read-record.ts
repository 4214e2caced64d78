// A record of the event log as something to apply, or the reason why it is none. Everything the database could refuse is refused here first.
import { checkAlert } from '@outrider/alerts'
import type { LogRecord } from '@outrider/event-log'
import { formatAlertKey, outrider } from '@outrider/protocol'
import { checkAreaAnywhere } from './check-area.js'
import type { DeliveryStep } from './delivery-step.js'
import type { AlertChange } from './fold-alert.js'
import { withoutHealth } from './without-health.js'

const { DeliveryState, Lane, Record } = outrider.v1

/** Whose sequence a record has. */
interface LogSource {
  readonly node: string
  readonly lane: number
  readonly epoch: number
}

export interface Identity extends LogSource {
  readonly sequence: number
}

interface ReportRow {
  readonly vehicle: string
  readonly sdkStart: number
  readonly number: number
  readonly urgent: boolean
  readonly receivedAtMs: number
}

/** What a record changes. */
export type Effect =
  | { readonly kind: 'report'; readonly report: ReportRow }
  | { readonly kind: 'alert'; readonly change: AlertChange }
  | { readonly kind: 'delivery'; readonly step: DeliveryStep }
  | { readonly kind: 'gap'; readonly first: number; readonly last: number }
  /** Applied by being counted: what reads them brings its own table, and a rebuild fills it. */
  | { readonly kind: 'hazard' | 'condition' | 'misbehaviour' | 'latency' }

/** Why a record cannot be applied; it goes to the dead letters under this name. docs/central.md lists them. */
export const deadReasons = {
  /** It has no value: a tombstone where none belongs. */
  no_value: 'the record has no value',
  /** Its bytes are not the message Record. */
  undecodable: 'the bytes are no message Record',
  /** Node, lane or sequence is missing or out of range. */
  no_identity: 'the record does not say which it is',
  /** It belongs to another tenant. */
  foreign_authority: 'the record belongs to another authority',
  /** It has no body this version knows. */
  unknown_body: 'the record has no body this version knows',
  /** A field of its body is missing or out of range. */
  invalid_body: 'a field is missing or out of range',
  /** The database did not take its values. */
  refused_by_store: 'the database did not take it',
  /** Our own code stumbled over it. */
  failed: 'applying it failed by a fault of this program',
} as const

export type DeadReason = keyof typeof deadReasons

export type ReadRecord =
  | { readonly ok: true; readonly identity: Identity; readonly recordedAtMs: number; readonly effect: Effect }
  | { readonly ok: false; readonly reason: DeadReason; readonly detail: string; readonly identity?: Identity }

/**
 * @param authority the tenant; what a record says nothing of is taken for it
 * @param nowMs what is recorded later than this counts as recorded now: a clock that runs ahead must not outlive the retention
 */
export function readRecord({ value }: LogRecord, authority: string, nowMs: number): ReadRecord {
  if (value === null) return dead('no_value', deadReasons.no_value)
  let record: outrider.v1.Record
  try {
    record = Record.decode(value)
  } catch (error) {
    return dead('undecodable', error instanceof Error ? error.message : String(error))
  }
  const identity = identityOf(record)
  if (identity === undefined) return dead('no_identity', deadReasons.no_identity)
  if (record.authority !== '' && record.authority !== authority) return dead('foreign_authority', deadReasons.foreign_authority, identity)
  if (!isTime(record.recordedTimeMs)) return dead('invalid_body', 'recordedTimeMs is no time', identity)
  const effect = effectOf(record, identity)
  if ('reason' in effect) return { ok: false, identity, ...effect }
  return { ok: true, identity, recordedAtMs: Math.min(record.recordedTimeMs, nowMs), effect }
}

function effectOf(record: outrider.v1.Record, { node }: Identity): Effect | { readonly reason: DeadReason; readonly detail: string } {
  const { report, alert, end, delivery, gap, hazard, condition, misbehaviour, latency } = record
  if (report != null) return reportOf(report)
  if (delivery != null) return deliveryOf(delivery, node)
  if (alert != null) return alertOf(alert)
  if (end != null) return endOf(end)
  if (gap != null) return gapOf(gap)
  if (hazard != null) return { kind: 'hazard' }
  if (condition != null) return { kind: 'condition' }
  if (misbehaviour != null) return { kind: 'misbehaviour' }
  if (latency != null) return { kind: 'latency' }
  return { reason: 'unknown_body', detail: deadReasons.unknown_body }
}

function reportOf({ vehicle, sdkStart, receivedTimeMs, urgent, report }: outrider.v1.AcceptedReport.$Properties) {
  if (!isName(vehicle)) return invalid('report.vehicle')
  if (!isTime(receivedTimeMs)) return invalid('report.receivedTimeMs')
  if (!isCount(report?.number)) return invalid('report.report.number')
  const row = { vehicle, sdkStart: sdkStart ?? 0, number: report.number, urgent: urgent === true, receivedAtMs: receivedTimeMs }
  return { kind: 'report', report: row } as const
}

function alertOf(given: outrider.v1.Alert.$Properties) {
  const key = alertKeyOf(given.id)
  if (key === undefined) return invalid('alert.id')
  if (!isCount(given.revision)) return invalid('alert.revision')
  for (const field of ['detectionTimeMs', 'referenceTimeMs', 'validUntilMs', 'keepUntilMs'] as const)
    if (!isTime(given[field])) return invalid(`alert.${field}`)
  if (given.ending != null && !isTime(given.ending.endedTimeMs)) return invalid('alert.ending.endedTimeMs')
  const alert = withoutHealth(given)
  const checked = checkAlert(alert, checkAreaAnywhere, 'link')
  if (!checked.ok) return invalid(`alert.${checked.problem.field}`, checked.problem.message)
  return { kind: 'alert', change: { key, alert } } as const
}

function endOf(end: outrider.v1.AlertEnd.$Properties) {
  const key = alertKeyOf(end.alertId)
  if (key === undefined) return invalid('end.alertId')
  if (!isTime(end.ending?.endedTimeMs)) return invalid('end.ending.endedTimeMs')
  return { kind: 'alert', change: { key, end: end } } as const
}

function deliveryOf(transition: outrider.v1.DeliveryTransition.$Properties, node: string) {
  const { alertId, revision, vehicle, state, timeMs, vehicleTimeMs, sentTimeMs, reachedTimeMs, movedTo } = transition
  const alert = alertKeyOf(alertId)
  if (alert === undefined) return invalid('delivery.alertId')
  if (!isCount(revision)) return invalid('delivery.revision')
  if (!isName(vehicle)) return invalid('delivery.vehicle')
  if (!isCount(state) || state > DeliveryState.DELIVERY_STATE_DROPPED) return invalid('delivery.state')
  if (!isTime(timeMs)) return invalid('delivery.timeMs')
  if (vehicleTimeMs != null && !Number.isFinite(vehicleTimeMs)) return invalid('delivery.vehicleTimeMs')
  if (sentTimeMs != null && !Number.isFinite(sentTimeMs)) return invalid('delivery.sentTimeMs')
  if (reachedTimeMs != null && !isTime(reachedTimeMs)) return invalid('delivery.reachedTimeMs')
  if (movedTo && !isName(movedTo)) return invalid('delivery.movedTo')
  return { kind: 'delivery', step: { alert, revision, vehicle, node, transition: { ...transition, state, timeMs } } } as const
}

function gapOf({ firstSequence, lastSequence }: outrider.v1.Gap.$Properties) {
  const first = toSequence(firstSequence)
  const last = toSequence(lastSequence)
  if (Number.isNaN(first) || first < 1) return invalid('gap.firstSequence')
  if (Number.isNaN(last) || last < first) return invalid('gap.lastSequence')
  return { kind: 'gap', first, last } as const
}

function identityOf({ node, lane, epoch, sequence }: outrider.v1.Record): Identity | undefined {
  const number = toSequence(sequence)
  if (!isName(node) || !(lane === Lane.LANE_URGENT || lane === Lane.LANE_TELEMETRY) || !(number >= 1)) return undefined
  return { node, lane, epoch, sequence: number }
}

function alertKeyOf(id: outrider.v1.AlertId.$Properties | null | undefined): string | undefined {
  return isName(id?.node) && !id.node.includes('/') && isCount(id.sequence) ? formatAlertKey(id) : undefined
}

/** 1 to 64 bytes without control characters, which PostgreSQL and terminals do not take. */
function isName(text: string | null | undefined): text is string {
  if (text == null || text === '' || Buffer.byteLength(text) > 64) return false
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20) return false
  return true
}

function isCount(value: number | null | undefined): value is number {
  return value != null && Number.isInteger(value) && value >= 1 && value <= 0xffff_ffff
}

/** A moment between 1970 and the year 275760: what a Date holds. */
function isTime(value: number | null | undefined): value is number {
  return value != null && value > 0 && value <= 8.64e15
}

function toSequence(value: number | { toNumber(): number } | null | undefined): number {
  const number = typeof value === 'number' ? value : (value?.toNumber() ?? Number.NaN)
  return Number.isSafeInteger(number) && number >= 0 ? number : Number.NaN
}

function invalid(field: string, message = 'is missing or out of range') {
  return { reason: 'invalid_body', detail: `${field} ${message}` } as const
}

function dead(reason: DeadReason, detail: string, identity?: Identity): ReadRecord {
  return { ok: false, reason, detail, ...(identity && { identity }) }
}
