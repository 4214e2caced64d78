// What central has, counted from the rows themselves: nothing here trusts the code that wrote them.
import type { Queries } from '../store/store.js'
import { type DeliveryOutcome, outcomeOf, outcomes } from './delivery-outcomes.js'
import { type LeadStats, readLeads } from './read-leads.js'
import { overNodes } from './warned-vehicles.js'

export interface StoreStats {
  readonly reports: {
    /** Different (vehicle, SDK start, number). */
    readonly identities: number
    /** Rows: how often a report was applied. */
    readonly applications: number
    /** Identities with more than one row. */
    readonly duplicates: number
    readonly urgent: number
  }
  readonly records: {
    readonly applied: number
    /** Records that came again and had no effect. */
    readonly repeatsDropped: number
    /** Sequences that nodes gave up as lost, told by gap records. */
    readonly lost: number
  }
  readonly alerts: { readonly total: number; readonly active: number; readonly ended: number }
  /** Folded by (alert, revision, vehicle): acknowledged anywhere wins, else the newest node's outcome. `targeted` is the sum of the others. */
  readonly deliveries: Readonly<Record<DeliveryOutcome | 'targeted', number>>
  readonly leads: LeadStats
  /** Letters held in the dead-letter topic as far as read. */
  readonly deadLetters: number
}

const reportsSql = `
  SELECT count(*)::float8 AS identities, coalesce(sum(times), 0)::float8 AS applications,
    count(*) FILTER (WHERE times > 1)::float8 AS duplicates, count(*) FILTER (WHERE urgent)::float8 AS urgent
  FROM (SELECT count(*) AS times, bool_or(urgent) AS urgent FROM report
    GROUP BY vehicle, sdk_start, number HAVING max(received_at_ms) >= $1::float8) identity`

const recordsSql = `
  SELECT coalesce(sum(value) FILTER (WHERE name LIKE 'applied.%'), 0)::float8 AS applied,
    coalesce(sum(value) FILTER (WHERE name LIKE 'repeat.%'), 0)::float8 AS "repeatsDropped",
    (SELECT coalesce(sum(r.last - r.first + 1), 0)::float8 FROM sequence_range r JOIN sequence_source s ON s.id = r.source
      WHERE s.kind = 'lost') AS lost
  FROM tally`

const alertsSql = `
  SELECT count(*)::float8 AS total, count(*) FILTER (WHERE ended_at_ms IS NULL AND valid_until_ms > $1::float8)::float8 AS active,
    count(*) FILTER (WHERE ended_at_ms IS NOT NULL)::float8 AS ended
  FROM alert WHERE first_recorded_at_ms >= $2::float8`

/** The node that opened a vehicle's delivery last is the newest. */
const deliveriesSql = `
  SELECT state::int AS state, count(*)::float8 AS count FROM (
    SELECT DISTINCT ON (alert, revision, vehicle) alert, revision, vehicle, state FROM delivery
    ORDER BY alert, revision, vehicle, ${overNodes}
  ) folded JOIN (
    SELECT alert, revision, vehicle FROM delivery
    GROUP BY alert, revision, vehicle HAVING max(coalesce(targeted_at_ms, opened_at_ms)) >= $1::float8
  ) recent USING (alert, revision, vehicle) GROUP BY state`

/** @param sinceMs reports received, alerts first recorded and deliveries targeted, for the last time, before it are left out; 0: none are */
export async function readStats(queries: Queries, nowMs: number, sinceMs = 0): Promise<StoreStats> {
  const [reports] = await queries.query<StoreStats['reports']>(reportsSql, [sinceMs])
  const [records] = await queries.query<StoreStats['records']>(recordsSql)
  const [alerts] = await queries.query<StoreStats['alerts']>(alertsSql, [nowMs, sinceMs])
  const states = new Map(
    (await queries.query<{ state: number; count: number }>(deliveriesSql, [sinceMs])).map(({ state, count }) => [outcomeOf(state), count]),
  )
  const [letters] = await queries.query<{ count: number }>('SELECT count(*)::float8 AS count FROM dead_letter')
  const counted = outcomes.map(outcome => [outcome, states.get(outcome) ?? 0] as const)
  const deliveries = Object.fromEntries([['targeted', counted.reduce((sum, [, count]) => sum + count, 0)], ...counted])
  return {
    reports: reports!,
    records: records!,
    alerts: alerts!,
    deliveries: deliveries as StoreStats['deliveries'],
    leads: await readLeads(queries, nowMs),
    deadLetters: letters!.count,
  }
}
