import type { Queries } from '../store/store.js'
import type { FreshRecord } from './applied.js'

const insertSql = `
  INSERT INTO report (vehicle, sdk_start, number, urgent, received_at_ms, recorded_at_ms, node, lane, epoch, sequence, record)
  SELECT vehicle, sdk_start, number, urgent, received_at_ms, recorded_at_ms, node, lane, epoch, sequence, decode(record, 'base64')
  FROM json_to_recordset($1::text::json) AS r(
    vehicle text, sdk_start bigint, number bigint, urgent boolean, received_at_ms double precision, recorded_at_ms double precision,
    node text, lane smallint, epoch bigint, sequence bigint, record text)`

/** A row for each report, with the record's own bytes. */
export async function writeReports(queries: Queries, records: readonly FreshRecord[]): Promise<void> {
  const rows = records.flatMap(({ identity, recordedAtMs, effect, value }) => {
    if (effect.kind !== 'report') return []
    const { vehicle, sdkStart, number, urgent, receivedAtMs } = effect.report
    return [
      {
        vehicle,
        sdk_start: sdkStart,
        number,
        urgent,
        received_at_ms: receivedAtMs,
        recorded_at_ms: recordedAtMs,
        ...identity,
        record: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
      },
    ]
  })
  if (rows.length > 0) await queries.query(insertSql, [JSON.stringify(rows)])
}
