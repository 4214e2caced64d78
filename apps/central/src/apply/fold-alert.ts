// What central knows of one alert, folded from records in any order: commutative, associative, idempotent (design, invariant 4). Of
// contents the highest revision stays; an end, once heard, stays whatever the revision, and of several ends the first one.
import { firstEnding } from '@outrider/alerts'
import { outrider } from '@outrider/protocol'

const { Alert: AlertMessage } = outrider.v1

type Alert = outrider.v1.Alert.$Properties
type Ending = outrider.v1.Ending.$Properties

/** A revision, or an end. */
export type AlertChange = { readonly key: string } & ({ readonly alert: Alert } | { readonly end: outrider.v1.AlertEnd.$Properties })

export interface AlertState {
  readonly key: string
  /** Newest revision anyone spoke of. */
  readonly revision: number
  /** Newest content known, without its ending; undefined if only the end was heard of. */
  readonly alert: Alert | undefined
  readonly ending: Ending | undefined
  /** ms since 1970-01-01 UTC. */
  readonly keepUntilMs: number
}

export function foldAlert(state: AlertState | undefined, change: AlertChange): AlertState {
  if ('end' in change) {
    const { revision, ending, keepUntilMs } = change.end
    return {
      key: change.key,
      revision: Math.max(state?.revision ?? 0, revision ?? 0),
      alert: state?.alert,
      ending: endingOf(state?.ending, ending),
      keepUntilMs: Math.max(state?.keepUntilMs ?? 0, keepUntilMs ?? 0),
    }
  }
  const { ending, ...alert } = change.alert
  return {
    key: change.key,
    revision: Math.max(state?.revision ?? 0, alert.revision ?? 0),
    alert: state?.alert === undefined || isNewer(alert, state.alert) ? alert : state.alert,
    ending: endingOf(state?.ending, ending),
    keepUntilMs: Math.max(state?.keepUntilMs ?? 0, alert.keepUntilMs ?? 0),
  }
}

function endingOf(known: Ending | undefined, heard: Ending | null | undefined): Ending | undefined {
  if (heard == null) return known
  return known === undefined ? heard : firstEnding(known, heard)
}

/** Only the origin writes revisions, so that one number has one content; were there two, all readers choose the same. */
function isNewer(a: Alert, b: Alert): boolean {
  const order = (a.revision ?? 0) - (b.revision ?? 0) || (a.referenceTimeMs ?? 0) - (b.referenceTimeMs ?? 0)
  return order > 0 || (order === 0 && Buffer.compare(AlertMessage.encode(a).finish(), AlertMessage.encode(b).finish()) > 0)
}
