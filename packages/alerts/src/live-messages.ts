// Entries as the wire has them, and what the wire says about time. Remainders are computed at the moment of sending.
import type { outrider } from '@outrider/protocol'
import type { AlertEntry, EndedAlert, StandingAlert } from './alert-entry.js'
import type { AlertProblem } from './alert-problem.js'
import { checkId, isWhole } from './check-alert.js'
import { keepMsMax } from './keep-time.js'

type LiveAlert = outrider.v1.LiveAlert.$Properties
type LiveEnd = outrider.v1.LiveEnd.$Properties
type AlertEnd = outrider.v1.AlertEnd.$Properties

/** A standing alert for a live link. */
export function encodeLiveAlert<Area>(entry: StandingAlert<Area>, monotonicMs: number): LiveAlert {
  const remainingMs = entry.state === 'active' ? remainder(entry.validUntilMs, monotonicMs) : 0
  return { alert: entry.alert, remainingMs, keepRemainingMs: remainder(entry.keepUntilMs, monotonicMs) }
}

/** An end for a live link. */
export function encodeLiveEnd<Area>(entry: EndedAlert<Area>, monotonicMs: number): LiveEnd {
  return { end: encodeAlertEnd(entry), keepRemainingMs: remainder(entry.keepUntilMs, monotonicMs) }
}

/** An end for a record. */
export function encodeAlertEnd<Area>(entry: EndedAlert<Area>): AlertEnd {
  return { alertId: entry.id, revision: entry.revision, ending: entry.ending, keepUntilMs: entry.keepUntilWallMs }
}

export function encodeDigestEntry<Area>(entry: AlertEntry<Area>): outrider.v1.DigestEntry.$Properties {
  return { alertId: entry.id, revision: entry.revision, ended: entry.state === 'ended' }
}

/** Identity, revision and remainders of a live alert; its content is `checkAlert`'s. */
export function checkLiveAlert(live: LiveAlert): AlertProblem | undefined {
  const { alert } = live
  if (alert == null) return { field: 'alert', message: 'is needed' }
  return (
    checkId(alert.id, 'alert.id') ??
    checkRevision(alert.revision, 'alert.revision') ??
    checkTime(alert.validUntilMs, 'alert.validUntilMs') ??
    checkTime(alert.keepUntilMs, 'alert.keepUntilMs') ??
    checkRemainder(live.remainingMs, 'remainingMs') ??
    checkRemainder(live.keepRemainingMs, 'keepRemainingMs')
  )
}

export function checkLiveEnd(live: LiveEnd): AlertProblem | undefined {
  const { end } = live
  if (end?.ending == null) return { field: 'end.ending', message: 'is needed' }
  return (
    checkId(end.alertId, 'end.alertId') ??
    checkRevision(end.revision, 'end.revision') ??
    checkTime(end.keepUntilMs, 'end.keepUntilMs') ??
    checkRemainder(live.keepRemainingMs, 'keepRemainingMs') ??
    (end.ending.mergedInto == null ? undefined : checkId(end.ending.mergedInto, 'end.ending.mergedInto'))
  )
}

function checkRevision(revision: number | null | undefined, field: string): AlertProblem | undefined {
  return isWhole(revision, 1, 0xffff_ffff) ? undefined : { field, message: 'must be a whole number from 1 to 4294967295' }
}

function checkTime(timeMs: number | null | undefined, field: string): AlertProblem | undefined {
  return Number.isFinite(timeMs) ? undefined : { field, message: 'must be ms since 1970-01-01 UTC' }
}

function checkRemainder(ms: number | null | undefined, field: string): AlertProblem | undefined {
  return isWhole(ms, 0, keepMsMax) ? undefined : { field, message: `is needed, a whole number of ms from 0 to ${keepMsMax}` }
}

/** Whole ms left, rounded down so that nothing lasts longer at the receiver than here. */
function remainder(untilMs: number, monotonicMs: number): number {
  return Math.max(0, Math.min(keepMsMax, Math.floor(untilMs - monotonicMs)))
}
