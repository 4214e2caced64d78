/**
 * A member of a consumer group on files. The members of a group, in any processes of this machine, agree without talking: each keeps a
 * file that says it lives, all compute the same shares, and a partition is read only under its claim, a lock that passes on when its
 * holder lets go or its process is gone. A paused process keeps its claims, so no partition ever has two readers.
 */
import { type Files, SpoolError } from '@outrider/spool'
import type { ConsumedBatch, ConsumeOptions, Consumer, TopicPartition } from './event-log.js'
import { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { fileFailure } from './file-failure.js'
import { claimFolder, offsetFile } from './file-names.js'
import type { FilePartition } from './file-topics.js'
import { type GroupMembers, heartbeatMs, joinGroupMembers } from './group-members.js'
import { createPartitionFeed, type PartitionFeed } from './partition-feed.js'
import { beyondEnd, partitionName } from './partition-place.js'
import { checkSubscription } from './record-limits.js'
import { createSmallFile, type SmallFile } from './small-file.js'

export interface FileConsumerPorts {
  readonly files: Files
  readonly folder: string
  /** A name no other member has or had. */
  readonly member: string
  readonly partitions: (topic: string) => Promise<readonly FilePartition[]>
  /** Monotonic, ms. */
  readonly nowMs: () => number
  readonly onEvent: OnEventLogEvent
}

interface Claim {
  readonly offset: SmallFile
  readonly release: () => Promise<void>
}

interface Owned {
  readonly place: TopicPartition
  readonly feed: PartitionFeed
  /** Of the group, if there is one. */
  readonly claim: Claim | undefined
  endOffset: number
}

const batchBytesDefault = 4 * 1024 * 1024
const batchBytesMin = 64 * 1024
const restartFirstMs = 100
const restartLastMs = 2_000

export function createFileConsumer(options: ConsumeOptions, ports: FileConsumerPorts): Consumer {
  const { group, topics, from, onBatch, signal, batchBytesMax = batchBytesDefault } = options
  const { files, folder, nowMs, onEvent } = ports
  const stopping = new AbortController()
  /** Where this member is in each partition it ever had: the next offset to read. */
  const next = new Map<string, number>()
  /** What is ours now, the one to serve next first. */
  const owned = new Map<string, Owned>()
  let wake = () => {}
  let failures = 0
  let effectError: { readonly error: unknown } | undefined

  stopping.signal.addEventListener('abort', () => wake())
  const stop = () => stopping.abort()
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const finished = run().finally(() => signal?.removeEventListener('abort', stop))

  async function run(): Promise<void> {
    checkSubscription(options)
    while (!stopping.signal.aborted) {
      try {
        await session()
      } catch (error) {
        if (effectError !== undefined) throw effectError.error
        const failure = fileFailure(error, `reading ${topics.join(', ')}`)
        const passing = error instanceof SpoolError && error.code === 'folder_foreign' && next.size > 0
        if (failure instanceof EventLogError && !failure.retriable && !passing) throw failure
        onEvent({ event: 'consumer_restarted', group: group ?? '', reason: error instanceof Error ? error.message : String(error) })
        await pause(Math.min(restartLastMs, restartFirstMs * 2 ** failures++))
      }
    }
  }

  async function session(): Promise<void> {
    const members = group === undefined ? undefined : joinGroupMembers(files, folder, group, ports.member)
    try {
      for (let lookAtMs = nowMs(); !stopping.signal.aborted; ) {
        if (nowMs() >= lookAtMs) {
          await look(members)
          lookAtMs = nowMs() + heartbeatMs
        }
        if (!(await serveNext())) await pause(Math.max(1, lookAtMs - nowMs()))
      }
    } finally {
      for (const name of [...owned.keys()]) await letGo(name)
      await members?.leave()
    }
  }

  /** Resolves after `ms`, or earlier when there is something to do. */
  function pause(ms: number): Promise<void> {
    if (stopping.signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Finds new partitions, gives up what others should read, takes what we should. */
  async function look(members: GroupMembers | undefined): Promise<void> {
    const all = (await Promise.all(topics.map(ports.partitions))).flat()
    const shared = members === undefined ? all : await members.share(all, nowMs())
    const ours = new Map(shared.map(partition => [partitionName(partition), partition]))
    for (const name of [...owned.keys()]) if (!ours.has(name)) await letGo(name)
    const before = owned.size
    for (const [name, partition] of ours) {
      const held = owned.get(name)
      if (held === undefined) await take(name, partition)
      else held.endOffset = partition.endOffset
    }
    if (owned.size !== before) onEvent({ event: 'partitions_assigned', group: group ?? '', partitions: [...owned.keys()] })
  }

  async function take(name: string, { topic, partition, reader, beginOffset, endOffset }: FilePartition): Promise<void> {
    const place = { topic, partition }
    const claim = group === undefined ? undefined : await claimOf(group, place)
    if (claim === 'held by another') return
    try {
      const wanted = await wantedOffset(place, claim?.offset)
      if (wanted !== undefined && wanted > endOffset && typeof from === 'function') throw beyondEnd(place, wanted, endOffset)
      // Offsets of files begin at 1. What is no longer held comes as a gap.
      const start = wanted === undefined || wanted > endOffset ? beginOffset : Math.max(1, wanted)
      next.set(name, start)
      const feed = createPartitionFeed({ reader, from: start, bytesMax: Math.max(batchBytesMin, batchBytesMax), onNews: () => wake() })
      owned.set(name, { place, feed, claim, endOffset })
    } catch (error) {
      await claim?.release()
      throw error
    }
  }

  async function claimOf(ofGroup: string, place: TopicPartition): Promise<Claim | 'held by another'> {
    const claimed = claimFolder(folder, ofGroup, place)
    await files.makeFolder(claimed)
    const lock = await files.lock(claimed)
    if (!lock.locked) return 'held by another'
    return { release: lock.release, offset: createSmallFile(files, offsetFile(folder, ofGroup, place)) }
  }

  async function wantedOffset(place: TopicPartition, offset: SmallFile | undefined): Promise<number | undefined> {
    if (typeof from === 'function') return from(place)
    if (from === 'beginning' || offset === undefined) return next.get(partitionName(place))
    const content = await offset.read()
    if (content === 'damaged')
      throw new EventLogError(
        'log_damaged',
        `the offset of group ${group} in ${partitionName(place)} is damaged; remove ${offsetFile(folder, group ?? '', place)} to read that partition from the beginning`,
      )
    return content === undefined ? undefined : Number(content)
  }

  async function letGo(name: string): Promise<void> {
    const partition = owned.get(name)!
    owned.delete(name)
    await partition.feed.close()
    await partition.claim?.offset.close()
    await partition.claim?.release()
  }

  /** Hands over one batch of the partition whose turn it is; false if there is none anywhere. */
  async function serveNext(): Promise<boolean> {
    for (const [name, partition] of owned) {
      const taken = partition.feed.take()
      if (taken === undefined) continue
      owned.delete(name)
      owned.set(name, partition)
      const after = taken.records.length > 0 ? taken.records.at(-1)!.offset + 1 : taken.gap!.toOffset
      if (taken.gap !== undefined) onEvent({ event: 'gap_read', ...partition.place, ...taken.gap })
      const batch: ConsumedBatch = { ...partition.place, ...taken, endOffset: Math.max(partition.endOffset, after) }
      try {
        await onBatch(batch, stopping.signal)
      } catch (error) {
        effectError = { error }
        throw error
      }
      next.set(name, after)
      failures = 0
      await partition.claim?.offset.write(String(after))
      return true
    }
    return false
  }

  return {
    finished,
    async stop() {
      stop()
      await finished.catch(() => {}) // whoever holds `finished` is told
    },
  }
}
