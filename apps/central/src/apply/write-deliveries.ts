import { type DeliveryFold, foldStep } from '@outrider/delivery'
import type { Queries } from '../store/store.js'
import type { FreshRecord } from './applied.js'
import type { DeliveryKey } from './delivery-step.js'

/** Where each part of a fold is stored, and how it is read back as JavaScript has it. */
const columns: readonly (readonly [field: keyof DeliveryFold, name: string, type: string])[] = [
  ['state', 'state', 'smallint'],
  ['dropReason', 'drop_reason', 'smallint'],
  ['recovered', 'recovered', 'boolean'],
  ['alreadyHeld', 'already_held', 'boolean'],
  ['movedTo', 'moved_to', 'text'],
  ['openedAtMs', 'opened_at_ms', 'double precision'],
  ['targetedAtMs', 'targeted_at_ms', 'double precision'],
  ['withdrawnAtMs', 'withdrawn_at_ms', 'double precision'],
  ['movedAtMs', 'moved_at_ms', 'double precision'],
  ['closedAtMs', 'closed_at_ms', 'double precision'],
  ['sentAtMs', 'sent_at_ms', 'double precision'],
  ['receivedAtMs', 'received_at_ms', 'double precision'],
  ['takenAtMs', 'taken_at_ms', 'double precision'],
  ['shownAtMs', 'shown_at_ms', 'double precision'],
  ['shownToldAtMs', 'shown_told_at_ms', 'double precision'],
  ['reachedAtMs', 'reached_at_ms', 'double precision'],
  ['timeToHazardMs', 'time_to_hazard_ms', 'double precision'],
  ['distanceM', 'distance_m', 'double precision'],
]
const keyNames = ['alert', 'revision', 'vehicle', 'node']
const names = [...columns.map(([, name]) => name), 'recorded_at_ms']
const types = [...columns.map(([, name, type]) => `${name} ${type}`), 'recorded_at_ms double precision']
const readable = columns.map(([, name, type]) => (type === 'smallint' ? `d.${name}::int AS ${name}` : `d.${name}`))

const loadSql = `
  SELECT d.alert, d.revision::float8 AS revision, d.vehicle, d.node, ${readable.join(', ')}, d.recorded_at_ms
  FROM json_to_recordset($1::text::json) AS k(alert text, revision bigint, vehicle text, node text)
  JOIN delivery d ON d.alert = k.alert AND d.revision = k.revision AND d.vehicle = k.vehicle AND d.node = k.node`

const saveSql = `
  INSERT INTO delivery (${[...keyNames, ...names].join(', ')})
  SELECT ${[...keyNames, ...names].join(', ')}
  FROM json_to_recordset($1::text::json) AS r(alert text, revision bigint, vehicle text, node text, ${types.join(', ')})
  ON CONFLICT (alert, revision, vehicle, node) DO UPDATE SET ${names.map(name => `${name} = excluded.${name}`).join(', ')}`

interface Delivery extends DeliveryKey {
  readonly fold: DeliveryFold
  readonly recordedAtMs: number
}

type StoredRow = DeliveryKey & Readonly<Record<string, unknown>>

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
  const stored = await queries.query<StoredRow>(loadSql, [JSON.stringify([...keys.values()])])
  const deliveries = new Map(stored.map(row => [keyOf(row), deliveryOf(row)]))
  for (const { step, recordedAtMs } of steps) {
    const { alert, revision, vehicle, node, transition } = step
    const known = deliveries.get(keyOf(step))
    const newest = Math.max(known?.recordedAtMs ?? 0, recordedAtMs)
    deliveries.set(keyOf(step), { alert, revision, vehicle, node, fold: foldStep(known?.fold, transition), recordedAtMs: newest })
  }
  await queries.query(saveSql, [JSON.stringify([...deliveries.values()].map(rowOf))])
}

function keyOf({ alert, revision, vehicle, node }: DeliveryKey): string {
  return JSON.stringify([alert, revision, vehicle, node])
}

function deliveryOf(row: StoredRow): Delivery {
  const { alert, revision, vehicle, node } = row
  const fold = Object.fromEntries(columns.map(([field, name]) => [field, row[name]])) as unknown as DeliveryFold
  return { alert, revision, vehicle, node, fold, recordedAtMs: row.recorded_at_ms as number }
}

function rowOf({ alert, revision, vehicle, node, fold, recordedAtMs }: Delivery) {
  return {
    alert,
    revision,
    vehicle,
    node,
    ...Object.fromEntries(columns.map(([field, name]) => [name, fold[field]])),
    recorded_at_ms: recordedAtMs,
  }
}
