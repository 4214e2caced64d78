import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AppendedBatch, NewRecord } from './event-log.js'
import { EventLogError } from './event-log-error.js'
import type { EventLogEvent } from './event-log-event.js'
import { createDrain, type PartitionBatch, type SendOutcome } from './kafka-drain.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Fate = 'through' | 'lost_before' | 'lost_after' | 'out_of_step'

/**
 * The broker and the client as they were found to behave: the client numbers records per partition and takes the number back after any
 * error; the broker takes what has the next number, answers a number and count it has just had as written without looking at the
 * records, and refuses every other number. A batch with a bad record in it the broker refuses whole.
 */
function createModel(fates: readonly Fate[]) {
  const written = new Map<number, string[]>()
  const brokerNext = new Map<string, number>()
  const brokerLast = new Map<string, { sequence: number; count: number }>()
  const clientNext = new Map<number, number>()
  let forced = 0
  let refused = 0
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
    if (records.some(isBad)) {
      refused++
      return { kind: 'refused', error: new EventLogError('refused', 'a bad record') }
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
    get refused() {
      return refused
    },
    send,
    renewProducer() {
      producer++
      clientNext.clear()
    },
  }
}

const isBad = ({ value }: NewRecord) => String(value).endsWith('bad')

/** @param badAt index of the record that is bad, if there is one */
const entriesOf = (append: number, partitions: readonly number[], badAt = -1) =>
  partitions.map((partition, index) => ({
    partition,
    bytes: 10,
    record: { key: 'k', value: Buffer.from(`${append}.${index}${index === badAt ? 'bad' : ''}`), timeMs: 0 },
  }))

test('whatever is lost on the way, good records are written in order, and once unless a producer was replaced; only bad appends fail', async () => {
  const fate = fc.constantFrom<Fate>('through', 'through', 'lost_before', 'lost_after', 'out_of_step')
  const append = fc.record({
    partitions: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 8 }),
    /** Beyond the end: none is bad. */
    badAt: fc.integer({ min: -1, max: 12 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 40 }), fc.array(append, { maxLength: 25 }), async (fates, appends) => {
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
      const expected = new Map<number, string[]>([0, 1, 2].map(partition => [partition, []]))
      const results = []
      for (const [number, { partitions, badAt }] of appends.entries()) {
        // What an append has in other partitions than its bad record is written.
        for (const [index, partition] of partitions.entries())
          if (partition !== partitions[badAt]) expected.get(partition)!.push(`${number}.${index}`)
        results.push(Promise.allSettled([drain.append('t', entriesOf(number, partitions, badAt), undefined)]))
        await vi.advanceTimersByTimeAsync(number % 3)
      }
      await vi.runAllTimersAsync()
      for (const [number, result] of (await Promise.all(results)).flat().entries()) {
        const { partitions, badAt } = appends[number]!
        if (badAt >= 0 && badAt < partitions.length) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'refused' } })
        else {
          expect(result.status).toBe('fulfilled')
          const { ranges } = (result as PromiseFulfilledResult<AppendedBatch>).value
          expect(ranges.reduce((sum, each) => sum + each.count, 0)).toBe(partitions.length)
        }
      }
      expect(released).toBe(10 * appends.reduce((sum, each) => sum + each.partitions.length, 0))
      expect(renewed).toBe(model.forced + model.refused)
      for (const [partition, values] of expected) {
        const found = model.written.get(partition) ?? []
        expect([...new Set(found)]).toEqual(values)
        if (renewed === 0) expect(found).toEqual(values)
      }
    }),
    { numRuns: 300, seed: 20261123 },
  )
})

test('a bad record fails its own append and no other one of the same batch', async () => {
  const model = createModel([])
  const drain = createDrain({
    send: model.send,
    renewProducer: model.renewProducer,
    onReleased: () => {},
    onEvent: () => {},
    nowMs: Date.now,
  })
  const results = Promise.allSettled([-1, -1, 1, -1].map((badAt, number) => drain.append('t', entriesOf(number, [0, 0], badAt), undefined)))
  await vi.runAllTimersAsync()
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(model.written.get(0)).toEqual(['0.0', '0.1', '1.0', '1.1', '3.0', '3.1'])
})

test('a batch refused for its topic fails all its appends at once, the producer is replaced, and what follows is written', async () => {
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
  const refused = Promise.all(
    [0, 1, 2].map(number => expect(drain.append('forbidden', entriesOf(number, [0, 0]), undefined)).rejects.toBe(refusal)),
  )
  const written = drain.append('allowed', entriesOf(1, [0]), undefined)
  await vi.runAllTimersAsync()
  await refused
  // The first append went alone, as nothing else was there yet; the other two together.
  expect([(await written).ranges, renewed]).toEqual([[{ partition: '0', firstOffset: 0, count: 1 }], 2])
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
