import { setTimeout as sleep } from 'node:timers/promises'
import { createByteGate, stoppedError, unlessAborted } from './byte-gate.js'
import type { AppendBatch, AppendedBatch } from './event-log.js'
import { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { createDrain, type PartitionBatch, type SendOutcome } from './kafka-drain.js'
import { classify } from './kafka-failure.js'
import { keyPartition } from './key-partition.js'
import { checkBatch } from './record-limits.js'

/** An idempotent producer of whatever client there is. */
export interface BatchProducer {
  /** Resolves to the offset of the first record, -1 if that was not told. Rejects with the client's error. */
  send(batch: PartitionBatch): Promise<number>
  close(): Promise<void>
}

export interface KafkaAppenderOptions {
  readonly openProducer: () => Promise<BatchProducer>
  /** Asks Kafka once. @throws EventLogError */
  readonly lookUpPartitions: (topic: string) => Promise<number>
  readonly pendingBytesMax: number
  readonly waitingAppendsMax: number
  readonly onEvent: OnEventLogEvent
  readonly nowMs: () => number
}

export interface KafkaAppender {
  append(batch: AppendBatch, signal: AbortSignal | undefined): Promise<AppendedBatch>
  /** Settles every append: what is not written `withinMs` from now is rejected. */
  stop(withinMs: number): Promise<void>
}

/** Kafka numbers a producer's records with 31 bits per partition, and kafkajs miscounts where they wrap; long before, the producer is replaced. */
const recordsPerProducerMax = 1_000_000_000
/** A new topic is not known to every broker at once: it counts as missing after this many looks, a second in all. */
const topicLooksMax = 5
const topicLookPauseMs = 200

/** `append` on Kafka: bounds, the partition of each record, and the one loop that writes (kafka-drain.ts) with the producer it needs. */
export function createKafkaAppender(options: KafkaAppenderOptions): KafkaAppender {
  const { openProducer, lookUpPartitions, onEvent } = options
  const stopping = new AbortController()
  /** Partitions of each topic written to, once known. No more than there are topics. */
  const partitionCounts = new Map<string, Promise<number>>()
  let producer: BatchProducer | undefined
  let sentByProducer = 0

  let topicOfWait = ''
  const gate = createByteGate({
    bytesMax: options.pendingBytesMax,
    waitingMax: options.waitingAppendsMax,
    onWait: waitingAppends => onEvent({ event: 'append_waited', topic: topicOfWait, waitingAppends }),
  })
  const drain = createDrain({ send, renewProducer, onReleased: gate.leave, onEvent, nowMs: options.nowMs })

  async function send(batch: PartitionBatch): Promise<SendOutcome> {
    try {
      const current = producer ?? (await open())
      const firstOffset = await current.send(batch)
      sentByProducer += batch.records.length
      if (sentByProducer > recordsPerProducerMax) renewProducer('sequence numbers are running out')
      return { kind: 'written', firstOffset }
    } catch (error) {
      return afterFailedSend(batch, error)
    }
  }

  async function open(): Promise<BatchProducer> {
    const opened = await openProducer()
    if (stopping.signal.aborted) {
      await opened.close()
      throw stoppedError()
    }
    sentByProducer = 0
    producer = opened
    return opened
  }

  function renewProducer(reason: string): void {
    onEvent({ event: 'producer_renewed', reason })
    void closeProducer()
  }

  async function closeProducer(): Promise<void> {
    const old = producer
    producer = undefined
    await old?.close()
  }

  async function afterFailedSend({ topic, partition }: PartitionBatch, error: unknown): Promise<SendOutcome> {
    const failure = classify(error)
    if (failure.kind === 'final') return { kind: 'refused', error: failure.error }
    if (failure.kind === 'out_of_step') return failure
    if (failure.kind === 'unknown_topic') {
      partitionCounts.delete(topic)
      try {
        const count = await partitionCount(topic)
        if (partition >= count) return { kind: 'refused', error: partitionGone(topic, partition, count) }
      } catch (missing) {
        if (missing instanceof EventLogError) return { kind: 'refused', error: missing }
        throw missing
      }
    }
    return { kind: 'unsure', reason: failure.reason }
  }

  /** How many partitions a topic has; asks until Kafka answers. @throws EventLogError if it answers that there is none, or not for us */
  function partitionCount(topic: string): Promise<number> {
    const known = partitionCounts.get(topic)
    if (known !== undefined) return known
    const looking = lookUntilAnswered(topic)
    partitionCounts.set(topic, looking)
    looking.catch(() => partitionCounts.delete(topic))
    return looking
  }

  async function lookUntilAnswered(topic: string): Promise<number> {
    for (let unknownLooks = 0; ; ) {
      try {
        return await lookUpPartitions(topic)
      } catch (error) {
        if (!(error instanceof EventLogError)) throw error
        if (error.code === 'unknown_topic') unknownLooks += 1
        const isAnswer = error.code === 'unknown_topic' ? unknownLooks >= topicLooksMax : !error.retriable
        if (isAnswer) throw error
      }
      await sleep(topicLookPauseMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) throw stoppedError()
    }
  }

  return {
    async append(batch, signal) {
      const { topic, records } = batch
      const sizes = checkBatch(batch)
      const bytes = sizes.reduce((sum, each) => sum + each, 0)
      topicOfWait = topic
      await gate.enter(bytes, signal)
      let partitions: number
      try {
        partitions = await unlessAborted(partitionCount(topic), signal)
      } catch (error) {
        gate.leave(bytes)
        throw error
      }
      const entries = records.map((record, index) => ({ record, bytes: sizes[index]!, partition: keyPartition(record.key, partitions) }))
      return drain.append(topic, entries, signal)
    },
    async stop(withinMs) {
      gate.close()
      await drain.stop(withinMs)
      stopping.abort()
      await closeProducer()
    },
  }
}

function partitionGone(topic: string, partition: number, count: number): EventLogError {
  return new EventLogError('refused', `${topic} has ${count} partitions now, there is no ${partition}; append again`)
}
