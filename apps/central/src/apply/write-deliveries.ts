import type { Queries } from '../store/store.js'
import type { FreshRecord } from './applied.js'
import { type DeliveryRow, foldDelivery } from './fold-delivery.js'

interface DeliveryKey {
  readonly alert: string
  readonly revision: number
  readonly vehicle: string
  readonly node: string
}

interface StoredDelivery extends DeliveryKey, DeliveryRow {
  readonly recorded_at_ms: number
}

const columns = `alert text, revision bigint, vehicle text, node text, state smallint, drop_reason smallint, recovered boolean,
  opened_at_ms double precision, closed_at_ms double precision, received_at_ms double precision, taken_at_ms double precision,
  shown_at_ms double precision, sent_at_ms double precision, time_to_hazard_ms double precision, distance_m double precision, recorded_at_ms double precision`

const loadSql = `
  SELECT d.alert, d.revision::float8 AS revision, d.vehicle, d.node, d.state::int AS state, d.drop_reason::int AS drop_reason, d.recovered,
    d.opened_at_ms, d.closed_at_ms, d.received_at_ms, d.taken_at_ms, d.shown_at_ms, d.sent_at_ms, d.time_to_hazard_ms, d.distance_m, d.recorded_at_ms
  FROM json_to_recordset($1::text::json) AS k(alert text, revision bigint, vehicle text, node text)
  JOIN delivery d ON d.alert = k.alert AND d.revision = k.revision AND d.vehicle = k.vehicle AND d.node = k.node`

const names = columns.split(',').map(column => column.trim().split(' ')[0]!)
const saveSql = `
  INSERT INTO delivery (${names.join(', ')})
  SELECT ${names.join(', ')} FROM json_to_recordset($1::text::json) AS r(${columns})
  ON CONFLICT (alert, revision, vehicle, node) DO UPDATE SET ${names
    .slice(4)
    .map(name => `${name} = excluded.${name}`)
    .join(', ')}`

/** Steps folded into their deliveries. The caller holds `applyLock`, so that nobody changes a row between reading and writing it. */
export async function writeDeliveries(queries: Queries, records: readonly FreshRecord[]): Promise<void> {
  const steps = records.flatMap(({ effect, recordedAtMs }) => (effect.kind === 'delivery' ? [{ step: effect.step, recordedAtMs }] : []))
  if (steps.length === 0) return
  const keys = new Map(
    steps.map(({ step: { alert, revision, vehicle, node } }) => [
      keyOf({ alert, revision, vehicle, node }),
      { alert, revision, vehicle, node },
    ]),
  )
  const stored = await queries.query<StoredDelivery>(loadSql, [JSON.stringify([...keys.values()])])
  const rows = new Map(stored.map(row => [keyOf(row), row]))
  for (const { step, recordedAtMs } of steps) {
    const { alert, revision, vehicle, node } = step
    const row = rows.get(keyOf(step))
    const newest = Math.max(row?.recorded_at_ms ?? 0, recordedAtMs)
    rows.set(keyOf(step), { alert, revision, vehicle, node, ...foldDelivery(row, step), recorded_at_ms: newest })
  }
  await queries.query(saveSql, [JSON.stringify([...rows.values()])])
}

function keyOf({ alert, revision, vehicle, node }: DeliveryKey): string {
  return JSON.stringify([alert, revision, vehicle, node])
}
