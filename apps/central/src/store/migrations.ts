// The tables, in numbered steps: a step that has gone out is never changed, the next one changes the tables. Times are ms since 1970-01-01
// UTC as doubles, as on the wire.
import type { Queries, Store } from './store.js'
import { StoreError } from './store-error.js'

const migrations: readonly (readonly string[])[] = [
  [
    // Where reading goes on, told together with what was read.
    `CREATE TABLE log_position (
      topic text, partition text, next_offset bigint NOT NULL,
      PRIMARY KEY (topic, partition))`,

    // Which sequences are known, as ranges. kind: 'applied' and 'lost' of a node's log (node, lane, epoch), 'report' of a vehicle's SDK
    // start (pseudonym, 0, SDK start).
    `CREATE TABLE sequence_source (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL, name text NOT NULL, lane smallint NOT NULL, epoch bigint NOT NULL,
      newest_at_ms double precision NOT NULL,
      UNIQUE (kind, name, lane, epoch))`,
    `CREATE TABLE sequence_range (
      source bigint NOT NULL REFERENCES sequence_source ON DELETE CASCADE,
      first bigint NOT NULL, last bigint NOT NULL, CHECK (last >= first),
      PRIMARY KEY (source, first))`,

    // One row for each time a report was applied. Nothing here is unique on purpose: that each was applied once is read back from the
    // rows (read-stats.ts), and a constraint would hide it.
    `CREATE TABLE report (
      vehicle text NOT NULL, sdk_start bigint NOT NULL, number bigint NOT NULL, urgent boolean NOT NULL,
      received_at_ms double precision NOT NULL, recorded_at_ms double precision NOT NULL,
      node text NOT NULL, lane smallint NOT NULL, epoch bigint NOT NULL, sequence bigint NOT NULL,
      record bytea NOT NULL)`,
    'CREATE INDEX report_recorded ON report (recorded_at_ms)',

    // The fold of an alert. content: message Alert, the newest revision known; ending: message Ending, once it ended. The other columns
    // are taken from these two, to be searched by.
    `CREATE TABLE alert (
      key text PRIMARY KEY, revision bigint NOT NULL, content bytea, ending bytea,
      first_recorded_at_ms double precision NOT NULL, recorded_at_ms double precision NOT NULL,
      keep_until_ms double precision NOT NULL,
      cause smallint, status smallint,
      west double precision, south double precision, east double precision, north double precision,
      begins_at_ms double precision, valid_until_ms double precision, ended_at_ms double precision)`,
    'CREATE INDEX alert_page ON alert (first_recorded_at_ms DESC, key)',
    'CREATE INDEX alert_valid ON alert (valid_until_ms)',
    'CREATE INDEX alert_recorded ON alert (recorded_at_ms)',

    // Deliveries by node; folded over nodes when they are read.
    `CREATE TABLE delivery (
      alert text NOT NULL, revision bigint NOT NULL, vehicle text NOT NULL, node text NOT NULL,
      state smallint NOT NULL, drop_reason smallint NOT NULL, recovered boolean NOT NULL,
      opened_at_ms double precision NOT NULL, closed_at_ms double precision,
      received_at_ms double precision, taken_at_ms double precision, shown_at_ms double precision,
      time_to_hazard_ms double precision, distance_m double precision,
      recorded_at_ms double precision NOT NULL,
      PRIMARY KEY (alert, revision, vehicle, node))`,
    'CREATE INDEX delivery_recorded ON delivery (recorded_at_ms)',

    // What could not be applied. origin: where it came from, so that a letter written twice is one.
    `CREATE TABLE dead_letter (
      origin text PRIMARY KEY, reason text NOT NULL,
      topic text NOT NULL, partition text NOT NULL, record_offset bigint NOT NULL,
      recorded_at_ms double precision NOT NULL)`,
    'CREATE INDEX dead_letter_recorded ON dead_letter (recorded_at_ms)',

    // Counts that belong to the effects they count: written in the same transaction.
    'CREATE TABLE tally (name text PRIMARY KEY, value bigint NOT NULL)',
  ],
  ['ALTER TABLE delivery ADD COLUMN sent_at_ms double precision'],
  [
    // What the fold needs to say what the node's own ledger says (packages/delivery, delivery-fold.ts), and when the hazard was reached.
    `ALTER TABLE delivery ADD COLUMN targeted_at_ms double precision, ADD COLUMN withdrawn_at_ms double precision,
      ADD COLUMN shown_told_at_ms double precision, ADD COLUMN reached_at_ms double precision,
      ADD COLUMN already_held boolean NOT NULL DEFAULT false, ADD COLUMN moved_to text NOT NULL DEFAULT ''`,
    'UPDATE delivery SET withdrawn_at_ms = closed_at_ms WHERE state = 6',
    'UPDATE delivery SET shown_told_at_ms = shown_at_ms WHERE shown_at_ms IS NOT NULL',
  ],
  ['ALTER TABLE delivery ADD COLUMN moved_at_ms double precision', 'UPDATE delivery SET moved_at_ms = closed_at_ms WHERE state = 7'],
]

/** Everything that comes from the event log. */
const filledTables = ['log_position', 'sequence_source', 'sequence_range', 'report', 'alert', 'delivery', 'dead_letter', 'tally'] as const

/** Key of the advisory lock of whoever changes tables: several processes may start at once. */
const migrationLock = 7446

/** Brings the tables up to date. @throws StoreError `newer_version` */
export async function migrate(store: Store): Promise<void> {
  await store.transaction(async queries => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
    await queries.query('CREATE TABLE IF NOT EXISTS migration (number int PRIMARY KEY, done_at timestamptz NOT NULL DEFAULT now())')
    const [row] = await queries.query<{ newest: number }>('SELECT coalesce(max(number), 0)::int AS newest FROM migration')
    const newest = row!.newest
    if (newest > migrations.length)
      throw new StoreError(
        'newer_version',
        `the store has tables of version ${newest}, this program knows ${migrations.length}; run the newer one, or give this one an empty store`,
      )
    for (let number = newest + 1; number <= migrations.length; number++) {
      for (const statement of migrations[number - 1]!) await queries.query(statement)
      await queries.query('INSERT INTO migration (number) VALUES ($1)', [number])
    }
  })
}

/** Removes all that came from the event log, positions too: the next reader begins at the oldest record. */
export async function emptyStore(queries: Queries): Promise<void> {
  await queries.query(`TRUNCATE ${filledTables.join(', ')}`)
}
