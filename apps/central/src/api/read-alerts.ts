import type { Queries, SqlValue } from '../store/store.js'
import type { AlertColumns } from './alert-feature.js'
import type { AlertQuery, PageCursor } from './alert-query.js'

export interface AlertPage {
  readonly alerts: readonly AlertColumns[]
  /** Where the next page begins; undefined on the last one. */
  readonly next: PageCursor | undefined
}

/** A page holds no more bytes of alerts than this, whatever its limit: an alert may have 100 KB of area. The first one always comes. */
const pageBytesMax = 4 * 1024 * 1024

interface PageRow extends AlertColumns {
  readonly first_recorded_at_ms: number
  readonly bytes_before: number
}

/** Newest first, by when they were first recorded, which no revision changes. */
export async function readAlerts(queries: Queries, query: AlertQuery, nowMs: number): Promise<AlertPage> {
  const parameters: SqlValue[] = []
  const bind = (value: SqlValue) => `$${parameters.push(value)}`
  const where = conditions(query, nowMs, bind).join(' AND ')
  const rows = await queries.query<PageRow>(
    `SELECT key, revision::float8 AS revision, content, ending, first_recorded_at_ms, bytes_before::float8 AS bytes_before FROM (
       SELECT key, revision, content, ending, first_recorded_at_ms,
         sum(octet_length(content)) OVER (ORDER BY first_recorded_at_ms DESC, key) - octet_length(content) AS bytes_before
       FROM (SELECT * FROM alert WHERE ${where} ORDER BY first_recorded_at_ms DESC, key LIMIT ${bind(query.limit + 1)}::int) page
     ) sized WHERE bytes_before < ${bind(pageBytesMax)}::float8 ORDER BY first_recorded_at_ms DESC, key`,
    parameters,
  )
  const alerts = rows.slice(0, query.limit)
  const last = alerts.at(-1)
  const hasMore = rows.length > alerts.length || (last !== undefined && last.bytes_before + last.content!.length >= pageBytesMax)
  return { alerts, next: hasMore && last !== undefined ? { firstRecordedAtMs: last.first_recorded_at_ms, key: last.key } : undefined }
}

export async function readAlert(queries: Queries, key: string): Promise<AlertColumns | undefined> {
  const [row] = await queries.query<AlertColumns>('SELECT key, revision::float8 AS revision, content, ending FROM alert WHERE key = $1', [
    key,
  ])
  return row
}

function conditions(query: AlertQuery, nowMs: number, bind: (value: SqlValue) => string): string[] {
  const { bbox, causes, statuses, fromMs, toMs, active, cursor } = query
  const list = (values: readonly number[]) => values.map(value => `${bind(value)}::int`).join(', ')
  const found = ['content IS NOT NULL', `status IN (${list(statuses)})`]
  if (causes !== undefined) found.push(`cause IN (${list(causes)})`)
  if (bbox !== undefined) {
    found.push(`north >= ${bind(bbox.south)}::float8 AND south <= ${bind(bbox.north)}::float8`)
    const spans =
      bbox.west <= bbox.east
        ? [[bbox.west, bbox.east]]
        : [
            [bbox.west, 180],
            [-180, bbox.east],
          ]
    // An alert's longitudes may run on beyond ±180, so each span is looked for a turn to either side as well.
    const touching = spans.flatMap(([west, east]) =>
      [-360, 0, 360].map(turn => `(east >= ${bind(west! + turn)}::float8 AND west <= ${bind(east! + turn)}::float8)`),
    )
    found.push(`(${touching.join(' OR ')})`)
  }
  // The time an alert held: from its detection to its end, or the end of its validity.
  if (fromMs !== undefined) found.push(`least(valid_until_ms, coalesce(ended_at_ms, valid_until_ms)) >= ${bind(fromMs)}::float8`)
  if (toMs !== undefined) found.push(`begins_at_ms <= ${bind(toMs)}::float8`)
  if (active === true) found.push(`ended_at_ms IS NULL AND valid_until_ms > ${bind(nowMs)}::float8`)
  if (active === false) found.push(`(ended_at_ms IS NOT NULL OR valid_until_ms <= ${bind(nowMs)}::float8)`)
  if (cursor !== undefined) {
    const before = bind(cursor.firstRecordedAtMs)
    found.push(`(first_recorded_at_ms < ${before}::float8 OR (first_recorded_at_ms = ${before}::float8 AND key > ${bind(cursor.key)}))`)
  }
  return found
}
