import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { readAlertKey } from './alert-id.js'

const { EndReason, EndScope } = outrider.v1

/** Why an alert is over for this vehicle: as its end says; `withdrawn`, `unknown` = over for this vehicle only; `full` = more urgent ones are held. */
export type AlertEndReason =
  | 'unspecified'
  | 'expired'
  | 'resolved'
  | 'cancelled'
  | 'negated'
  | 'merged'
  | 'replaced'
  | 'origin_lost'
  | 'withdrawn'
  | 'unknown'
  | 'full'

/** That an alert is over, as its node said. */
export interface AlertEnding {
  readonly key: string
  /** Ended for everyone; false = for this vehicle only, so that it may come back. */
  readonly isForAll: boolean
  readonly reason: AlertEndReason
  /** Key of the alert that goes on for the same hazard. */
  readonly mergedInto: string | undefined
}

/** Undefined if it does not say which alert. */
export function readEndPush(push: wire.v1.EndPush): AlertEnding | undefined {
  const key = readAlertKey(push.alertId)
  if (key === undefined) return undefined
  const isForAll = push.scope !== EndScope.END_SCOPE_WITHDRAWN && push.scope !== EndScope.END_SCOPE_UNKNOWN
  const reason = isForAll ? reasonName(push.reason) : push.scope === EndScope.END_SCOPE_WITHDRAWN ? 'withdrawn' : 'unknown'
  return { key, isForAll, reason, mergedInto: readAlertKey(push.mergedInto) }
}

/** The ending that an alert carries itself, once it has ended. */
export function readEnding(key: string, ending: wire.v1.Ending.$Properties): AlertEnding {
  return { key, isForAll: true, reason: reasonName(ending.reason ?? 0), mergedInto: readAlertKey(ending.mergedInto) }
}

/** Whether another alert is to go on for the same hazard, so that the driver need not hear of the end. */
export function isHandingOver(reason: AlertEndReason): boolean {
  return reason === 'merged' || reason === 'replaced' || reason === 'origin_lost'
}

function reasonName(reason: number): AlertEndReason {
  const name = EndReason[reason] ?? 'END_REASON_UNSPECIFIED'
  return name.slice('END_REASON_'.length).toLowerCase() as AlertEndReason
}
