import { outrider } from '@outrider/protocol'
import { areaExtent } from '../area-extent.js'
import type { Queries } from '../store/store.js'
import type { FreshRecord } from './applied.js'
import { type AlertState, foldAlert } from './fold-alert.js'

const { Alert, Ending } = outrider.v1

interface StoredAlert {
  readonly key: string
  readonly revision: number
  readonly content: Uint8Array | null
  readonly ending: Uint8Array | null
  readonly first_recorded_at_ms: number
  readonly recorded_at_ms: number
  readonly keep_until_ms: number
}

interface Times {
  readonly firstMs: number
  readonly newestMs: number
}

const loadSql = `
  SELECT a.key, a.revision::float8 AS revision, a.content, a.ending, a.first_recorded_at_ms, a.recorded_at_ms, a.keep_until_ms
  FROM json_to_recordset($1::text::json) AS k(key text) JOIN alert a ON a.key = k.key`

const columns = `key text, revision bigint, first_recorded_at_ms double precision, recorded_at_ms double precision,
  keep_until_ms double precision, cause smallint, status smallint, west double precision, south double precision,
  east double precision, north double precision, begins_at_ms double precision, valid_until_ms double precision, ended_at_ms double precision`
const names = columns.split(',').map(column => column.trim().split(' ')[0]!)
const saveSql = `
  INSERT INTO alert (${names.join(', ')}, content, ending)
  SELECT ${names.join(', ')}, decode(content, 'base64'), decode(ending, 'base64')
  FROM json_to_recordset($1::text::json) AS r(${columns}, content text, ending text)
  ON CONFLICT (key) DO UPDATE SET ${[...names.slice(1), 'content', 'ending'].map(name => `${name} = excluded.${name}`).join(', ')}`

/** Revisions and ends folded into their alerts. The caller holds `applyLock`, so that nobody changes a row between reading and writing it. */
export async function writeAlerts(queries: Queries, records: readonly FreshRecord[]): Promise<void> {
  const changes = records.flatMap(({ effect, recordedAtMs }) => (effect.kind === 'alert' ? [{ change: effect.change, recordedAtMs }] : []))
  if (changes.length === 0) return
  const keys = [...new Set(changes.map(({ change }) => change.key))]
  const stored = await queries.query<StoredAlert>(loadSql, [JSON.stringify(keys.map(key => ({ key })))])
  const states = new Map(stored.map(row => [row.key, stateOf(row)]))
  const times = new Map<string, Times>(stored.map(row => [row.key, { firstMs: row.first_recorded_at_ms, newestMs: row.recorded_at_ms }]))
  for (const { change, recordedAtMs } of changes) {
    const { firstMs, newestMs } = times.get(change.key) ?? { firstMs: recordedAtMs, newestMs: recordedAtMs }
    states.set(change.key, foldAlert(states.get(change.key), change))
    times.set(change.key, { firstMs: Math.min(firstMs, recordedAtMs), newestMs: Math.max(newestMs, recordedAtMs) })
  }
  await queries.query(saveSql, [JSON.stringify([...states.values()].map(state => rowOf(state, times.get(state.key)!)))])
}

function stateOf({ key, revision, content, ending, keep_until_ms }: StoredAlert): AlertState {
  return {
    key,
    revision,
    alert: content === null ? undefined : Alert.decode(content),
    ending: ending === null ? undefined : Ending.decode(ending),
    keepUntilMs: keep_until_ms,
  }
}

function rowOf({ key, revision, alert, ending, keepUntilMs }: AlertState, { firstMs, newestMs }: Times) {
  return {
    key,
    revision,
    first_recorded_at_ms: firstMs,
    recorded_at_ms: newestMs,
    keep_until_ms: keepUntilMs,
    content: alert === undefined ? null : Buffer.from(Alert.encode(alert).finish()).toString('base64'),
    ending: ending === undefined ? null : Buffer.from(Ending.encode(ending).finish()).toString('base64'),
    ended_at_ms: ending?.endedTimeMs ?? null,
    ...(alert !== undefined && {
      cause: alert.cause?.code ?? 0,
      status: alert.status ?? 0,
      begins_at_ms: alert.detectionTimeMs,
      valid_until_ms: alert.validUntilMs,
      ...areaExtent(alert),
    }),
  }
}
