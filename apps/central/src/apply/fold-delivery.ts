// One delivery at one node, folded from its steps in any order. A node's first outcome stays, as in its own ledger; acknowledged wins
// over any, since the vehicle has it; a later stage only adds its time.
import { outrider } from '@outrider/protocol'

const { DeliveryStage, DeliveryState } = outrider.v1
const targeted = DeliveryState.DELIVERY_STATE_TARGETED
const acknowledged = DeliveryState.DELIVERY_STATE_ACKNOWLEDGED

/** A step, and the delivery it belongs to. */
export interface DeliveryStep {
  readonly alert: string
  readonly revision: number
  readonly vehicle: string
  readonly node: string
  readonly transition: outrider.v1.DeliveryTransition.$Properties & { readonly state: number; readonly timeMs: number }
}

/** Columns of a delivery; times in ms since 1970-01-01 UTC. */
export interface DeliveryRow {
  readonly state: number
  readonly drop_reason: number
  readonly recovered: boolean
  /** Earliest step heard of. */
  readonly opened_at_ms: number
  /** When its outcome came; null while it is open. */
  readonly closed_at_ms: number | null
  /** When the node last wrote it to the vehicle's socket. */
  readonly sent_at_ms: number | null
  readonly received_at_ms: number | null
  readonly taken_at_ms: number | null
  readonly shown_at_ms: number | null
  readonly time_to_hazard_ms: number | null
  readonly distance_m: number | null
}

export function foldDelivery(row: DeliveryRow | undefined, { transition }: DeliveryStep): DeliveryRow {
  const { state, timeMs, stage, vehicleTimeMs, sentTimeMs, timeToHazardMs, distanceM } = transition
  const step: DeliveryRow = {
    state,
    drop_reason: transition.dropReason ?? 0,
    recovered: transition.recovered === true,
    opened_at_ms: timeMs,
    closed_at_ms: state === targeted ? null : timeMs,
    sent_at_ms: sentTimeMs ?? null,
    received_at_ms: stage === DeliveryStage.DELIVERY_STAGE_RECEIVED ? (vehicleTimeMs ?? timeMs) : null,
    taken_at_ms: stage === DeliveryStage.DELIVERY_STAGE_TAKEN ? (vehicleTimeMs ?? timeMs) : null,
    shown_at_ms: stage === DeliveryStage.DELIVERY_STAGE_SHOWN ? (vehicleTimeMs ?? timeMs) : null,
    time_to_hazard_ms: timeToHazardMs ?? null,
    distance_m: distanceM ?? null,
  }
  if (row === undefined) return step
  const kept = isOutcomeOver(step, row) ? step : row
  return {
    state: kept.state,
    drop_reason: kept.drop_reason,
    recovered: row.recovered || step.recovered,
    opened_at_ms: Math.min(row.opened_at_ms, step.opened_at_ms),
    closed_at_ms: kept.closed_at_ms,
    sent_at_ms: most(row.sent_at_ms, step.sent_at_ms),
    received_at_ms: least(row.received_at_ms, step.received_at_ms),
    taken_at_ms: least(row.taken_at_ms, step.taken_at_ms),
    shown_at_ms: least(row.shown_at_ms, step.shown_at_ms),
    time_to_hazard_ms: least(row.time_to_hazard_ms, step.time_to_hazard_ms),
    distance_m: least(row.distance_m, step.distance_m),
  }
}

/** Acknowledged over all, any outcome over open, then the earlier one, then the smaller numbers: one order, so the order of arrival does not count. */
function isOutcomeOver(a: DeliveryRow, b: DeliveryRow): boolean {
  const rank = ({ state }: DeliveryRow) => (state === acknowledged ? 0 : state === targeted ? 2 : 1)
  const order = rank(a) - rank(b) || (a.closed_at_ms ?? 0) - (b.closed_at_ms ?? 0) || a.state - b.state || a.drop_reason - b.drop_reason
  return order < 0
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function most(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
