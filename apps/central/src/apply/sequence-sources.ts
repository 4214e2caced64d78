// Sets of sequences in the database: which records of a node's log were applied, which are lost, which reports of a vehicle's SDK start
// are known. Ranges, never a high-water mark (design, invariant 3). A batch loads only the ranges that its own sequences touch, so that a
// log with many holes costs what the batch is long, not what the log is.
import { createSequenceRanges, type SequenceRange, type SequenceRanges } from '@outrider/uplink'
import type { Queries } from '../store/store.js'

type SourceKind = 'applied' | 'lost' | 'report'

interface Source {
  readonly kind: SourceKind
  /** Node, or vehicle. */
  readonly name: string
  /** 0 for a vehicle. */
  readonly lane: number
  /** Epoch of the log, or SDK start. */
  readonly epoch: number
}

export interface Wanted extends Source, SequenceRange {
  readonly recordedAtMs: number
}

export interface SequenceSources {
  /** The ranges of a source as far as the batch can touch them. */
  of(source: Source): SequenceRanges
  /** Writes what has changed. */
  save(): Promise<void>
}

interface Loaded {
  readonly id: number
  readonly before: ReadonlySet<string>
  readonly ranges: SequenceRanges
}

interface StoredRange extends SequenceRange {
  readonly source: number
}

const upsertSql = `
  INSERT INTO sequence_source (kind, name, lane, epoch, newest_at_ms)
  SELECT kind, name, lane, epoch, max(newest_at_ms)
  FROM json_to_recordset($1::text::json) AS s(kind text, name text, lane smallint, epoch bigint, newest_at_ms double precision)
  GROUP BY kind, name, lane, epoch
  ON CONFLICT (kind, name, lane, epoch) DO UPDATE SET newest_at_ms = greatest(sequence_source.newest_at_ms, excluded.newest_at_ms)
  RETURNING id::float8 AS id, kind, name, lane::int AS lane, epoch::float8 AS epoch`

/** Ranges that begin in or beside a wanted run, and the one before it if it reaches there. */
const loadSql = `
  WITH run AS (SELECT * FROM json_to_recordset($1::text::json) AS r(source bigint, first bigint, last bigint))
  SELECT k.source::float8 AS source, k.first::float8 AS first, k.last::float8 AS last
  FROM run JOIN sequence_range k ON k.source = run.source AND k.first BETWEEN run.first - 1 AND run.last + 1
  UNION
  SELECT run.source::float8, before.first::float8, before.last::float8
  FROM run CROSS JOIN LATERAL (
    SELECT first, last FROM sequence_range WHERE source = run.source AND first < run.first - 1 ORDER BY first DESC LIMIT 1
  ) before
  WHERE before.last >= run.first - 1`

const removeSql = `
  DELETE FROM sequence_range k USING json_to_recordset($1::text::json) AS r(source bigint, first bigint)
  WHERE k.source = r.source AND k.first = r.first`

const insertSql = `
  INSERT INTO sequence_range (source, first, last)
  SELECT source, first, last FROM json_to_recordset($1::text::json) AS r(source bigint, first bigint, last bigint)`

/** Loads what the wanted sequences touch. The caller holds `applyLock`. */
export async function loadSequenceSources(queries: Queries, wanted: readonly Wanted[]): Promise<SequenceSources> {
  const loaded = new Map<string, Loaded>()
  if (wanted.length > 0) {
    const ids = await upsertSources(queries, wanted)
    const stored = await queries.query<StoredRange>(loadSql, [JSON.stringify(runsOf(wanted, ids))])
    const bySource = new Map([...ids.values()].map(id => [id, [] as StoredRange[]]))
    for (const range of stored) bySource.get(range.source)!.push(range)
    for (const [name, id] of ids) {
      const ranges = bySource.get(id)!
      loaded.set(name, { id, before: new Set(ranges.map(nameOf)), ranges: createSequenceRanges(ranges) })
    }
  }
  return {
    of: source => loaded.get(sourceName(source))!.ranges,
    async save() {
      const removed: { source: number; first: number }[] = []
      const added: StoredRange[] = []
      for (const { id, before, ranges } of loaded.values()) {
        const after = ranges.toArray()
        const names = new Set(after.map(nameOf))
        for (const name of before) if (!names.has(name)) removed.push({ source: id, first: Number(name.slice(0, name.indexOf('-'))) })
        for (const range of after) if (!before.has(nameOf(range))) added.push({ source: id, ...range })
      }
      if (removed.length > 0) await queries.query(removeSql, [JSON.stringify(removed)])
      if (added.length > 0) await queries.query(insertSql, [JSON.stringify(added)])
    },
  }
}

async function upsertSources(queries: Queries, wanted: readonly Wanted[]): Promise<Map<string, number>> {
  const sources = new Map<string, Source & { newest_at_ms: number }>()
  for (const { kind, name, lane, epoch, recordedAtMs } of wanted) {
    const key = sourceName({ kind, name, lane, epoch })
    const known = sources.get(key)
    sources.set(key, { kind, name, lane, epoch, newest_at_ms: Math.max(known?.newest_at_ms ?? 0, recordedAtMs) })
  }
  const rows = await queries.query<Source & { id: number }>(upsertSql, [JSON.stringify([...sources.values()])])
  return new Map(rows.map(row => [sourceName(row), row.id]))
}

/** Wanted sequences of each source as runs without holes. */
function runsOf(wanted: readonly Wanted[], ids: ReadonlyMap<string, number>): StoredRange[] {
  const runs = new Map<string, SequenceRanges>()
  for (const each of wanted) {
    const name = sourceName(each)
    let ranges = runs.get(name)
    if (ranges === undefined) {
      ranges = createSequenceRanges()
      runs.set(name, ranges)
    }
    ranges.add(each.first, each.last)
  }
  return [...runs].flatMap(([name, ranges]) => ranges.toArray().map(range => ({ source: ids.get(name)!, ...range })))
}

function sourceName({ kind, name, lane, epoch }: Source): string {
  return `${kind} ${lane} ${epoch} ${name}`
}

function nameOf({ first, last }: SequenceRange): string {
  return `${first}-${last}`
}
