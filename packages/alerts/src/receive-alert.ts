// What comes from peers and region is merged by two rules: of two revisions the larger one stands, and an end replaces every revision.
import type { outrider } from '@outrider/protocol'
import { formatAlertKey } from '@outrider/protocol'
import type { AlertChange, AlertOutcome } from './alert-change.js'
import type { AlertEntry, AlertIdentity, EndedAlert, Now, StandingAlert } from './alert-entry.js'
import type { AlertProblem } from './alert-problem.js'
import { checkAlert } from './check-alert.js'
import { firstEnding } from './ending-order.js'
import { checkLiveAlert, checkLiveEnd } from './live-messages.js'
import type { RegistryState } from './registry-state.js'
import { changed, ignored, makeRoom, refused } from './registry-state.js'

export function receiveAlert<Area>(state: RegistryState<Area>, live: outrider.v1.LiveAlert.$Properties, now: Now): AlertOutcome<Area> {
  const problem = checkLiveAlert(live)
  if (problem !== undefined) return invalid(state, problem)
  const alert = live.alert!
  const id = identityOf(alert.id!)
  const revision = alert.revision!
  const key = formatAlertKey(id)
  const known = state.store.get(key)?.entry
  if (live.keepRemainingMs === 0 || isLate(state, id, known, now)) return late(state)
  if (known?.state === 'ended') return ignored('ended')
  if (known !== undefined && revision <= known.revision) return ignored(revision === known.revision ? 'repeated' : 'older')
  if (known?.own) return refused('notOrigin')
  const checked = checkAlert(alert, state.compileArea, 'link')
  if (!checked.ok) return invalid(state, { ...checked.problem, field: `alert.${checked.problem.field}` })
  const room = known === undefined ? makeRoom(state) : []
  if (room === undefined) return refused('full')

  const heardKeepUntilMs = now.monotonicMs + live.keepRemainingMs!
  const keepUntilMs = Math.min(known?.keepUntilMs ?? heardKeepUntilMs, heardKeepUntilMs)
  const entry: StandingAlert<Area> = {
    state: live.remainingMs === 0 ? 'expired' : 'active',
    key,
    id,
    revision,
    alert,
    area: checked.area,
    validUntilMs: Math.min(now.monotonicMs + live.remainingMs!, keepUntilMs),
    keepUntilMs,
    keepUntilWallMs: known?.keepUntilWallMs ?? alert.keepUntilMs!,
    own: false,
  }
  state.store.put(entry)
  return changed([...room, ...heard(known, entry)])
}

export function receiveEnd<Area>(state: RegistryState<Area>, live: outrider.v1.LiveEnd.$Properties, now: Now): AlertOutcome<Area> {
  const problem = checkLiveEnd(live)
  if (problem !== undefined) return invalid(state, problem)
  const end = live.end!
  const ending = end.ending!
  const id = identityOf(end.alertId!)
  const key = formatAlertKey(id)
  const before = state.store.get(key)?.entry
  if (live.keepRemainingMs === 0 || isLate(state, id, before, now)) return late(state)
  const revision = Math.max(before?.revision ?? 0, end.revision!)
  if (before?.state === 'ended') {
    state.store.put({ ...before, revision, ending: firstEnding(before.ending, ending) })
    return ignored('ended')
  }
  const room = before === undefined ? makeRoom(state) : []
  if (room === undefined) return refused('full')

  const keepUntilMs = now.monotonicMs + live.keepRemainingMs!
  const unheard = { alert: undefined, area: undefined, validUntilMs: 0, keepUntilMs, keepUntilWallMs: end.keepUntilMs!, own: false }
  const entry: EndedAlert<Area> = { ...(before ?? unheard), state: 'ended', key, id, revision, ending }
  state.store.put(entry)
  return changed([...room, { kind: 'ended', made: 'elsewhere', entry, before }])
}

/** What a received alert changes here; one that is expired already is kept and told to nobody. */
function heard<Area>(before: StandingAlert<Area> | undefined, entry: StandingAlert<Area>): readonly AlertChange<Area>[] {
  if (entry.state === 'active') {
    return [before === undefined ? { kind: 'issued', made: 'elsewhere', entry } : { kind: 'revised', made: 'elsewhere', entry, before }]
  }
  return before?.state === 'active' ? [{ kind: 'expired', made: 'elsewhere', entry }] : []
}

/** Its keep time is over: by what is known, or because this very process issued it and has forgotten it. */
function isLate<Area>(state: RegistryState<Area>, id: AlertIdentity, known: AlertEntry<Area> | undefined, now: Now): boolean {
  if (known === undefined) return id.node === state.node && id.boot === state.boot
  return known.keepUntilMs <= now.monotonicMs
}

function late<Area>(state: RegistryState<Area>): AlertOutcome<Area> {
  state.late++
  return ignored('late')
}

function invalid<Area>(state: RegistryState<Area>, problem: AlertProblem): AlertOutcome<Area> {
  state.invalid++
  return refused('invalid', problem)
}

function identityOf(id: outrider.v1.AlertId.$Properties): AlertIdentity {
  return { node: id.node!, boot: id.boot ?? 0, sequence: id.sequence! }
}
