/**
 * A member of a consumer group, over whatever client there is: where to begin in each partition it is given, what was missed,
 * commit after effect, and starting anew after an outage. The client's own restarts are not used: it gives up on a refused connection.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumedBatch, ConsumeOptions, Consumer, Gap, LogRecord, PartitionRange, TopicPartition } from './event-log.js'
import type { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { beyondEnd, partitionName } from './partition-place.js'
import { checkSubscription } from './record-limits.js'

interface MemberBatch extends TopicPartition {
  readonly records: readonly LogRecord[]
  readonly endOffset: number
}

export interface MemberHooks {
  /** Called with each new assignment, before anything of it is fetched. */
  readonly onAssigned: (partitions: readonly TopicPartition[]) => void
  /** True if the batch took effect and is to be committed; `keepAlive` tells the group that we live and is to be called meanwhile. */
  readonly onBatch: (batch: MemberBatch, keepAlive: () => Promise<void>) => Promise<boolean>
  /** The client gave up. */
  readonly onCrash: (error: unknown) => void
}

/** What is needed of a client that is in the group. */
export interface GroupMember {
  pause(partitions: readonly TopicPartition[]): void
  /** Continues a paused partition at an offset. */
  resumeAt(partition: TopicPartition, offset: number): void
  /** Leaves the group, after the batch in hand. */
  close(): Promise<void>
}

export interface KafkaConsumerPorts {
  /** Joins the group. The member exists before `onAssigned` is called. */
  readonly join: (hooks: MemberHooks, onMember: (member: GroupMember) => void) => Promise<void>
  readonly ranges: (topic: string) => Promise<readonly PartitionRange[]>
  /** The group's committed offset of each partition that has one, by `partitionName`. */
  readonly committed: () => Promise<ReadonlyMap<string, number>>
  /** The error to end with, if this failure is not a passing one. */
  readonly finalError: (error: unknown) => EventLogError | undefined
  readonly onEvent: OnEventLogEvent
}

const restartFirstMs = 100
const restartLastMs = 2_000
const keepAliveMs = 1_000
/** A topic may look missing while a broker starts; after this many looks in a row, over about a second, it is. */
const unknownTopicLooksMax = 5

export function createKafkaConsumer(options: ConsumeOptions, ports: KafkaConsumerPorts): Consumer {
  const { group = '', from, onBatch, signal } = options
  const stopping = new AbortController()
  /** Where this member is in each partition it ever had: the next offset to read. */
  const next = new Map<string, number>()
  const stop = () => stopping.abort()
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const finished = run().finally(() => signal?.removeEventListener('abort', stop))

  async function run(): Promise<void> {
    checkSubscription(options)
    for (let failures = 0, unknownLooks = 0; !stopping.signal.aborted; ) {
      const session = createSession()
      try {
        await session.run()
      } catch (error) {
        if (session.effectError !== undefined) throw session.effectError.error
        const final = ports.finalError(error)
        unknownLooks = final?.code === 'unknown_topic' ? unknownLooks + 1 : 0
        if (final !== undefined && (unknownLooks === 0 || unknownLooks >= unknownTopicLooksMax)) throw final
        if (session.advanced) failures = 0
        ports.onEvent({ event: 'consumer_restarted', group, reason: error instanceof Error ? error.message : String(error) })
        await sleep(Math.min(restartLastMs, restartFirstMs * 2 ** failures++), undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  /** One stay in the group, from joining to leaving or failing. */
  function createSession() {
    const session = { run: runSession, advanced: false, effectError: undefined as { error: unknown } | undefined }
    let member: GroupMember | undefined
    let assignment = 0
    let fail: (error: unknown) => void = () => {}

    async function runSession(): Promise<void> {
      const failed = new Promise<never>((_, reject) => {
        fail = reject
      })
      let onStop = () => {}
      const stopped = new Promise<void>(resolve => {
        onStop = resolve
      })
      stopping.signal.addEventListener('abort', onStop)
      try {
        const joined = ports.join({ onAssigned, onBatch: takeEffect, onCrash: fail }, joining => {
          member = joining
        })
        await Promise.race([joined.then(() => stopped), stopped, failed])
      } finally {
        stopping.signal.removeEventListener('abort', onStop)
        await member?.close()
      }
      // Ending may be what the effect of the last batch failed at.
      if (session.effectError !== undefined) throw session.effectError.error
    }

    /** Nothing is fetched from a partition until it is known where to begin. */
    function onAssigned(partitions: readonly TopicPartition[]): void {
      const mine = ++assignment
      member?.pause(partitions)
      ports.onEvent({ event: 'partitions_assigned', group, partitions: partitions.map(partitionName) })
      const begin = async () => {
        const ranges = await rangesOf(partitions)
        const committed = from === 'committed' ? await ports.committed() : undefined
        const wanted = await Promise.all(partitions.map(partition => wantedOffset(partition, committed)))
        if (mine !== assignment) return
        for (const [index, partition] of partitions.entries()) {
          const { beginOffset, endOffset } = ranges.get(partitionName(partition)) ?? { beginOffset: 0, endOffset: 0 }
          const start = wanted[index] ?? beginOffset
          if (start > endOffset && typeof from === 'function') throw beyondEnd(partition, start, endOffset)
          // What lies before the beginning is a gap, told with the first batch. Beyond the end the topic is another than it was.
          next.set(partitionName(partition), start > endOffset ? beginOffset : start)
          member?.resumeAt(partition, start > endOffset ? beginOffset : Math.max(start, beginOffset))
        }
      }
      begin().catch(fail)
    }

    async function wantedOffset(
      partition: TopicPartition,
      committed: ReadonlyMap<string, number> | undefined,
    ): Promise<number | undefined> {
      if (typeof from === 'function') return from(partition)
      return (committed ?? next).get(partitionName(partition))
    }

    async function rangesOf(partitions: readonly TopicPartition[]): Promise<Map<string, PartitionRange>> {
      const ranges = new Map<string, PartitionRange>()
      for (const topic of new Set(partitions.map(each => each.topic)))
        for (const range of await ports.ranges(topic)) ranges.set(partitionName({ topic, partition: range.partition }), range)
      return ranges
    }

    async function takeEffect(batch: MemberBatch, keepAlive: () => Promise<void>): Promise<boolean> {
      if (stopping.signal.aborted || session.effectError !== undefined) return false
      const gap = await missed(batch)
      // A rebalance or an outage shows when the batch is committed; until then the effect goes on, so its failure here says nothing new.
      const timer = setInterval(() => keepAlive().catch(() => {}), keepAliveMs)
      try {
        await onBatch(toConsumed(batch, gap), stopping.signal)
      } catch (error) {
        session.effectError = { error }
        fail(error)
        return false
      } finally {
        clearInterval(timer)
      }
      next.set(partitionName(batch), batch.records.at(-1)!.offset + 1)
      session.advanced = true
      return true
    }

    /** Offsets between the last batch and this one that are no longer held. Offsets merely skipped (compaction, transactions) are no loss. */
    async function missed(batch: MemberBatch): Promise<Gap | undefined> {
      const fromOffset = next.get(partitionName(batch)) ?? 0
      const first = batch.records[0]!.offset
      if (first <= fromOffset) return undefined
      const begin = (await ports.ranges(batch.topic)).find(each => each.partition === batch.partition)?.beginOffset ?? 0
      const toOffset = Math.min(first, begin)
      if (toOffset <= fromOffset) return undefined
      const gap: Gap = { fromOffset, toOffset, reason: 'expired' }
      ports.onEvent({ event: 'gap_read', topic: batch.topic, partition: batch.partition, ...gap })
      return gap
    }

    return session
  }

  return {
    finished,
    async stop() {
      stop()
      await finished.catch(() => {}) // whoever holds `finished` is told
    },
  }
}

function toConsumed({ topic, partition, records, endOffset }: MemberBatch, gap: Gap | undefined): ConsumedBatch {
  return gap === undefined ? { topic, partition, records, endOffset } : { topic, partition, records, endOffset, gap }
}
