import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventLogError } from './event-log-error.js'
import type { EventLogEvent } from './event-log-event.js'
import { createDrain, type PartitionBatch, type SendOutcome } from './kafka-drain.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Fate = 'through' | 'lost_before' | 'lost_after' | 'out_of_step'

/**
 * The broker and the client as they were found to behave: the client numbers records per partition and takes the number back after any
 * error; the broker takes what has the next number, answers a number and count it has just had as written without looking at the
 * records, and refuses every other number.
 */
function createModel(fates: readonly Fate[]) {
  const written = new Map<number, string[]>()
  const brokerNext = new Map<string, number>()
  const brokerLast = new Map<string, { sequence: number; count: number }>()
  const clientNext = new Map<number, number>()
  let forced = 0
  let producer = 0
  let sends = 0

  async function send({ partition, records }: PartitionBatch): Promise<SendOutcome> {
    const fate = fates[sends++] ?? 'through'
    await new Promise(resolve => setTimeout(resolve, 1))
    if (fate === 'lost_before') return { kind: 'unsure', reason: 'lost before the broker' }
    if (fate === 'out_of_step') {
      forced++
      return { kind: 'out_of_step', reason: 'refused' }
    }
    const name = `${producer}/${partition}`
    const sequence = clientNext.get(partition) ?? 0
    const last = brokerLast.get(name)
    const repeated = last?.sequence === sequence && last.count === records.length
    if (!repeated && sequence !== (brokerNext.get(name) ?? 0)) return { kind: 'out_of_step', reason: `number ${sequence}` }
    const log = written.get(partition) ?? []
    if (!repeated) {
      written.set(partition, log)
      log.push(...records.map(each => String(each.value)))
      brokerNext.set(name, sequence + records.length)
      brokerLast.set(name, { sequence, count: records.length })
    }
    if (fate === 'lost_after') return { kind: 'unsure', reason: 'acknowledgement lost' }
    clientNext.set(partition, sequence + records.length)
    return { kind: 'written', firstOffset: log.length - records.length }
  }

  return {
    written,
    /** How often the fates, not the drain, put the producer out of step. */
    get forced() {
      return forced
    },
    send,
    renewProducer() {
      producer++
      clientNext.clear()
    },
  }
}

const entriesOf = (append: number, partitions: readonly number[]) =>
  partitions.map((partition, index) => ({
    partition,
    bytes: 10,
    record: { key: 'k', value: Buffer.from(`${append}.${index}`), timeMs: 0 },
  }))

test('whatever is lost on the way, each record is written in order, and once unless a producer was replaced', async () => {
  const fate = fc.constantFrom<Fate>('through', 'through', 'lost_before', 'lost_after', 'out_of_step')
  const appends = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 8 }), { maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 40 }), appends, async (fates, partitionsOfAppends) => {
      const model = createModel(fates)
      let [renewed, released] = [0, 0]
      const drain = createDrain({
        send: model.send,
        renewProducer() {
          renewed++
          model.renewProducer()
        },
        onReleased: bytes => {
          released += bytes
        },
        onEvent: () => {},
        nowMs: Date.now,
      })
      const expected = new Map<number, string[]>()
      const results = []
      for (const [append, partitions] of partitionsOfAppends.entries()) {
        for (const [index, partition] of partitions.entries())
          expected.set(partition, [...(expected.get(partition) ?? []), `${append}.${index}`])
        results.push(drain.append('t', entriesOf(append, partitions), undefined))
        await vi.advanceTimersByTimeAsync(append % 3)
      }
      await vi.runAllTimersAsync()
      const told = (await Promise.all(results)).flatMap(({ ranges }) => ranges.map(range => range.count))
      const total = partitionsOfAppends.flat().length
      expect(told.reduce((sum, each) => sum + each, 0)).toBe(total)
      expect(released).toBe(10 * total)
      expect(renewed).toBe(model.forced)
      for (const [partition, values] of expected) {
        const found = model.written.get(partition)!
        expect([...new Set(found)]).toEqual(values)
        if (model.forced === 0) expect(found).toEqual(values)
      }
    }),
    { numRuns: 300, seed: 20261123 },
  )
})

test('a refused batch fails its appends, the producer is replaced, and what follows is written', async () => {
  const model = createModel([])
  const refusal = new EventLogError('not_authorised', 'no')
  let renewed = 0
  const drain = createDrain({
    send: batch => (batch.topic === 'forbidden' ? Promise.resolve({ kind: 'refused', error: refusal }) : model.send(batch)),
    renewProducer: () => renewed++,
    onReleased: () => {},
    onEvent: () => {},
    nowMs: Date.now,
  })
  const refused = expect(drain.append('forbidden', entriesOf(0, [0, 0]), undefined)).rejects.toBe(refusal)
  const written = drain.append('allowed', entriesOf(1, [0]), undefined)
  await vi.runAllTimersAsync()
  await refused
  expect([(await written).ranges, renewed]).toEqual([[{ partition: '0', firstOffset: 0, count: 1 }], 1])
})

test('a partition that fails does not hold up the others', async () => {
  const events: EventLogEvent[] = []
  const drain = createDrain({
    send: async batch => (batch.partition === 0 ? { kind: 'unsure', reason: 'no leader' } : { kind: 'written', firstOffset: 5 }),
    renewProducer: () => {},
    onReleased: () => {},
    onEvent: event => events.push(event),
    nowMs: Date.now,
  })
  const stuck = expect(drain.append('t', entriesOf(0, [0]), undefined)).rejects.toMatchObject({ code: 'stopped' })
  for (let n = 0; n < 5; n++) {
    const through = drain.append('t', entriesOf(1, [1]), undefined)
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await through).ranges).toEqual([{ partition: '1', firstOffset: 5, count: 1 }])
  }
  expect(events.length).toBeGreaterThan(3)
  const stopped = drain.stop(10)
  await vi.advanceTimersByTimeAsync(1_000)
  await Promise.all([stopped, stuck])
})

test('an aborted append leaves what is not yet under way, and gives its bytes back', async () => {
  let released = 0
  const batches: string[][] = []
  const drain = createDrain({
    async send({ records }) {
      batches.push(records.map(each => String(each.value)))
      await new Promise(resolve => setTimeout(resolve, 10))
      return { kind: 'written', firstOffset: -1 }
    },
    renewProducer: () => {},
    onReleased: bytes => {
      released += bytes
    },
    onEvent: () => {},
    nowMs: Date.now,
  })
  const abort = new AbortController()
  const first = drain.append('t', entriesOf(0, [0]), undefined)
  const second = expect(drain.append('t', entriesOf(1, [0, 0]), abort.signal)).rejects.toMatchObject({ code: 'aborted' })
  const third = drain.append('t', entriesOf(2, [0]), undefined)
  abort.abort()
  expect(released).toBe(20)
  await vi.runAllTimersAsync()
  await Promise.all([first, second, third])
  expect([batches, released]).toEqual([[['0.0'], ['2.0']], 40])
})
