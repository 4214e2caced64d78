// The broker is killed and frozen, and acknowledgements are lost, while records are appended and consumed:
// what was acknowledged is in the topic, once, in the order of its key.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createKafkaEventLog, type EventLog, type EventLogEvent } from '@outrider/event-log'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Broker, startBroker } from '../../scripts/kafka-broker/broker.mjs'
import { type LossyProxy, startLossyProxy } from './lossy-proxy.js'

const retentionMs = Number.POSITIVE_INFINITY

describe.skipIf(inject('kafka').own === undefined)('with a broker of its own', () => {
  const events: EventLogEvent[] = []
  const logs: EventLog[] = []
  let proxy: LossyProxy
  let broker: Broker

  beforeAll(async () => {
    proxy = await startLossyProxy(() => Number(broker.address.split(':')[1]))
    broker = await startBroker({ advertisedPort: proxy.port })
  })
  afterEach(async () => {
    await Promise.all(logs.splice(0).map(log => log.stop()))
    events.length = 0
  })
  afterAll(async () => {
    proxy?.close()
    await broker?.stop()
  })

  async function start(): Promise<EventLog> {
    const log = createKafkaEventLog({
      brokers: [`127.0.0.1:${proxy.port}`],
      clientId: 'faults',
      replication: 1,
      requestTimeoutMs: 1_500,
      sessionTimeoutMs: 6_000,
      onEvent: event => events.push(event),
    })
    logs.push(log)
    await log.start()
    return log
  }

  /** Every value of the topic, in the order read, by key. */
  async function content(log: EventLog, topic: string, partitions: readonly { endOffset: number }[]): Promise<Map<string, number[]>> {
    const total = partitions.reduce((sum, each) => sum + each.endOffset, 0)
    const byKey = new Map<string, number[]>()
    const done = new AbortController()
    let count = 0
    const consumer = log.consume({
      group: `content-${topic}`,
      topics: [topic],
      from: 'beginning',
      signal: done.signal,
      async onBatch({ records }) {
        for (const { key, value } of records) byKey.set(key, [...(byKey.get(key) ?? []), Number(value)])
        count += records.length
        if (count >= total) done.abort()
      },
    })
    await consumer.finished
    return byKey
  }

  test('killed three times and frozen once: all that was acknowledged, once, in order; and all of it consumed', async () => {
    const log = await start()
    const topic = 'killed'
    await log.ensureTopics([{ topic, partitions: 3, retentionMs, compacted: false }])
    const stop = new AbortController()
    const progress = new EventTarget()
    const keys = ['a', 'b', 'c', 'd', 'e']
    const acknowledged = new Map(keys.map(key => [key, [] as number[]]))
    const total = () => [...acknowledged.values()].reduce((sum, each) => sum + each.length, 0)

    const appenders = keys.map(async key => {
      for (let n = 0; !stop.signal.aborted; n += 10) {
        const values = Array.from({ length: 10 }, (_, index) => n + index)
        await log.append({ topic, records: values.map(value => ({ key, value: Buffer.from(String(value)), timeMs: Date.now() })) })
        acknowledged.get(key)!.push(...values)
        progress.dispatchEvent(new Event('more'))
      }
    })
    const consumed = new Map(keys.map(key => [key, new Set<number>()]))
    const consumedAll = new AbortController()
    const isConsumed = () => keys.every(key => acknowledged.get(key)!.every(value => consumed.get(key)!.has(value)))
    const consumer = log.consume({
      group: 'through-it-all',
      topics: [topic],
      from: 'committed',
      signal: consumedAll.signal,
      async onBatch({ records }) {
        for (const { key, value } of records) consumed.get(key)!.add(Number(value))
        if (stop.signal.aborted && isConsumed()) consumedAll.abort()
      },
    })
    const more = async (count: number) => {
      for (const goal = total() + count; total() < goal; ) await once(progress, 'more')
    }

    for (let kill = 0; kill < 3; kill++) {
      await more(2_000)
      await broker.kill()
      await broker.start()
    }
    await more(2_000)
    broker.freeze()
    // Frozen until the client has noticed by itself: its connection was cut for lack of an answer.
    while (!events.some(each => each.event === 'connection_cut')) await new Promise(setImmediate)
    broker.thaw()
    await more(2_000)
    stop.abort()
    await Promise.all(appenders)
    // One more, so that the consumer is called after the last acknowledgement.
    await log.append({ topic, records: [{ key: 'a', value: Buffer.from(String(acknowledged.get('a')!.length)), timeMs: Date.now() }] })
    acknowledged.get('a')!.push(acknowledged.get('a')!.length)
    await consumer.finished

    const found = await content(log, topic, await log.positions(topic))
    for (const key of keys) expect(found.get(key)).toEqual(acknowledged.get(key))
    expect(isConsumed()).toBe(true)
    expect(events.some(each => each.event === 'append_retried')).toBe(true)
  })

  test('acknowledgements lost on the way: written once, whatever follows', async () => {
    const log = await start()
    const topic = 'lost'
    await log.ensureTopics([{ topic, partitions: 1, retentionMs, compacted: false }])
    const expected: number[] = []
    const lostBefore = proxy.lost
    for (let round = 0; round < 6; round++) {
      proxy.lose(round === 5 ? 4 : 1)
      // Several appends of different sizes in one go: the lost batch must come again as it was, not grown by what came since.
      const appends = Array.from({ length: 1 + round }, (_, index) => {
        const values = Array.from({ length: 1 + ((round + index) % 3) }, () => expected.push(expected.length) - 1)
        return log.append({ topic, records: values.map(value => ({ key: 'k', value: Buffer.from(String(value)), timeMs: 1 })) })
      })
      await Promise.all(appends)
    }
    expect(proxy.lost - lostBefore).toBe(9)
    expect((await content(log, topic, await log.positions(topic))).get('k')).toEqual(expected)
    expect(events.filter(each => each.event === 'producer_renewed')).toEqual([])
  })

  test('connections that went mute are cut, and appending and consuming go on over new ones', async () => {
    const log = await start()
    const topic = 'mute'
    await log.ensureTopics([{ topic, partitions: 1, retentionMs, compacted: false }])
    const append = (value: string) => log.append({ topic, records: [{ key: 'k', value: Buffer.from(value), timeMs: 1 }] })
    const values: string[] = []
    const progress = new EventTarget()
    const done = new AbortController()
    const consumer = log.consume({
      group: 'mute',
      topics: [topic],
      from: 'committed',
      signal: done.signal,
      async onBatch({ records }) {
        values.push(...records.map(each => String(each.value)))
        progress.dispatchEvent(new Event('more'))
      },
    })
    const first = once(progress, 'more')
    await append('before')
    await first
    const second = once(progress, 'more')
    proxy.mute()
    await append('after')
    await second
    done.abort()
    await consumer.finished
    expect(new Set(values)).toEqual(new Set(['before', 'after']))
    expect((await content(log, topic, await log.positions(topic))).get('k')).toHaveLength(2)
    expect(events.some(each => each.event === 'connection_cut')).toBe(true)
  })

  test('records removed before they were read are reported as a gap, and reading goes on', async () => {
    const log = await start()
    const topic = 'expired'
    await log.ensureTopics([{ topic, partitions: 1, retentionMs, compacted: false }])
    // Each append a batch of its own, too large for two of them to be fetched at once.
    for (let n = 0; n < 20; n++) await log.append({ topic, records: [{ key: String(n), value: randomBytes(60_000), timeMs: Date.now() }] })
    const removeBefore = async (offset: number) => {
      const admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).admin()
      await admin.connect()
      await admin.fetchTopicOffsets(topic) // the client deletes only where it has looked before
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
      await admin.disconnect()
    }
    await removeBefore(6)
    const gaps: unknown[] = []
    const keys: number[] = []
    const done = new AbortController()
    const consumer = log.consume({
      group: 'late',
      topics: [topic],
      from: async () => 3,
      batchBytesMax: 64 * 1024,
      signal: done.signal,
      async onBatch({ gap, records }) {
        if (gap) gaps.push(gap)
        keys.push(...records.map(each => Number(each.key)))
        if (keys.length === 1) await removeBefore(15)
        if (keys.at(-1) === 19) done.abort()
      },
    })
    await consumer.finished
    expect(gaps).toEqual([
      { fromOffset: 3, toOffset: 6, reason: 'expired' },
      { fromOffset: 7, toOffset: 15, reason: 'expired' },
    ])
    expect(keys).toEqual([6, 15, 16, 17, 18, 19])
    const beyond = log.consume({ group: 'ahead', topics: [topic], from: async () => 21, onBatch: async () => {} })
    await expect(beyond.finished).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(/is 21.*ends at 20/) })
  })

  test('a broker that is away is named as unreachable, and appends wait for it', async () => {
    const log = await start()
    const topic = 'away'
    await log.ensureTopics([{ topic, partitions: 1, retentionMs, compacted: false }])
    await broker.kill()
    const late = createKafkaEventLog({ brokers: [broker.address], clientId: 'late', replication: 1, onEvent: () => {} })
    await expect(late.start()).rejects.toMatchObject({
      code: 'unreachable',
      retriable: true,
      message: expect.stringContaining(broker.address),
    })
    await expect(log.positions(topic)).rejects.toMatchObject({ code: 'unreachable' })
    const waiting = log.append({ topic, records: [{ key: 'k', value: Buffer.from('0'), timeMs: 1 }] })
    await broker.start()
    expect((await waiting).ranges).toEqual([{ partition: '0', firstOffset: 0, count: 1 }])
    await late.start()
    await late.stop()
  })
})
