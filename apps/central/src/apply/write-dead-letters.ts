import type { Queries } from '../store/store.js'

/** A dead letter as read from its topic: counted and found again by its place. */
export interface StoredLetter {
  /** Where the record came from; equal for a letter that was written twice. */
  readonly origin: string
  readonly reason: string
  /** Topic it came from; '' if a region wrote it off a node's log. */
  readonly topic: string
  /** Place in the dead-letter topic. */
  readonly partition: string
  readonly offset: number
  readonly recordedAtMs: number
}

const insertSql = `
  INSERT INTO dead_letter (origin, reason, topic, partition, record_offset, recorded_at_ms)
  SELECT DISTINCT ON (origin) origin, reason, topic, partition, record_offset, recorded_at_ms
  FROM json_to_recordset($1::text::json) AS r(
    origin text, reason text, topic text, partition text, record_offset bigint, recorded_at_ms double precision)
  ON CONFLICT (origin) DO NOTHING`

export async function writeDeadLetters(queries: Queries, letters: readonly StoredLetter[]): Promise<void> {
  if (letters.length === 0) return
  const rows = letters.map(({ offset, recordedAtMs, ...rest }) => ({ ...rest, record_offset: offset, recorded_at_ms: recordedAtMs }))
  await queries.query(insertSql, [JSON.stringify(rows)])
}
