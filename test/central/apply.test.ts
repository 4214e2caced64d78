// Applied once, whatever the order, the repeats and the moment of a crash: held against a model that knows only sets. On both databases.
import type { LogRecord, NewRecord } from '@outrider/event-log'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStats } from '../../apps/central/src/api/read-stats.js'
import { type ApplyOptions, applyRecords, nextOffsetIn } from '../../apps/central/src/apply/apply-records.js'
import { emptyStore, migrate } from '../../apps/central/src/store/migrations.js'
import type { Queries, Store } from '../../apps/central/src/store/store.js'
import { describeStores } from './databases.js'
import { authority, deliveryBody, placed, reportBody } from './records.js'

const { DeliveryState, Lane } = outrider.v1
const nowMs = 1_800_000_000_000

/** What one place of a node's log holds: fixed by the place, so that a repeat is the same record. */
type Planned =
  | { readonly kind: 'telemetry' }
  | { readonly kind: 'urgent'; readonly vehicle: number; readonly number: number }
  | { readonly kind: 'delivery'; readonly vehicle: number; readonly acknowledged: boolean }
  | { readonly kind: 'broken' }

const planned: fc.Arbitrary<Planned> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('urgent' as const), vehicle: fc.nat(1), number: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'telemetry' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delivery' as const), vehicle: fc.nat(2), acknowledged: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'broken' as const }) },
)

const logs = 3
const sequences = 12
const partitions = 2

const item = fc.oneof(
  { weight: 8, arbitrary: fc.record({ log: fc.nat(logs - 1), sequence: fc.integer({ min: 1, max: sequences }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      log: fc.nat(logs - 1),
      gapFirst: fc.integer({ min: 1, max: sequences }),
      gapLength: fc.integer({ min: 1, max: 5 }),
    }),
  },
)
type Item = { readonly log: number } & ({ readonly sequence: number } | { readonly gapFirst: number; readonly gapLength: number })

/** A reader's step: whose turn it is, how many records, how many it reads again from before, and after how many statements it dies. */
const step = fc.record({
  partition: fc.nat(partitions - 1),
  size: fc.integer({ min: 1, max: 8 }),
  again: fc.nat(3),
  dies: fc.option(fc.nat(14), { freq: 3, nil: undefined }),
})

function placeOf(log: number, sequence: number) {
  return { node: `node-${log}`, lane: Lane.LANE_URGENT, epoch: 100 + log, sequence }
}

function recordOf(plan: readonly Planned[], each: Item): NewRecord {
  if ('gapFirst' in each) {
    const gap = { firstSequence: each.gapFirst, lastSequence: each.gapFirst + each.gapLength - 1, reason: 1 }
    return placed(placeOf(each.log, each.gapFirst), { gap }, nowMs - 5).record
  }
  const place = placeOf(each.log, each.sequence)
  const what = plan[each.log * sequences + each.sequence - 1]!
  if (what.kind === 'urgent') return placed(place, reportBody(`vehicle-${what.vehicle}`, 1, what.number, nowMs - 5, true), nowMs - 5).record
  if (what.kind === 'telemetry') return placed(place, reportBody(`other-${each.log}`, 1, each.sequence, nowMs - 5, false), nowMs - 5).record
  if (what.kind === 'broken') return placed(place, { report: { vehicle: '', report: { number: 1 } } }, nowMs - 5).record
  const state = what.acknowledged ? DeliveryState.DELIVERY_STATE_ACKNOWLEDGED : DeliveryState.DELIVERY_STATE_TARGETED
  return placed(
    place,
    deliveryBody({ node: 'n', boot: 1, sequence: 1 }, 1, `vehicle-${what.vehicle}`, state, nowMs - each.sequence),
    nowMs - 5,
  ).record
}

/** What must come of it, by sets alone. */
function modelOf(plan: readonly Planned[], parts: readonly (readonly Item[])[]) {
  const reports = new Set<string>()
  const records = new Set<string>()
  const lost = new Set<string>()
  const letters = new Set<string>()
  const deliveries = new Map<string, boolean>()
  for (const [partition, part] of parts.entries()) {
    for (const [offset, each] of part.entries()) {
      if ('gapFirst' in each) {
        for (let sequence = each.gapFirst; sequence < each.gapFirst + each.gapLength; sequence++) lost.add(`${each.log}/${sequence}`)
        continue
      }
      const what = plan[each.log * sequences + each.sequence - 1]!
      if (what.kind === 'broken') letters.add(`${partition}/${offset}`)
      else records.add(`${each.log}/${each.sequence}`)
      if (what.kind === 'urgent') reports.add(`${what.vehicle}/${what.number}`)
      if (what.kind === 'telemetry') reports.add(`log ${each.log}/${each.sequence}`)
      if (what.kind === 'delivery') {
        // One delivery has as many nodes as logs speak of it; acknowledged anywhere wins.
        const name = `${what.vehicle}`
        deliveries.set(name, (deliveries.get(name) ?? false) || what.acknowledged)
      }
    }
  }
  return { reports, records, lost, letters, deliveries }
}

class Crash extends Error {}

/** A store whose process dies after so many statements: what was not committed is gone. */
function dyingStore(store: Store, statements: number): Store {
  let left = statements
  const dieOr = <T>(go: () => Promise<T>): Promise<T> => (left-- > 0 ? go() : Promise.reject(new Crash('killed')))
  return {
    ...store,
    query: (sql, parameters) => dieOr(() => store.query(sql, parameters)),
    transaction: job => store.transaction(queries => job({ query: (sql, parameters) => dieOr(() => queries.query(sql, parameters)) })),
  }
}

describeStores('records applied', createStore => {
  let store: Store

  beforeAll(async () => {
    store = await createStore()
    await store.start()
    await migrate(store)
  })

  afterAll(() => store.stop())

  test('each exactly once, after crashes between any two steps', async () => {
    const scene = fc.record({
      plan: fc.array(planned, { minLength: logs * sequences, maxLength: logs * sequences }),
      parts: fc.array(fc.array(item, { maxLength: 25 }), { minLength: partitions, maxLength: partitions }),
      steps: fc.array(step, { maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(scene, async ({ plan, parts, steps }) => {
        await store.transaction(emptyStore)
        const written: NewRecord[] = []
        const options: ApplyOptions = {
          store,
          authority,
          wallMs: () => nowMs,
          writeLetters: async letters => void written.push(...letters),
        }
        const topic = 'outrider.reports'
        const logRecords = parts.map(part =>
          part.map((each, offset): LogRecord => ({ ...recordOf(plan, each), value: recordOf(plan, each).value, headers: {}, offset })),
        )
        const read = async (partition: number, size: number, again: number, using: Store) => {
          const stored = await nextOffsetIn(store)({ topic, partition: String(partition) })
          const from = Math.max(0, (stored ?? 0) - again)
          const records = logRecords[partition]!.slice(from, (stored ?? 0) + size)
          if (records.length === 0) return
          const fromOffset = stored === undefined ? undefined : from
          const batch = { topic, partition: String(partition), records, fromOffset, nextOffset: records.at(-1)!.offset + 1 }
          await applyRecords({ ...options, store: using }, batch)
        }
        for (const { partition, size, again, dies } of steps) {
          const using = dies === undefined ? store : dyingStore(store, dies)
          await read(partition, size, again, using).catch(error => {
            if (!(error instanceof Crash)) throw error
          })
        }
        for (let partition = 0; partition < partitions; partition++) await read(partition, 100, 0, store)

        const model = modelOf(plan, parts)
        const stats = await readStats(store, nowMs)
        expect(stats.reports).toMatchObject({ identities: model.reports.size, applications: model.reports.size, duplicates: 0 })
        expect(stats.records.lost).toBe(model.lost.size)
        expect(stats.deliveries.targeted).toBe(model.deliveries.size)
        expect(stats.deliveries.acknowledged).toBe([...model.deliveries.values()].filter(Boolean).length)
        const known = await store.query<{ name: string; first: number; last: number }>(
          `SELECT name, first::float8 AS first, last::float8 AS last FROM sequence_range JOIN sequence_source ON id = source
           WHERE kind = 'applied' ORDER BY name, first`,
        )
        const sequencesKnown = known.flatMap(({ name, first, last }) =>
          Array.from({ length: last - first + 1 }, (_, index) => `${name.slice(5)}/${first + index}`),
        )
        expect(sequencesKnown.toSorted()).toEqual([...model.records].toSorted())
        // Ranges that touch are one.
        for (const [index, { name, first }] of known.entries())
          if (known[index - 1]?.name === name) expect(first).toBeGreaterThan(known[index - 1]!.last + 1)
        const letters = new Set(written.map(({ headers }) => `${headers!['origin-partition']}/${headers!['origin-offset']}`))
        expect(letters).toEqual(model.letters)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['the database refuses', 'refused_by_store', (queries: Queries) => queries.query<never>('SELECT 1/0')],
    ['our own code stumbles over', 'failed', () => Promise.reject<never[]>(new TypeError('no such property'))],
  ] as const)('a record that %s is a dead letter, and all around it are applied', async (_, reason, fail) => {
    await store.transaction(emptyStore)
    const refusing: Store = {
      ...store,
      transaction: job =>
        store.transaction(queries =>
          job({
            query: (sql, parameters) =>
              sql.includes('INTO report') && String(parameters?.[0]).includes('"number":4,')
                ? fail(queries)
                : queries.query(sql, parameters),
          }),
        ),
    }
    const letters: NewRecord[] = []
    const records = Array.from({ length: 7 }, (_, index): LogRecord => {
      const { record } = placed(placeOf(0, index + 1), reportBody('a', 1, index + 1, nowMs - 5, false), nowMs - 5)
      return { ...record, value: record.value, headers: {}, offset: index }
    })
    const applied = await applyRecords(
      { store: refusing, authority, wallMs: () => nowMs, writeLetters: async some => void letters.push(...some) },
      { topic: 'outrider.reports', partition: '0', records, fromOffset: undefined, nextOffset: 7 },
    )
    expect(applied).toMatchObject({ applied: { report: 6 }, dead: { [reason]: 1 } })
    expect(letters.map(({ headers }) => headers)).toEqual([
      expect.objectContaining({ reason, 'origin-offset': '3', node: 'node-0', sequence: '4' }),
    ])
    expect(await nextOffsetIn(store)({ topic: 'outrider.reports', partition: '0' })).toBe(7)
  })

  test('an emptied store stops a reader that is further on', async () => {
    await store.transaction(emptyStore)
    const options = { store, authority, wallMs: () => nowMs, writeLetters: async () => {} }
    const batch = { topic: 'outrider.reports', partition: '0', records: [], fromOffset: 12, nextOffset: 13 }
    await expect(applyRecords(options, batch)).rejects.toMatchObject({ name: 'PositionLost' })
  })
})
