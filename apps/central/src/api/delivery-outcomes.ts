// Outcomes of deliveries under the names the API has for them.
import { outrider } from '@outrider/protocol'

const { DeliveryState, DropReason } = outrider.v1

export const outcomes = ['acknowledged', 'expired', 'superseded', 'ended', 'withdrawn', 'moved', 'dropped', 'pending'] as const
export type DeliveryOutcome = (typeof outcomes)[number]

const outcomeByState: Readonly<Record<number, DeliveryOutcome>> = {
  [DeliveryState.DELIVERY_STATE_TARGETED]: 'pending',
  [DeliveryState.DELIVERY_STATE_ACKNOWLEDGED]: 'acknowledged',
  [DeliveryState.DELIVERY_STATE_EXPIRED]: 'expired',
  [DeliveryState.DELIVERY_STATE_SUPERSEDED]: 'superseded',
  [DeliveryState.DELIVERY_STATE_ENDED]: 'ended',
  [DeliveryState.DELIVERY_STATE_WITHDRAWN]: 'withdrawn',
  [DeliveryState.DELIVERY_STATE_MOVED]: 'moved',
  [DeliveryState.DELIVERY_STATE_DROPPED]: 'dropped',
}

export function outcomeOf(state: number): DeliveryOutcome {
  return outcomeByState[state]!
}

/** `outbox_full`, `disconnected` …; `unspecified` for one of a newer node. */
export function dropReasonOf(reason: number): string {
  return (DropReason[reason] ?? DropReason[0]!).replace('DROP_REASON_', '').toLowerCase()
}
