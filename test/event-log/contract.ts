// What every event log keeps, whatever it is made of: run for each adapter by the test files beside this one.
import { randomBytes } from 'node:crypto'
import type { ConsumedBatch, EventLog, EventLogEvent, LogRecord, NewRecord, StartFrom, TopicSpec } from '@outrider/event-log'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'

export interface CreateOptions {
  /** Two handles with different writers are two processes on the same log. */
  readonly writer?: string
  readonly pendingBytesMax?: number
  readonly waitingAppendsMax?: number
  readonly onEvent?: (event: EventLogEvent) => void
}

interface Received extends LogRecord {
  readonly topic: string
  readonly partition: string
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())
const record = (key: string, value: string): NewRecord => ({ key, value: Buffer.from(value), timeMs: 1_700_000_000_000 })
const numbered = (count: number, keys = 7): NewRecord[] => Array.from({ length: count }, (_, n) => record(`k${n % keys}`, String(n)))

/** @param create a new handle, each time, to one and the same log that outlives them */
export function describeEventLog(name: string, create: (options: CreateOptions) => EventLog): void {
  const open: EventLog[] = []
  const unique = randomBytes(4).toString('hex')
  let topics = 0

  async function started(options: CreateOptions = {}): Promise<EventLog> {
    const log = create(options)
    open.push(log)
    await log.start()
    return log
  }

  const spec = (partitions = 3): TopicSpec => ({
    topic: `t${unique}.${topics++}`,
    partitions,
    retentionMs: Number.POSITIVE_INFINITY,
    compacted: false,
  })

  async function withTopic(log: EventLog, partitions?: number): Promise<string> {
    const wanted = spec(partitions)
    await log.ensureTopics([wanted])
    return wanted.topic
  }

  /** Reads until there are `count` records, then stops cleanly. */
  async function read(
    log: EventLog,
    topic: string,
    count: number,
    { group = `g${randomBytes(4).toString('hex')}`, from = 'committed' as StartFrom } = {},
  ) {
    const received: Received[] = []
    const enough = new AbortController()
    const consumer = log.consume({
      ...(group === undefined ? {} : { group }),
      topics: [topic],
      from,
      signal: enough.signal,
      async onBatch(batch) {
        received.push(...batch.records.map(each => ({ ...each, topic: batch.topic, partition: batch.partition })))
        if (received.length >= count) enough.abort()
      },
    })
    await consumer.finished
    return received
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map(log => log.stop()))
  })

  describe(name, () => {
    test('what was appended is read as it was, in order per key', async () => {
      const log = await started()
      const bytes = fc.uint8Array({ maxLength: 300 })
      const header = fc.tuple(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), fc.oneof(fc.string({ unit: 'grapheme' }), bytes))
      const anyRecord = fc.record({
        key: fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })),
        value: fc.option(bytes, { freq: 10 }),
        timeMs: fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 }),
        headers: fc.array(header, { maxLength: 4 }).map(entries => Object.fromEntries(entries)),
      })
      const batches = fc.array(fc.array(anyRecord, { minLength: 0, maxLength: 30 }), { minLength: 1, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(batches, async appended => {
          const topic = await withTopic(log)
          const all = appended.flat()
          const results = await Promise.all(appended.map(records => log.append({ topic, records })))
          expect(results.map(({ ranges }) => ranges.reduce((sum, range) => sum + range.count, 0))).toEqual(
            appended.map(each => each.length),
          )
          if (all.length === 0) return
          const received = await read(log, topic, all.length)
          const plain = ({ key, value, timeMs, headers = {} }: NewRecord) => [
            key,
            value && Buffer.from(value).toString('hex'),
            timeMs,
            Object.entries(headers)
              .map(([header, content]) => [header, Buffer.from(content as string).toString('hex')])
              .sort(),
          ]
          const byKey = (records: readonly NewRecord[]) => groupBy(records, each => each.key)
          const expected = byKey(all)
          const actual = byKey(received)
          expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
          for (const [key, records] of expected) expect(actual.get(key)!.map(plain)).toEqual(records.map(plain))
        }),
        { numRuns: 12, seed: 20261123 },
      )
    })

    test('offsets told at the append are those told at the reading, and rise within a partition', async () => {
      const log = await started()
      const topic = await withTopic(log)
      const { ranges } = await log.append({ topic, records: numbered(50) })
      const told = ranges.flatMap(range => Array.from({ length: range.count }, (_, n) => `${range.partition}:${range.firstOffset + n}`))
      const received = await read(log, topic, 50)
      expect(received.map(each => `${each.partition}:${each.offset}`).sort()).toEqual(told.sort())
      for (const { partition, beginOffset, endOffset } of await log.positions(topic)) {
        const offsets = received.filter(each => each.partition === partition).map(each => each.offset)
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
        if (offsets.length > 0) expect([offsets[0], offsets.at(-1)! + 1]).toEqual([beginOffset, endOffset])
      }
    })

    test('a group goes on after what it committed; another group, and a replay, begin at the beginning', async () => {
      const log = await started()
      const topic = await withTopic(log)
      await log.append({ topic, records: numbered(20) })
      expect(await read(log, topic, 20, { group: `a${topic}` })).toHaveLength(20)
      await log.append({ topic, records: [record('k1', 'later')] })
      expect((await read(log, topic, 1, { group: `a${topic}` })).map(each => text(each.value))).toEqual(['later'])
      expect(await read(log, topic, 21, { group: `b${topic}` })).toHaveLength(21)
      expect(await read(log, topic, 21, { group: `a${topic}`, from: 'beginning' })).toHaveLength(21)
    })

    test('without a group all is read, by each reader, and nothing committed', async () => {
      const log = await started()
      const topic = await withTopic(log)
      await log.append({ topic, records: numbered(20) })
      const alone = () => read(log, topic, 20, { group: undefined })
      const both = await Promise.all([alone(), alone()])
      expect(both.map(each => each.length)).toEqual([20, 20])
      expect(await alone()).toHaveLength(20)
    })

    test('a batch whose effect failed is not committed: it comes again', async () => {
      const log = await started()
      const topic = await withTopic(log, 1)
      await log.append({ topic, records: numbered(10) })
      const group = `g${topic}`
      const failure = new Error('effect failed')
      const consumer = log.consume({ group, topics: [topic], from: 'committed', onBatch: () => Promise.reject(failure) })
      await expect(consumer.finished).rejects.toBe(failure)
      expect((await read(log, topic, 10, { group })).map(each => text(each.value))).toEqual(numbered(10).map(each => text(each.value)))
    })

    test('a reader with its own positions begins exactly there, in each partition it is given', async () => {
      const log = await started()
      const topic = await withTopic(log)
      await log.append({ topic, records: numbered(40) })
      const all = await read(log, topic, 40)
      const middle = (records: readonly Received[]) => records[records.length >> 1]!.offset
      const seen = new Map([...groupBy(all, each => each.partition)].map(([partition, records]) => [partition, middle(records)]))
      const expected = all.filter(each => each.offset >= (seen.get(each.partition) ?? 0))
      const asked = new Set<string>()
      const rest = await read(log, topic, expected.length, {
        from: async ({ partition }) => {
          asked.add(partition)
          return seen.get(partition)
        },
      })
      const place = (each: Received) => `${each.partition}:${each.offset}`
      expect(rest.map(place).sort()).toEqual(expected.map(place).sort())
      expect([...asked].sort()).toEqual((await log.positions(topic)).map(each => each.partition).sort())
    })

    test('members of a group share the work, and a member that leaves loses nothing', async () => {
      const [first, second] = [await started({ writer: 'one' }), await started({ writer: 'two' })]
      const topic = await withTopic(first, 4)
      // Two writers, so that there are several partitions where partitions belong to writers.
      await Promise.all([
        first.append({ topic, records: numbered(30) }),
        second.append({ topic, records: numbered(30).map(each => ({ ...each, key: `x${each.key}` })) }),
      ])
      const group = `g${topic}`
      const missing = new Set([
        'k0=last',
        'xk0=last',
        ...numbered(30).flatMap(({ key, value }) => [`${key}=${text(value)}`, `x${key}=${text(value)}`]),
      ])
      const byMember: [number, number] = [0, 0]
      const bothWorked = new AbortController()
      const nothingMissing = new AbortController()
      const onBatch = (member: 0 | 1) => async (batch: ConsumedBatch) => {
        for (const each of batch.records) missing.delete(`${each.key}=${text(each.value)}`)
        byMember[member] += batch.records.length
        if (byMember[0] > 0 && byMember[1] > 0) bothWorked.abort()
        if (missing.size === 0) nothingMissing.abort()
      }
      const appendToBoth = (records: readonly NewRecord[]) =>
        Promise.all([
          first.append({ topic, records }),
          second.append({ topic, records: records.map(each => ({ ...each, key: `x${each.key}` })) }),
        ])
      const leaving = first.consume({ group, topics: [topic], from: 'committed', onBatch: onBatch(0), signal: bothWorked.signal })
      const staying = second.consume({ group, topics: [topic], from: 'committed', onBatch: onBatch(1), signal: nothingMissing.signal })
      while (!bothWorked.signal.aborted) await appendToBoth(numbered(8, 8))
      await leaving.finished
      await appendToBoth([record('k0', 'last')])
      // Ends only when the one that stays has read what the other left; a record that was lost shows as the test's time limit.
      await staying.finished
    })

    test('one batch at a time, and the reading waits for a slow reader', async () => {
      const log = await started()
      const topic = await withTopic(log)
      await log.append({ topic, records: numbered(30) })
      let [inHand, most, received] = [0, 0, 0]
      const done = new AbortController()
      const consumer = log.consume({
        group: `g${topic}`,
        topics: [topic],
        from: 'beginning',
        signal: done.signal,
        async onBatch(batch) {
          most = Math.max(most, ++inHand)
          if (received === 0) await log.append({ topic, records: numbered(30) })
          inHand--
          received += batch.records.length
          if (received >= 60) done.abort()
        },
      })
      await consumer.finished
      expect([most, received]).toEqual([1, 60])
    })

    test('a restart keeps everything', async () => {
      const before = await started({ writer: 'w' })
      const topic = await withTopic(before)
      await before.append({ topic, records: numbered(25) })
      await read(before, topic, 25, { group: `g${topic}` })
      await before.stop()
      const after = await started({ writer: 'w' })
      await after.append({ topic, records: [record('k3', 'after')] })
      expect((await read(after, topic, 1, { group: `g${topic}` })).map(each => text(each.value))).toEqual(['after'])
      const all = await read(after, topic, 26)
      expect(all.filter(each => each.key === 'k3').map(each => text(each.value))).toEqual(['3', '10', '17', '24', 'after'])
    })

    test('what is pending is bounded: appends wait, then are refused, and what was acknowledged is there', async () => {
      const waited: number[] = []
      const log = await started({
        pendingBytesMax: 2_000,
        waitingAppendsMax: 10,
        onEvent: event => event.event === 'append_waited' && waited.push(event.waitingAppends),
      })
      const topic = await withTopic(log)
      const appends = Array.from({ length: 20 }, (_, n) =>
        log.append({ topic, records: [{ ...record('k', `${n}:`.padEnd(1_500, '.')), key: 'k' }] }),
      )
      const outcomes = await Promise.allSettled(appends)
      const acknowledged = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [n] : []))
      expect(acknowledged).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      for (const outcome of outcomes.slice(11))
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'overloaded', retriable: true } })
      expect(waited).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      const received = await read(log, topic, acknowledged.length)
      expect(received.map(each => Number.parseInt(text(each.value)!, 10))).toEqual(acknowledged)
    })

    test('an aborted append says so', async () => {
      const log = await started({ pendingBytesMax: 1_000 })
      const topic = await withTopic(log)
      const abort = new AbortController()
      const first = log.append({ topic, records: [record('k', 'x'.repeat(2_000))] })
      const waiting = log.append({ topic, records: [record('k', 'y'.repeat(2_000))] }, abort.signal)
      const after = log.append({ topic, records: [record('k', 'z')] })
      abort.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
      await expect(log.append({ topic, records: [record('k', 'never')] }, abort.signal)).rejects.toMatchObject({ code: 'aborted' })
      await Promise.all([first, after])
      expect((await read(log, topic, 2)).map(each => text(each.value)!.slice(0, 1))).toEqual(['x', 'z'])
    })

    test('a topic that does not exist is named, by whatever asks for it', async () => {
      const log = await started()
      const [unknown, topic] = [`missing.${unique}`, await withTopic(log)]
      const names = { code: 'unknown_topic', message: expect.stringContaining(unknown) }
      await expect(log.append({ topic: unknown, records: numbered(1) })).rejects.toMatchObject(names)
      await expect(log.positions(unknown)).rejects.toMatchObject(names)
      await expect(
        log.consume({ group: 'g', topics: [unknown], from: 'committed', onBatch: async () => {} }).finished,
      ).rejects.toMatchObject(names)
      await log.append({ topic, records: numbered(1) })
    })

    test('a record outside the limits is refused whole, with the reason', async () => {
      const log = await started()
      const topic = await withTopic(log)
      const good = record('k', 'good')
      for (const [bad, reason] of [
        [record('', 'v'), /key has 0 bytes; must be 1 to 1024/],
        [record('k'.repeat(1_025), 'v'), /key has 1025 bytes/],
        [{ ...good, timeMs: 1.5 }, /timeMs is 1.5/],
        [{ ...good, headers: { 'a b': 'x' } }, /header "a b"/],
        [{ ...good, value: Buffer.alloc(512 * 1024) }, /has \d+ bytes; at most 524288/],
      ] as const)
        await expect(log.append({ topic, records: [good, bad] })).rejects.toMatchObject({
          code: 'invalid_record',
          message: expect.stringMatching(reason),
        })
      await expect(log.ensureTopics([{ ...spec(), partitions: 0 }])).rejects.toMatchObject({ code: 'invalid_record' })
      await expect(log.ensureTopics([{ ...spec(), topic: '../up' }])).rejects.toMatchObject({ code: 'invalid_record' })
      expect((await log.positions(topic)).every(range => range.beginOffset === range.endOffset)).toBe(true)
    })

    test('topics are created once, checked without creating, and told apart when they differ', async () => {
      const log = await started()
      const [wanted, missing] = [{ ...spec(2), retentionMs: 3_600_000 }, spec()]
      const state = async (call: Promise<readonly { topic: string; state: string }[]>) => (await call).map(each => each.state)
      expect(await state(log.checkTopics([wanted, missing]))).toEqual(['missing', 'missing'])
      expect(await state(log.ensureTopics([wanted]))).toEqual(['created'])
      expect(await state(log.ensureTopics([wanted]))).toEqual(['ok'])
      expect(await state(log.checkTopics([wanted, missing]))).toEqual(['ok', 'missing'])
      const [longer] = await log.checkTopics([{ ...wanted, retentionMs: 7_200_000 }])
      expect(longer).toMatchObject({ state: 'differs', differences: [expect.stringMatching(/retention.*3600000.*7200000/)] })
    })

    test('after stop every call says so, consumers end, and stop may come twice', async () => {
      const log = await started()
      const topic = await withTopic(log)
      const consumer = log.consume({ group: `g${topic}`, topics: [topic], from: 'committed', onBatch: async () => {} })
      await Promise.all([log.stop(), log.stop()])
      await consumer.finished
      await log.stop()
      await expect(log.append({ topic, records: numbered(1) })).rejects.toMatchObject({ code: 'stopped' })
      await expect(log.positions(topic)).rejects.toMatchObject({ code: 'stopped' })
      await expect(log.ensureTopics([spec()])).rejects.toMatchObject({ code: 'stopped' })
    })
  })
}

function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item])
  return groups
}
