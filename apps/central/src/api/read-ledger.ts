// What became of the deliveries of one alert: counts, and no vehicle. Every number is counted from the rows.
import { outrider } from '@outrider/protocol'
import type { Queries } from '../store/store.js'
import { type DeliveryOutcome, dropReasonOf, outcomeOf, outcomes } from './delivery-outcomes.js'
import { overNodes, type Spread, spread, warnedVehicles } from './warned-vehicles.js'

const { Lane } = outrider.v1

/** targeted is the sum of the outcomes; dropped by reason beside. Of all: shown; already held before it was sent; known only from its answer. */
interface DeliveryCounts extends Readonly<Record<DeliveryOutcome | 'targeted' | 'shown' | 'alreadyHeld' | 'recovered', number>> {
  readonly droppedBy: Readonly<Record<string, number>>
}

export interface AlertLedger {
  readonly alert: string
  readonly state: 'active' | 'expired' | 'ended' | 'unknown'
  /** Vehicles, each once over revisions and nodes. */
  readonly vehicles: {
    readonly targeted: number
    /** Had the alert: acknowledged, or taken on its way. */
    readonly warned: number
    readonly notWarned: number
    readonly shown: number
    /** Came to the hazard, and of these: after a warning; without one. */
    readonly reached: number
    readonly reachedWarned: number
    readonly reachedUnwarned: number
    /** Shown, and never at the hazard: counted once the alert is over. */
    readonly neverReached: number
  }
  /** Why those who were not warned were not: the outcome of the newest revision, dropped by reason. */
  readonly notWarnedBy: Readonly<Record<string, number>>
  /** Of the warned, when they were first found concerned. */
  readonly ahead: { readonly distanceM: Spread; readonly timeToHazardS: Spread }
  /** From the warning to the hazard. */
  readonly leadS: Spread
  /** Folded by (alert, revision, vehicle): acknowledged anywhere wins, else the node that took it up last. */
  readonly deliveries: DeliveryCounts
  /** The newest 100, newest first, with each node's own count. */
  readonly revisions: readonly (DeliveryCounts & {
    readonly revision: number
    readonly nodes: readonly (DeliveryCounts & { readonly node: string })[]
  })[]
  readonly revisionsLeftOut: number
  /** False if a node that delivered it lost records of its urgent lane: steps may be missing. */
  readonly complete: boolean
}

/** A renewed alert's last hours; older ones are in the totals. */
const revisionsMax = 100

interface CountRow {
  readonly revision: number
  readonly node: string
  readonly state: number
  readonly drop_reason: number
  readonly count: number
  readonly shown: number
  readonly already_held: number
  readonly recovered: number
}

const counted = `count(*)::float8 AS count, count(*) FILTER (WHERE is_shown)::float8 AS shown,
  count(*) FILTER (WHERE already_held)::float8 AS already_held, count(*) FILTER (WHERE recovered)::float8 AS recovered`

const nodesSql = `
  SELECT revision::float8 AS revision, node, state::int AS state, drop_reason::int AS drop_reason, ${counted}
  FROM (SELECT *, shown_at_ms IS NOT NULL AS is_shown FROM delivery WHERE alert = $1) own
  GROUP BY revision, node, state, drop_reason`

const anywhere = (column: string) => `bool_or(${column}) OVER (PARTITION BY revision, vehicle)`
const foldedSql = `
  SELECT revision::float8 AS revision, '' AS node, state::int AS state, drop_reason::int AS drop_reason, ${counted}
  FROM (
    SELECT DISTINCT ON (revision, vehicle) revision, state, drop_reason, ${anywhere('shown_at_ms IS NOT NULL')} AS is_shown,
      ${anywhere('already_held')} AS already_held, ${anywhere('recovered')} AS recovered
    FROM delivery WHERE alert = $1 ORDER BY revision, vehicle, ${overNodes}
  ) folded GROUP BY revision, state, drop_reason`

const vehiclesSql = `
  SELECT count(*)::float8 AS targeted, count(*) FILTER (WHERE is_warned)::float8 AS warned, count(*) FILTER (WHERE NOT is_warned)::float8 AS "notWarned",
    count(shown_at_ms)::float8 AS shown, count(reached_at_ms)::float8 AS reached, count(lead_ms)::float8 AS "reachedWarned",
    count(*) FILTER (WHERE reached_at_ms IS NOT NULL AND lead_ms IS NULL)::float8 AS "reachedUnwarned",
    count(*) FILTER (WHERE shown_at_ms IS NOT NULL AND reached_at_ms IS NULL)::float8 AS unreached,
    ${spread('distance_m', 'is_warned')} AS distance, ${spread('(time_to_hazard_ms / 1000)', 'is_warned')} AS time,
    ${spread('(lead_ms / 1000)', 'true')} AS lead
  FROM (${warnedVehicles('alert = $1')}) vehicle`

const notWarnedSql = `
  SELECT state::int AS state, drop_reason::int AS drop_reason, count(*)::float8 AS count
  FROM (${warnedVehicles('alert = $1')}) vehicle WHERE NOT is_warned GROUP BY state, drop_reason ORDER BY count DESC, state, drop_reason`

const alertSql = `
  SELECT ended_at_ms IS NOT NULL AS ended, coalesce(valid_until_ms > $2::float8, false) AS valid FROM alert WHERE key = $1`

const lostSql = `
  SELECT count(*)::float8 AS lost FROM sequence_source s
  WHERE s.kind = 'lost' AND s.lane = ${Lane.LANE_URGENT} AND s.name IN (SELECT node FROM delivery WHERE alert = $1)`

/** Undefined: neither the alert nor a delivery of it is known. */
export async function readLedger(queries: Queries, alert: string, nowMs: number): Promise<AlertLedger | undefined> {
  const [known] = await queries.query<{ ended: boolean; valid: boolean }>(alertSql, [alert, nowMs])
  const nodes = await queries.query<CountRow>(nodesSql, [alert])
  if (known === undefined && nodes.length === 0) return undefined
  const folded = await queries.query<CountRow>(foldedSql, [alert])
  const [row] = await queries.query<VehiclesRow>(vehiclesSql, [alert])
  const notWarned = await queries.query<Pick<CountRow, 'state' | 'drop_reason' | 'count'>>(notWarnedSql, [alert])
  const [lost] = await queries.query<{ lost: number }>(lostSql, [alert])
  const { unreached, distance, time, lead, ...vehicles } = row!
  const state = known === undefined ? 'unknown' : known.ended ? 'ended' : known.valid ? 'active' : 'expired'
  const revisions = [...new Set(folded.map(({ revision }) => revision))].sort((a, b) => b - a)
  return {
    alert,
    state,
    vehicles: { ...vehicles, neverReached: state === 'active' ? 0 : unreached },
    notWarnedBy: reasonsOf(notWarned),
    ahead: { distanceM: JSON.parse(distance), timeToHazardS: JSON.parse(time) },
    leadS: JSON.parse(lead),
    deliveries: countsOf(folded),
    revisions: revisions.slice(0, revisionsMax).map(revision => ({
      revision,
      ...countsOf(folded.filter(each => each.revision === revision)),
      nodes: nodesOf(nodes.filter(each => each.revision === revision)),
    })),
    revisionsLeftOut: Math.max(0, revisions.length - revisionsMax),
    complete: lost!.lost === 0,
  }
}

interface VehiclesRow extends Omit<AlertLedger['vehicles'], 'neverReached'> {
  readonly unreached: number
  readonly distance: string
  readonly time: string
  readonly lead: string
}

function nodesOf(rows: readonly CountRow[]) {
  const names = [...new Set(rows.map(({ node }) => node))].sort()
  return names.map(node => ({ node, ...countsOf(rows.filter(each => each.node === node)) }))
}

function countsOf(rows: readonly CountRow[]): DeliveryCounts {
  const sum = (part: (row: CountRow) => number) => rows.reduce((total, row) => total + part(row), 0)
  const dropped = rows.filter(({ state }) => outcomeOf(state) === 'dropped')
  return {
    targeted: sum(({ count }) => count),
    ...(Object.fromEntries(
      outcomes.map(outcome => [outcome, sum(({ state, count }) => (outcomeOf(state) === outcome ? count : 0))]),
    ) as Record<DeliveryOutcome, number>),
    droppedBy: dropped.reduce<Record<string, number>>((by, { drop_reason, count }) => add(by, dropReasonOf(drop_reason), count), {}),
    shown: sum(({ shown }) => shown),
    alreadyHeld: sum(({ already_held }) => already_held),
    recovered: sum(({ recovered }) => recovered),
  }
}

/** `pending`, `expired` …, and `dropped_` with its reason. */
function reasonsOf(rows: readonly Pick<CountRow, 'state' | 'drop_reason' | 'count'>[]): Record<string, number> {
  return rows.reduce<Record<string, number>>((by, { state, drop_reason, count }) => {
    const outcome = outcomeOf(state)
    return add(by, outcome === 'dropped' ? `dropped_${dropReasonOf(drop_reason)}` : outcome, count)
  }, {})
}

function add(by: Record<string, number>, name: string, count: number): Record<string, number> {
  by[name] = (by[name] ?? 0) + count
  return by
}
