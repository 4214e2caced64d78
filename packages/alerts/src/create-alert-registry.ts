// The rules apart: write-alert.ts (what we write), receive-alert.ts (what others wrote), pass-time.ts (what time does),
// registry-digest.ts (what two sides tell each other). Here the contract's guards, in the order a caller meets them.
import { outrider } from '@outrider/protocol'
import type { AlertOutcome } from './alert-change.js'
import type { AlertEntry, StandingAlert } from './alert-entry.js'
import type { AlertDraft, AlertRegistry, AlertRegistryOptions } from './alert-registry.js'
import { createAlertStore } from './alert-store.js'
import { AlertsError, alertsErrorCodes } from './alerts-error.js'
import type { CheckedAlert } from './check-alert.js'
import { checkAlert, checkId, isWhole } from './check-alert.js'
import { keepMsMax, longestLifeMs } from './keep-time.js'
import { passTime } from './pass-time.js'
import { receiveAlert, receiveEnd } from './receive-alert.js'
import { answerTo, differenceOf, digestOf } from './registry-digest.js'
import type { RegistryState } from './registry-state.js'
import { changed, ignored, refused } from './registry-state.js'
import { chooseSurvivor } from './survivor.js'
import { endStanding, issueChecked, reviseChecked, succeed } from './write-alert.js'

const { EndReason, IssuerRole } = outrider.v1

const entriesMaxDefault = 16_384
const entriesMaxMax = 1_048_576
const noneCounted = { late: 0, invalid: 0, full: 0, evicted: 0 }

/** @throws AlertsError `invalid_option` */
export function createAlertRegistry<Area>(options: AlertRegistryOptions<Area>): AlertRegistry<Area> {
  const { node, boot, compileArea, keepMs = longestLifeMs, entriesMax = entriesMaxDefault } = options
  const wrong = checkId({ node, boot, sequence: 1 }, 'options')
  if (wrong !== undefined) throw new AlertsError(alertsErrorCodes.invalidOption, `${wrong.field} ${wrong.message}`)
  if (!isWhole(entriesMax, 1, entriesMaxMax)) {
    throw new AlertsError(alertsErrorCodes.invalidOption, `options.entriesMax must be a whole number from 1 to ${entriesMaxMax}`)
  }
  const store = createAlertStore<Area>()
  const state: RegistryState<Area> = { node, boot, compileArea, keepMs, entriesMax, store, lastSequence: 0, ...noneCounted }

  function get(key: string): AlertEntry<Area> | undefined {
    return store.get(key)?.entry
  }

  function* entries(concerns: (entry: AlertEntry<Area>) => boolean = () => true): IterableIterator<AlertEntry<Area>> {
    for (const { entry } of store.values()) if (concerns(entry)) yield entry
  }

  /** An active alert, if the validity has not run out since the last tick. */
  function isActive(entry: AlertEntry<Area>, nowMs: number): entry is StandingAlert<Area> {
    return entry.state === 'active' && entry.validUntilMs > nowMs
  }

  return {
    issue(draft, now) {
      const checked = checkDraft(draft)
      if (!checked.ok) return refused('invalid', checked.problem)
      return changedOr('full', issueChecked(state, draft, checked.area, now))
    },
    revise(key, draft, now, expectedRevision) {
      const before = get(key)
      if (before === undefined) return refused('unknown')
      if (!before.own) return refused('notOrigin')
      if (!isActive(before, now.monotonicMs)) return refused('over')
      if (expectedRevision !== undefined && expectedRevision !== before.revision) return refused('conflict')
      const checked = checkDraft(draft)
      if (!checked.ok) return refused('invalid', checked.problem)
      return changed([reviseChecked(state, before, draft, checked.area, now)])
    },
    end(key, order, now, expectedRevision) {
      const before = get(key)
      if (before === undefined) return refused('unknown')
      if (before.state === 'ended') return ignored('ended')
      if (before.keepUntilMs <= now.monotonicMs) return refused('over')
      if (expectedRevision !== undefined && expectedRevision !== before.revision) return refused('conflict')
      return changed([endStanding(state, before, { ...order, endedTimeMs: now.wallMs })])
    },
    takeOver(key, validityMs, renewalMs, now) {
      const before = get(key)
      if (before === undefined) return refused('unknown')
      if (!isActive(before, now.monotonicMs)) return refused('over')
      const renewable = before.alert.issuerRole === IssuerRole.ISSUER_ROLE_DETECTED
      const draft = { content: before.alert, validityMs, renewable }
      if (!isWhole(validityMs, 1, keepMsMax) || !isWhole(renewalMs, 1, keepMsMax)) return refused('invalid', validityProblem)
      const changes = succeed(state, before, draft, EndReason.END_REASON_ORIGIN_LOST, now)
      for (const { entry } of changes ?? []) {
        const stored = store.get(entry.key)
        if (entry.own && stored?.draft !== undefined) stored.draft = { ...stored.draft, validityMs: renewalMs }
      }
      return changedOr('full', changes)
    },
    mergeTwins(key, otherKey, now, isAlive) {
      const [a, b] = [get(key), get(otherKey)]
      if (a === undefined || b === undefined || a === b) return refused('unknown')
      if (a.state === 'ended' || b.state === 'ended') return ignored('ended')
      if (!isActive(a, now.monotonicMs) || !isActive(b, now.monotonicMs)) return refused('over')
      const { stays, ends } = chooseSurvivor(a, b, isAlive)
      const endedBy = stays.alert.issuerRole ?? IssuerRole.ISSUER_ROLE_UNSPECIFIED
      const reason = EndReason.END_REASON_MERGED
      return changed([endStanding(state, ends, { reason, endedTimeMs: now.wallMs, endedBy, mergedInto: stays.id })])
    },

    receiveAlert: (live, now) => receiveAlert(state, live, now),
    receiveEnd: (live, now) => receiveEnd(state, live, now),
    tick: (now, lasts) => passTime(state, now, lasts),

    get,
    entries: () => entries(),
    digest: (concerns, now) => digestOf(entries(concerns), now.monotonicMs),
    difference: (theirs, concerns, now) => differenceOf(entries(concerns), get, theirs, now.monotonicMs),
    answer: (wanted, now) => answerTo(wanted, get, now.monotonicMs),
    counts() {
      const { late, invalid, full, evicted } = state
      let active = 0
      for (const { entry } of store.values()) if (entry.state === 'active') active++
      return { entries: store.size, active, late, invalid, full, evicted }
    },
  }

  function checkDraft(draft: AlertDraft): CheckedAlert<Area> {
    if (!isWhole(draft.validityMs, 1, keepMsMax)) return { ok: false, problem: validityProblem }
    return checkAlert(draft.content, compileArea, 'issuer')
  }
}

const validityProblem = { field: 'validityMs', message: `must be a whole number of ms from 1 to ${keepMsMax}` }

function changedOr<Area>(otherwise: 'full', changes: Parameters<typeof changed<Area>>[0] | undefined): AlertOutcome<Area> {
  return changes === undefined ? refused(otherwise) : changed(changes)
}
