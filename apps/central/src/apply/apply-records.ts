/*
 * Records of one partition, applied once: which sequences are known, where reading goes on, and the effect are one transaction.
 *
 *   records ─▶ read: undecodable or invalid     ✗ dead letter, written to the event log before the commit; its sequence stays unknown,
 *      │                                          so that a replay is applied
 *      ├─▶ position: another reader was faster  ✗ skipped
 *      ├─▶ known record (node, lane, epoch)     ✗ repeat
 *      ├─▶ known urgent report (vehicle, start) ✗ repeat; its sequence is known now
 *      └─▶ effect by kind, ranges, position, counts ─▶ commit
 *
 * What the database refuses for a record's own sake, or our own code stumbles over, is found by halving, and that record becomes a dead
 * letter: nothing stops a partition.
 */
import type { LogRecord, NewRecord, TopicPartition } from '@outrider/event-log'
import { topics } from '@outrider/protocol'
import { applyLock, type Queries, type Store } from '../store/store.js'
import { StoreError } from '../store/store-error.js'
import { type Applied, type FreshRecord, sumOf } from './applied.js'
import { deadLetterOf, isReplayMark, letterOrigin } from './dead-letter.js'
import { type Identity, type ReadRecord, readRecord } from './read-record.js'
import { loadSequenceSources, type Wanted } from './sequence-sources.js'
import { writeAlerts } from './write-alerts.js'
import { type StoredLetter, writeDeadLetters } from './write-dead-letters.js'
import { writeDeliveries } from './write-deliveries.js'
import { writeReports } from './write-reports.js'
import { addTallies } from './write-tallies.js'

/** The store has an earlier position than the reader: it was emptied under it, and reading has to begin again from there. */
class PositionLost extends Error {
  constructor({ topic, partition }: TopicPartition, expected: number, stored: number | undefined) {
    super(`the store's position in ${topic}/${partition} is ${stored ?? 'none'}, not ${expected}: it was emptied or put back`)
    this.name = 'PositionLost'
  }
}

export interface ApplyOptions {
  readonly store: Store
  readonly authority: string
  /** Writes to the dead-letter topic; resolves when they are durable. */
  readonly writeLetters: (letters: readonly NewRecord[]) => Promise<void>
  readonly wallMs: () => number
}

export interface Batch extends TopicPartition {
  readonly records: readonly LogRecord[]
  /** Where the batch begins for its reader: the offset after what it had before. Undefined: nothing was before it. */
  readonly fromOffset: number | undefined
  /** Where reading goes on after it. */
  readonly nextOffset: number
}

interface Item {
  readonly record: LogRecord
  readonly read: ReadRecord
}

/** @throws StoreError retriable, PositionLost, or what `writeLetters` throws; nothing took effect then */
export async function applyRecords(options: ApplyOptions, batch: Batch): Promise<Applied> {
  const items = batch.records.map(record => ({ record, read: readRecord(record, options.authority, options.wallMs()) }))
  if (batch.topic === topics.deadLetters.name) return applyItems(options, batch, [], batch.records)
  return applyHalving(options, batch, items)
}

async function applyHalving(options: ApplyOptions, batch: Batch, items: readonly Item[]): Promise<Applied> {
  try {
    return await applyItems(options, batch, items, [])
  } catch (error) {
    const isRefused = error instanceof StoreError && error.code === 'data_refused'
    if (!(isRefused || isFault(error)) || items.length === 0) throw error
    if (items.length === 1) {
      const [{ record, read }] = items as [Item]
      const reason = isRefused ? 'refused_by_store' : 'failed'
      const detail = (error as Error).message.slice(0, 200)
      const refused: ReadRecord = { ok: false, reason, detail, ...('identity' in read && { identity: read.identity! }) }
      return applyItems(options, batch, [{ record, read: refused }], [])
    }
    const middle = items.length >> 1
    const between = items[middle]!.record.offset
    const first = await applyHalving(options, { ...batch, nextOffset: between }, items.slice(0, middle))
    const second = await applyHalving(options, { ...batch, fromOffset: between }, items.slice(middle))
    return sumOf(first, second)
  }
}

/** What JavaScript throws where code and data do not fit: a fault of ours that this record shows, and no other has to wait for. */
function isFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError
}

function applyItems(options: ApplyOptions, batch: Batch, items: readonly Item[], letters: readonly LogRecord[]): Promise<Applied> {
  return options.store.transaction(async queries => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [applyLock])
    const stored = await storedPosition(queries, batch)
    if (batch.fromOffset !== undefined && (stored === undefined || stored < batch.fromOffset))
      throw new PositionLost(batch, batch.fromOffset, stored)
    const isNew = ({ offset }: LogRecord) => stored === undefined || offset >= stored
    const newItems = items.filter(({ record }) => isNew(record))
    const newLetters = letters.filter(isNew)
    const known = { offset: items.length - newItems.length + letters.length - newLetters.length }

    const dead = newItems.flatMap(({ record, read }) => (read.ok ? [] : [{ record, ...read }]))
    const { fresh, repeats } = await takeFresh(queries, newItems)
    await writeReports(queries, fresh)
    await writeAlerts(queries, fresh)
    await writeDeliveries(queries, fresh)
    await writeDeadLetters(queries, newLetters.filter(letter => !isReplayMark(letter)).map(storedLetter(batch.partition)))
    const result = {
      applied: countBy(fresh, ({ effect }) => effect.kind),
      repeats: { ...repeats, ...known },
      dead: countBy(dead, each => each.reason),
    }
    await addTallies(queries, result)
    await queries.query(
      `INSERT INTO log_position (topic, partition, next_offset) VALUES ($1, $2, $3)
       ON CONFLICT (topic, partition) DO UPDATE SET next_offset = greatest(log_position.next_offset, excluded.next_offset)`,
      [batch.topic, batch.partition, batch.nextOffset],
    )
    // Last before the commit, so that what failed above leaves no letter behind; one written twice is recognised by its origin.
    if (dead.length > 0) await options.writeLetters(dead.map(each => deadLetterOf(batch, each.record, each, options.wallMs())))
    return result
  })
}

async function takeFresh(queries: Queries, items: readonly Item[]) {
  const readable = items.flatMap(({ record, read }) => (read.ok ? [{ ...read, value: record.value! }] : []))
  const sources = await loadSequenceSources(queries, readable.flatMap(wantedOf))
  const fresh: FreshRecord[] = []
  const repeats = { record: 0, report: 0 }
  for (const each of readable) {
    const { identity, effect } = each
    if (effect.kind === 'gap') {
      const lost = sources.of(logSource('lost', identity))
      if (lost.missing(effect.first, effect.last).length === 0) repeats.record++
      else {
        lost.add(effect.first, effect.last)
        fresh.push(each)
      }
      continue
    }
    const applied = sources.of(logSource('applied', identity))
    if (applied.has(identity.sequence)) {
      repeats.record++
      continue
    }
    applied.add(identity.sequence)
    if (effect.kind === 'report' && effect.report.urgent) {
      const reports = sources.of(reportSource(effect.report))
      if (reports.has(effect.report.number)) {
        repeats.report++
        continue
      }
      reports.add(effect.report.number)
    }
    fresh.push(each)
  }
  await sources.save()
  return { fresh, repeats }
}

function wantedOf({ identity, recordedAtMs, effect }: Omit<FreshRecord, 'value'>): Wanted[] {
  if (effect.kind === 'gap') return [{ ...logSource('lost', identity), first: effect.first, last: effect.last, recordedAtMs }]
  const own = { ...logSource('applied', identity), first: identity.sequence, last: identity.sequence, recordedAtMs }
  if (effect.kind !== 'report' || !effect.report.urgent) return [own]
  return [own, { ...reportSource(effect.report), first: effect.report.number, last: effect.report.number, recordedAtMs }]
}

function logSource(kind: 'applied' | 'lost', { node, lane, epoch }: Identity) {
  return { kind, name: node, lane, epoch } as const
}

function reportSource({ vehicle, sdkStart }: { readonly vehicle: string; readonly sdkStart: number }) {
  return { kind: 'report', name: vehicle, lane: 0, epoch: sdkStart } as const
}

function storedLetter(partition: string): (record: LogRecord) => StoredLetter {
  return record => ({ ...letterOrigin(record), partition, offset: record.offset, recordedAtMs: record.timeMs })
}

async function storedPosition(queries: Queries, { topic, partition }: TopicPartition): Promise<number | undefined> {
  const [row] = await queries.query<{ next: number }>(
    'SELECT next_offset::float8 AS next FROM log_position WHERE topic = $1 AND partition = $2',
    [topic, partition],
  )
  return row?.next
}

/** Where reading goes on, for `StartFrom`. */
export function nextOffsetIn(store: Store): (partition: TopicPartition) => Promise<number | undefined> {
  return partition => storedPosition(store, partition)
}

function countBy<T, Key extends string>(items: readonly T[], keyOf: (item: T) => Key): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}
