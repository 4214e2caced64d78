import type { Queries } from '../store/store.js'
import type { Applied } from './applied.js'

const addSql = `
  INSERT INTO tally (name, value) SELECT name, value FROM json_to_recordset($1::text::json) AS r(name text, value bigint)
  ON CONFLICT (name) DO UPDATE SET value = tally.value + excluded.value`

/** Adds to the counts: `applied.KIND`, `repeat.HOW`, `dead.REASON`. */
export async function addTallies(queries: Queries, { applied, repeats, dead }: Applied): Promise<void> {
  const rows = [
    ...Object.entries(applied).map(([kind, value]) => ({ name: `applied.${kind}`, value })),
    ...Object.entries(repeats).map(([how, value]) => ({ name: `repeat.${how}`, value })),
    ...Object.entries(dead).map(([reason, value]) => ({ name: `dead.${reason}`, value })),
  ].filter(({ value }) => value > 0)
  if (rows.length > 0) await queries.query(addSql, [JSON.stringify(rows)])
}
