import type { AlertChange } from './alert-change.js'
import type { Now, StandingAlert } from './alert-entry.js'
import type { StoredAlert } from './alert-store.js'
import { keepMsMax } from './keep-time.js'
import type { RegistryState } from './registry-state.js'
import { forget } from './registry-state.js'
import { renew } from './write-alert.js'

/** An entry and its successor cost some µs; 256 of them stay under a few ms, and the rest is due the next time. */
const stepsPerTickMax = 256
/** Asked at half the validity, then every sixteenth of it: at most nine times a revision. */
const askAgainShare = 1 / 16

/** Expiries, renewals and forgetting that are due, the earliest first. */
export function passTime<Area>(state: RegistryState<Area>, now: Now, lasts: (entry: StandingAlert<Area>) => boolean): AlertChange<Area>[] {
  const changes: AlertChange<Area>[] = []
  for (let steps = 0; steps < stepsPerTickMax; steps++) {
    const stored = state.store.first()
    if (stored === undefined || stored.dueMs > now.monotonicMs) break
    changes.push(...step(state, stored, now, lasts))
  }
  return changes
}

function step<Area>(
  state: RegistryState<Area>,
  stored: StoredAlert<Area>,
  now: Now,
  lasts: (entry: StandingAlert<Area>) => boolean,
): readonly AlertChange<Area>[] {
  const { entry, draft } = stored
  if (entry.state !== 'active') return [forget(state, stored)]
  if (entry.validUntilMs <= now.monotonicMs) {
    const expired: StandingAlert<Area> = { ...entry, state: 'expired' }
    state.store.put(expired)
    return [{ kind: 'expired', made: entry.own ? 'here' : 'elsewhere', entry: expired }]
  }
  const renewed = draft !== undefined && lasts(entry) ? renew(state, entry, draft, now) : undefined
  if (renewed === undefined) state.store.postpone(stored, now.monotonicMs + (draft?.validityMs ?? keepMsMax) * askAgainShare)
  return renewed ?? []
}
