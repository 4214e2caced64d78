// The vehicles of an alert's ledger by their pseudonyms: who was warned, how far ahead, who was not and why. Behind the admin port, never public.
import type { Queries } from '../store/store.js'
import { dropReasonOf, outcomeOf } from './delivery-outcomes.js'
import { warnedVehicles } from './warned-vehicles.js'

export const vehiclesLimitMax = 10_000

/** Times are RFC 3339, null = it did not happen or was not said; received and shown by the vehicle's clock if it said so. */
export interface LedgerVehicle {
  /** Pseudonym. */
  readonly vehicle: string
  readonly warned: boolean
  /** Of the newest revision: its outcome, `dropped_` with the reason, and the node it counts at. */
  readonly outcome: string
  readonly revision: number
  readonly node: string
  readonly movedTo: string | null
  readonly targetedAt: string | null
  readonly sentAt: string | null
  readonly receivedAt: string | null
  readonly acknowledgedAt: string | null
  readonly shownAt: string | null
  readonly reachedAt: string | null
  readonly leadS: number | null
  /** When it was first found concerned. */
  readonly distanceM: number | null
  readonly timeToHazardS: number | null
}

interface VehicleRow {
  readonly vehicle: string
  readonly is_warned: boolean
  readonly state: number
  readonly drop_reason: number
  readonly revision: number
  readonly node: string
  readonly moved_to: string
  readonly opened_at_ms: number
  readonly sent_at_ms: number | null
  readonly received_at_ms: number | null
  readonly acknowledged_at_ms: number | null
  readonly shown_at_ms: number | null
  readonly reached_at_ms: number | null
  readonly lead_ms: number | null
  readonly distance_m: number | null
  readonly time_to_hazard_ms: number | null
}

const vehiclesSql = `
  SELECT vehicle, is_warned, state::int AS state, drop_reason::int AS drop_reason, revision::float8 AS revision, node, moved_to, opened_at_ms, sent_at_ms,
    received_at_ms, acknowledged_at_ms, shown_at_ms, reached_at_ms, lead_ms, distance_m, time_to_hazard_ms
  FROM (${warnedVehicles('alert = $1 AND vehicle > $2')}) vehicle ORDER BY vehicle LIMIT $3::int`

/** In the order of the pseudonyms, after one of them. */
export async function readVehicles(queries: Queries, alert: string, after: string, limit: number): Promise<readonly LedgerVehicle[]> {
  const rows = await queries.query<VehicleRow>(vehiclesSql, [alert, after, limit])
  return rows.map(row => ({
    vehicle: row.vehicle,
    warned: row.is_warned,
    outcome: outcomeOf(row.state) === 'dropped' ? `dropped_${dropReasonOf(row.drop_reason)}` : outcomeOf(row.state),
    revision: row.revision,
    node: row.node,
    movedTo: row.moved_to || null,
    targetedAt: timeOf(row.opened_at_ms),
    sentAt: timeOf(row.sent_at_ms),
    receivedAt: timeOf(row.received_at_ms),
    acknowledgedAt: timeOf(row.acknowledged_at_ms),
    shownAt: timeOf(row.shown_at_ms),
    reachedAt: timeOf(row.reached_at_ms),
    leadS: secondsOf(row.lead_ms),
    distanceM: row.distance_m,
    timeToHazardS: secondsOf(row.time_to_hazard_ms),
  }))
}

/** A vehicle's clock may say anything: what no Date holds is not shown. */
function timeOf(ms: number | null): string | null {
  return ms === null || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString()
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 100) / 10
}
