import type { AlertChange, AlertOutcome, IgnoredReason, RefusedReason } from './alert-change.js'
import type { AlertProblem, CompileArea } from './alert-problem.js'
import type { AlertStore, StoredAlert } from './alert-store.js'

/** What the rules of a registry work on. */
export interface RegistryState<Area> {
  readonly node: string
  readonly boot: number
  readonly compileArea: CompileArea<Area>
  readonly keepMs: (cause: number) => number
  readonly entriesMax: number
  readonly store: AlertStore<Area>
  lastSequence: number
  late: number
  invalid: number
  full: number
  evicted: number
}

/** Makes room for one more entry: what it took, or undefined if all entries are active. */
export function makeRoom<Area>(state: RegistryState<Area>): readonly AlertChange<Area>[] | undefined {
  if (state.store.size < state.entriesMax) return []
  const least = state.store.leastMissed()
  if (least === undefined) {
    state.full++
    return undefined
  }
  state.evicted++
  return [forget(state, least)]
}

export function forget<Area>(state: RegistryState<Area>, stored: StoredAlert<Area>): AlertChange<Area> {
  state.store.remove(stored)
  return { kind: 'forgotten', entry: stored.entry }
}

export function changed<Area>(changes: readonly AlertChange<Area>[]): AlertOutcome<Area> {
  return { outcome: 'changed', changes }
}

export function ignored(reason: IgnoredReason): AlertOutcome<never> {
  return { outcome: 'ignored', reason }
}

export function refused(reason: RefusedReason, problem?: AlertProblem): AlertOutcome<never> {
  return { outcome: 'refused', reason, ...(problem === undefined ? {} : { problem }) }
}
