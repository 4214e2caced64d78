// Deliveries of alerts folded to (alert, vehicle), over revisions and nodes: was this vehicle warned, how far ahead, and if not, why. One SQL for the
// ledger of an alert, for its vehicles by pseudonym and for the lead times of all.
import { outrider } from '@outrider/protocol'

const { DELIVERY_STATE_ACKNOWLEDGED: acknowledged } = outrider.v1.DeliveryState

/** Acknowledged anywhere wins, else the node that opened it last: the same order everywhere a delivery is folded over nodes. */
export const overNodes = `(state = ${acknowledged}) DESC, opened_at_ms DESC, node`

/**
 * Columns: alert, vehicle, revision (the newest), node, state and drop_reason (of the newest revision); is_warned; opened, sent, received,
 * acknowledged, shown and shown_told_at_ms, reached_at_ms; distance_m and time_to_hazard_ms when first targeted; moved_to; lead_ms: from
 * the warning, shown or else acknowledged, to the hazard, by the nodes' clocks, null unless both were and in this order.
 * @param where condition on table delivery
 */
export function warnedVehicles(where: string): string {
  const newest = (column: string) => `(array_agg(${column} ORDER BY revision DESC, ${overNodes}))[1] AS ${column}`
  const first = (column: string) => `(array_agg(${column} ORDER BY opened_at_ms) FILTER (WHERE ${column} IS NOT NULL))[1] AS ${column}`
  return `
    SELECT *, reached_at_ms - CASE WHEN shown_told_at_ms <= reached_at_ms THEN shown_told_at_ms
      WHEN acknowledged_at_ms <= reached_at_ms THEN acknowledged_at_ms END AS lead_ms
    FROM (
      SELECT alert, vehicle, max(revision) AS revision, ${newest('node')}, ${newest('state')}, ${newest('drop_reason')}, ${newest('moved_to')},
        bool_or(state = ${acknowledged} OR taken_at_ms IS NOT NULL OR shown_at_ms IS NOT NULL) AS is_warned,
        min(opened_at_ms) AS opened_at_ms, min(sent_at_ms) AS sent_at_ms, min(received_at_ms) AS received_at_ms,
        min(closed_at_ms) FILTER (WHERE state = ${acknowledged}) AS acknowledged_at_ms,
        min(shown_at_ms) AS shown_at_ms, min(shown_told_at_ms) AS shown_told_at_ms, min(reached_at_ms) AS reached_at_ms,
        ${first('distance_m')}, ${first('time_to_hazard_ms')}
      FROM delivery WHERE ${where} GROUP BY alert, vehicle
    ) folded`
}

/** Five numbers of a column over the rows a condition selects, as one JSON object; the count is 0 and the rest null if there are none. */
export function spread(value: string, where: string): string {
  const at = (share: number) => `round(percentile_cont(${share}) WITHIN GROUP (ORDER BY ${value}) FILTER (WHERE ${where})::numeric, 1)`
  return `json_build_object('vehicles', count(${value}) FILTER (WHERE ${where}), 'min', ${at(0)}, 'p10', ${at(0.1)}, 'median', ${at(0.5)},
    'p90', ${at(0.9)}, 'max', ${at(1)})::text`
}

/** As `spread` answers. */
export interface Spread {
  readonly vehicles: number
  readonly min: number | null
  readonly p10: number | null
  readonly median: number | null
  readonly p90: number | null
  readonly max: number | null
}
