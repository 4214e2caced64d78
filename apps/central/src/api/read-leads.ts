// What warnings were good for, over all alerts that are kept: lead times by cause, and how often drivers were shown what they never came to.
import type { Queries } from '../store/store.js'
import { type Spread, spread, warnedVehicles } from './warned-vehicles.js'

/** Upper bounds in s, as the nodes' histograms have them. */
const boundsS = [1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600]

export interface LeadStats {
  /** Warnings shown, a vehicle and an alert each once; of them: at the hazard later; the alert over, and never at the hazard. */
  readonly shown: number
  readonly reached: number
  readonly neverReached: number
  /** At the hazard without a warning before. */
  readonly reachedUnwarned: number
  /** Driven by vehicles whose reports are kept, and what of the above was shown since the oldest of them, per hour of it; null = none kept. */
  readonly vehicleHours: number
  readonly neverReachedPerVehicleHour: number | null
  /** From the warning to the hazard, by cause code; `upToS` null = longer than the last bound. */
  readonly leadS: Readonly<
    Record<string, Spread & { readonly histogram: readonly { readonly upToS: number | null; readonly vehicles: number }[] }>
  >
}

const over = 'coalesce(a.ended_at_ms IS NOT NULL OR a.valid_until_ms <= $1::float8, true)'
const countsSql = `
  SELECT count(shown_at_ms)::float8 AS shown, count(*) FILTER (WHERE shown_at_ms IS NOT NULL AND reached_at_ms IS NOT NULL)::float8 AS reached,
    count(*) FILTER (WHERE shown_at_ms IS NOT NULL AND reached_at_ms IS NULL AND ${over})::float8 AS "neverReached",
    count(*) FILTER (WHERE reached_at_ms IS NOT NULL AND lead_ms IS NULL)::float8 AS "reachedUnwarned",
    count(*) FILTER (WHERE shown_at_ms IS NOT NULL AND reached_at_ms IS NULL AND ${over} AND shown_told_at_ms >= $2::float8)::float8 AS recent
  FROM (${warnedVehicles('true')}) v LEFT JOIN alert a ON a.key = v.alert`

const hoursSql = `
  SELECT coalesce(sum(last - first), 0)::float8 / 3600000 AS hours, min(first) AS since
  FROM (SELECT min(received_at_ms) AS first, max(received_at_ms) AS last FROM report GROUP BY vehicle, sdk_start) drive`

const leadsSql = `
  SELECT coalesce(a.cause, 0)::int AS cause, ${spread('(lead_ms / 1000)', 'true')} AS spread,
    ${boundsS.map(bound => `count(*) FILTER (WHERE lead_ms <= ${bound * 1_000})::float8 AS up_to_${bound}`).join(', ')}
  FROM (${warnedVehicles('true')}) v LEFT JOIN alert a ON a.key = v.alert WHERE lead_ms IS NOT NULL GROUP BY 1`

export async function readLeads(queries: Queries, nowMs: number): Promise<LeadStats> {
  const [drives] = await queries.query<{ hours: number; since: number | null }>(hoursSql)
  const { hours, since } = drives!
  const [counts] = await queries.query<Omit<LeadStats, 'leadS'> & { readonly recent: number }>(countsSql, [nowMs, since ?? nowMs])
  const { recent, ...shown } = counts!
  const rows = await queries.query<{ cause: number; spread: string } & Record<string, number>>(leadsSql)
  return {
    ...shown,
    vehicleHours: Math.round(hours * 1_000) / 1_000,
    neverReachedPerVehicleHour: hours > 0 ? Math.round((recent / hours) * 1_000) / 1_000 : null,
    leadS: Object.fromEntries(rows.map(row => [row.cause, { ...(JSON.parse(row.spread) as Spread), histogram: histogramOf(row) }])),
  }
}

function histogramOf(row: { readonly spread: string } & Readonly<Record<string, unknown>>) {
  const upTo = [...boundsS.map(bound => row[`up_to_${bound}`] as number), (JSON.parse(row.spread) as Spread).vehicles]
  return upTo
    .map((vehicles, at) => ({ upToS: boundsS[at] ?? null, vehicles: vehicles - (upTo[at - 1] ?? 0) }))
    .filter(({ vehicles }) => vehicles > 0)
}
