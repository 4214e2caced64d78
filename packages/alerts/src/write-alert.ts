// What a process writes itself: revisions of its own alerts, and ends. Nothing else writes.
import { formatAlertKey, outrider } from '@outrider/protocol'
import type { AlertChange } from './alert-change.js'
import type { Alert, AlertIdentity, EndedAlert, Ending, Now, StandingAlert } from './alert-entry.js'
import type { AlertDraft } from './alert-registry.js'
import { keepMsMax } from './keep-time.js'
import type { RegistryState } from './registry-state.js'
import { makeRoom } from './registry-state.js'

const { EndReason, IssuerRole } = outrider.v1

const replacesMax = 8

/** A new alert of checked content; undefined if there is no room. */
export function issueChecked<Area>(
  state: RegistryState<Area>,
  draft: AlertDraft,
  area: Area,
  now: Now,
): readonly AlertChange<Area>[] | undefined {
  const room = makeRoom(state)
  if (room === undefined) return undefined
  const { content } = draft
  const id: AlertIdentity = { node: state.node, boot: state.boot, sequence: ++state.lastSequence }
  const keptMs = Math.min(keepMsMax, state.keepMs(content.cause?.code ?? 0))
  const first = {
    id,
    key: formatAlertKey(id),
    revision: 0,
    keepUntilMs: now.monotonicMs + keptMs,
    keepUntilWallMs: now.wallMs + keptMs,
    alert: { detectionTimeMs: content.detectionTimeMs || now.wallMs, replaces: content.replaces ?? [] },
  }
  return [...room, { kind: 'issued', made: 'here', entry: write(state, first, draft, area, now, false) }]
}

/** The next revision of an own alert, of checked content. */
export function reviseChecked<Area>(
  state: RegistryState<Area>,
  before: StandingAlert<Area>,
  draft: AlertDraft,
  area: Area,
  now: Now,
): AlertChange<Area> {
  return { kind: 'revised', made: 'here', entry: write(state, before, draft, area, now, false), before }
}

/** A revision that only lengthens the validity; where the keep time has no room for it, a successor. Undefined if there is no room for that. */
export function renew<Area>(
  state: RegistryState<Area>,
  before: StandingAlert<Area>,
  draft: AlertDraft,
  now: Now,
): readonly AlertChange<Area>[] | undefined {
  const fits = before.keepUntilMs - now.monotonicMs >= draft.validityMs
  if (!fits) return succeed(state, before, draft, EndReason.END_REASON_REPLACED, now)
  return [{ kind: 'revised', made: 'here', entry: write(state, before, draft, before.area, now, true), before }]
}

/** The same content as a new alert of ours; then the old one ends, so that who holds it is never without either. */
export function succeed<Area>(
  state: RegistryState<Area>,
  before: StandingAlert<Area>,
  draft: AlertDraft,
  reason: outrider.v1.EndReason,
  now: Now,
): readonly AlertChange<Area>[] | undefined {
  const replaces = [before.id, ...(before.alert.replaces ?? [])].slice(0, replacesMax)
  const detectionTimeMs = before.alert.detectionTimeMs ?? 0
  const issued = issueChecked(state, { ...draft, content: { ...draft.content, detectionTimeMs, replaces } }, before.area, now)
  if (issued === undefined) return undefined
  const endedBy = before.alert.issuerRole ?? IssuerRole.ISSUER_ROLE_UNSPECIFIED
  return [...issued, endStanding(state, before, { reason, endedTimeMs: now.wallMs, endedBy })]
}

export function endStanding<Area>(state: RegistryState<Area>, before: StandingAlert<Area>, ending: Ending): AlertChange<Area> {
  const entry: EndedAlert<Area> = { ...before, state: 'ended', ending }
  state.store.put(entry)
  return { kind: 'ended', made: 'here', entry, before }
}

/** What a revision takes over from the one before. */
interface Before {
  readonly id: AlertIdentity
  readonly key: string
  readonly revision: number
  readonly keepUntilMs: number
  readonly keepUntilWallMs: number
  readonly alert: Pick<Alert, 'detectionTimeMs' | 'replaces'>
}

function write<Area>(state: RegistryState<Area>, before: Before, draft: AlertDraft, area: Area, now: Now, renewal: boolean) {
  const { id, key, keepUntilMs, keepUntilWallMs } = before
  const revision = before.revision + 1
  const validMs = Math.min(draft.validityMs, keepUntilMs - now.monotonicMs)
  const alert: Alert = {
    ...draft.content,
    id,
    revision,
    detectionTimeMs: before.alert.detectionTimeMs ?? 0,
    referenceTimeMs: now.wallMs,
    validUntilMs: now.wallMs + validMs,
    keepUntilMs: keepUntilWallMs,
    replaces: before.alert.replaces ?? [],
    ending: null,
    renewal,
  }
  const validUntilMs = now.monotonicMs + validMs
  const entry: StandingAlert<Area> = {
    state: 'active',
    key,
    id,
    revision,
    alert,
    area,
    validUntilMs,
    keepUntilMs,
    keepUntilWallMs,
    own: true,
  }
  state.store.put(entry, draft, draft.renewable ? now.monotonicMs + validMs / 2 : undefined)
  return entry
}
