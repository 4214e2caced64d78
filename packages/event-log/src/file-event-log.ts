/**
 * The event log on files: what Outrider runs on where there is no Kafka. Each writing process has a spool of its own in each topic, which
 * is one partition; any process of the machine reads them all. file-names.ts says what lies where.
 */
import {
  createSpool,
  type Files,
  openSpoolReader,
  type Retention,
  type Spool,
  type SpoolClock,
  type SpoolLimits,
  type SpoolReader,
} from '@outrider/spool'
import { abortedError, createByteGate, stoppedError, unlessAborted } from './byte-gate.js'
import { isErrno } from './errno.js'
import type {
  AppendBatch,
  AppendedBatch,
  ConsumeOptions,
  Consumer,
  EventLog,
  NewRecord,
  PartitionRange,
  TopicSpec,
  TopicState,
} from './event-log.js'
import { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { createFileConsumer } from './file-consumer.js'
import { fileFailure } from './file-failure.js'
import { filePartitionName, markerFile, writerFolder } from './file-names.js'
import { createFileTopics, type FileTopicSettings } from './file-topics.js'
import { checkBatch, checkName, checkSpecs, checkTopicName } from './record-limits.js'
import { createSmallFile } from './small-file.js'
import { encodeStoredRecord } from './stored-record.js'

export interface FileEventLogOptions {
  /** The log's own folder, on a local disk; made if absent. */
  readonly folder: string
  /** This process's name among those that write here; the same after a restart. Letters, digits, `.`, `_`, `-`. */
  readonly writer: string
  readonly files: Files
  readonly clock: SpoolClock
  readonly randomUint32: () => number
  readonly onEvent: OnEventLogEvent
  /** False: `start` fails where there is no log yet, and makes none. Default true. */
  readonly create?: boolean
  /** Bytes appended and not yet synced at which `append` begins to wait; default 16 MiB. */
  readonly pendingBytesMax?: number
  /** Appends that may wait; default 1,000. */
  readonly waitingAppendsMax?: number
  /** Of each topic's log of this writer. */
  readonly limits?: Partial<SpoolLimits>
  /** ms, any origin; default the process's monotonic clock. */
  readonly nowMs?: () => number
}

const marker = 'outrider event log 1'
/** Of a log with a time limit this much is kept at most, below the spool's cap of 8 GiB, so that it never comes to a stop. */
const retainedBytesMax = 7 * 1024 * 1024 * 1024
const diskRetryFirstMs = 100
const diskRetryLastMs = 2_000

interface Writer {
  readonly spool: Spool
  readonly partition: string
  /** Resolves when other processes can read the record of this sequence. */
  readonly whenVisible: (sequence: number) => Promise<void>
}

export function createFileEventLog(options: FileEventLogOptions): EventLog {
  const { folder, writer, files, clock, onEvent, pendingBytesMax = 16 * 1024 * 1024, waitingAppendsMax = 1_000 } = options
  const { nowMs = () => performance.now() } = options
  const stopping = new AbortController()
  const topics = createFileTopics({ files, clock, folder, onEvent })
  const consumers = new Set<Consumer>()
  /** Our log in each topic we write to. */
  const writers = new Map<string, Promise<Writer>>()
  /** The append at work in each topic; the next one begins when it has handed over its records. */
  const turns = new Map<string, Promise<unknown>>()
  let members = 0

  let topicOfWait = ''
  const gate = createByteGate({
    bytesMax: pendingBytesMax,
    waitingMax: waitingAppendsMax,
    onWait: waitingAppends => onEvent({ event: 'append_waited', topic: topicOfWait, waitingAppends }),
  })

  async function checkFolder(): Promise<void> {
    checkName('writer', writer)
    const markerIs = createSmallFile(files, markerFile(folder))
    const found = await markerIs.read()
    if (found === marker) return
    if (found === 'damaged')
      throw new EventLogError(
        'log_damaged',
        `${markerFile(folder)} is damaged; if this folder is an event log, remove that file and create the topics again`,
      )
    if (found !== undefined)
      throw new EventLogError('log_foreign', `${folder} holds "${found}"; this program reads "${marker}": use the one that wrote it`)
    if (options.create === false)
      throw new EventLogError('log_foreign', `there is no event log in ${folder}; check the folder, or create the topics first`)
    const others = (await listOrNothing()).filter(name => !name.startsWith('.') && !['lost+found', 'topics', 'groups'].includes(name))
    if (others.length > 0)
      throw new EventLogError(
        'log_foreign',
        `${folder} holds something else (${others.slice(0, 3).join(', ')}); name an empty folder for the event log`,
      )
    await markerIs.write(marker)
    await markerIs.close()
  }

  async function listOrNothing(): Promise<string[]> {
    try {
      return await files.list(folder)
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return []
      throw error
    }
  }

  /** Runs a job on files; its failures come out as ours. */
  async function guarded<T>(doing: string, job: () => Promise<T>): Promise<T> {
    if (stopping.signal.aborted) throw stoppedError()
    try {
      return await job()
    } catch (error) {
      throw fileFailure(error, doing)
    }
  }

  // ---- appending

  function writerOf(topic: string): Promise<Writer> {
    const known = writers.get(topic)
    if (known !== undefined) return known
    const opening = open()
    writers.set(topic, opening)
    opening.catch(() => writers.delete(topic))
    return opening

    async function open(): Promise<Writer> {
      const retain = retentionOf(await topics.settings(topic))
      const spool = createSpool({
        folder: writerFolder(folder, topic, writer),
        files,
        clock,
        randomUint32: options.randomUint32,
        retain,
        ...(options.limits === undefined ? {} : { limits: options.limits }),
      })
      const { epoch } = await spool.start()
      const partition = filePartitionName(writer, epoch)
      return {
        spool,
        partition,
        whenVisible: createVisibility(openSpoolReader({ folder: writerFolder(folder, topic, writer), files, clock }), nowMs),
      }
    }
  }

  async function append(batch: AppendBatch, signal?: AbortSignal): Promise<AppendedBatch> {
    const { topic, records } = batch
    const bytes = checkBatch(batch).reduce((sum, each) => sum + each, 0)
    topicOfWait = topic
    await gate.enter(bytes, signal)
    try {
      return await guarded(`appending to ${topic}`, async () => {
        const handedOver = inTurn(topic, async () => handOver(await writerOf(topic), topic, records, signal))
        const { spool, partition, whenVisible, first } = await unlessAborted(handedOver, signal)
        if (records.length === 0) return { ranges: [] }
        const last = first + records.length - 1
        await unlessAborted(
          spool.whenSynced(last).then(() => whenVisible(last)),
          signal,
        )
        return { ranges: [{ partition, firstOffset: first, count: records.length }] }
      })
    } finally {
      gate.leave(bytes)
    }
  }

  /** One after the other within a topic: a batch stays together, and order is the order of calls. */
  function inTurn<T>(topic: string, job: () => Promise<T>): Promise<T> {
    const mine = (turns.get(topic) ?? Promise.resolve()).then(job)
    // The next one's turn comes whatever became of this one, whose caller is told.
    turns.set(
      topic,
      mine.catch(() => {}),
    )
    return mine
  }

  async function handOver(to: Writer, topic: string, records: readonly NewRecord[], signal: AbortSignal | undefined) {
    let first = 0
    for (const record of records) {
      const sequence = await take(to.spool, topic, to.partition, encodeStoredRecord(record), signal)
      if (first === 0) first = sequence
    }
    return { ...to, first }
  }

  /** Gives one record to the spool, waiting while that has no room. */
  async function take(spool: Spool, topic: string, partition: string, bytes: Buffer, signal: AbortSignal | undefined): Promise<number> {
    for (let attempts = 0; ; attempts++) {
      const taken = spool.append(bytes)
      if (typeof taken === 'number') return taken
      if (taken.refused === 'closed') throw stoppedError()
      if (taken.refused === 'failed')
        throw new EventLogError('log_failed', `${writerFolder(folder, topic, writer)}: the disk failed; check it, then start again`)
      if (taken.refused === 'too_large') throw new EventLogError('invalid_record', `a record for ${topic} is larger than the log takes`)
      if (taken.refused === 'pending_full') await spool.whenSynced(spool.appendedThrough)
      else {
        onEvent({ event: 'append_retried', topic, partition, attempts: attempts + 1, reason: taken.refused })
        await untilRetry(Math.min(diskRetryLastMs, diskRetryFirstMs * 2 ** attempts), signal)
      }
      if (stopping.signal.aborted) throw stoppedError()
      if (signal?.aborted) throw abortedError()
    }
  }

  function untilRetry(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise(resolve => {
      const ended = AbortSignal.any([stopping.signal, ...(signal === undefined ? [] : [signal])])
      const cancel = clock.schedule(ms, resolve)
      const now = () => {
        cancel()
        resolve()
      }
      if (ended.aborted) now()
      ended.addEventListener('abort', now, { once: true })
    })
  }

  // ---- topics and reading

  async function topicStates(specs: readonly TopicSpec[], create: boolean): Promise<readonly TopicState[]> {
    checkSpecs(specs)
    return guarded('looking at the topics', () => Promise.all(specs.map(spec => topics.state(spec, create))))
  }

  async function positions(topic: string): Promise<readonly PartitionRange[]> {
    checkTopicName(topic)
    return guarded(`looking at ${topic}`, async () => {
      const own = await writers.get(topic)
      return (await topics.partitions(topic)).map(({ partition, beginOffset, endOffset }) => ({
        partition,
        beginOffset,
        // Others learn a moment later than we what is synced.
        endOffset: partition === own?.partition ? own.spool.syncedThrough + 1 : endOffset,
      }))
    })
  }

  function consume(consumeOptions: ConsumeOptions): Consumer {
    const member = `${writer}-${(options.randomUint32() >>> 0).toString(16)}-${++members}`
    const ended = AbortSignal.any([stopping.signal, ...(consumeOptions.signal === undefined ? [] : [consumeOptions.signal])])
    const consumer = createFileConsumer(
      { ...consumeOptions, signal: ended },
      { files, folder, member, partitions: topics.partitions, nowMs, onEvent },
    )
    consumers.add(consumer)
    consumer.finished.catch(() => {}).finally(() => consumers.delete(consumer)) // the caller is told by its own hold on `finished`
    return consumer
  }

  async function stop(): Promise<void> {
    gate.close()
    stopping.abort()
    await Promise.all(Array.from(consumers, consumer => consumer.stop()))
    await Promise.all(turns.values())
    for (const opened of await Promise.allSettled(writers.values())) if (opened.status === 'fulfilled') await opened.value.spool.stop()
  }

  return {
    start: () => guarded(`opening ${folder}`, checkFolder),
    ensureTopics: specs => topicStates(specs, true),
    checkTopics: specs => topicStates(specs, false),
    append,
    consume,
    positions,
    stop,
  }
}

/** A disk that takes records but not the watermark holds an append up for this long; the records are safe, and readers learn later. */
const visibleWithinMs = 1_000

/**
 * The spool tells other processes what is synced a moment after it told us. A writer killed in that moment would leave records that it
 * acknowledged and nobody reads until it starts again; so an append waits until a reader sees them. One look serves all that wait.
 */
function createVisibility(reader: SpoolReader, nowMs: () => number): (sequence: number) => Promise<void> {
  let visibleThrough = 0
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    visibleThrough = (await reader.position()).syncedThrough
    looking = undefined
  }

  return async sequence => {
    for (const giveUpAtMs = nowMs() + visibleWithinMs; visibleThrough < sequence && nowMs() < giveUpAtMs; ) {
      looking ??= look()
      await looking
      if (visibleThrough < sequence) await new Promise(setImmediate)
    }
  }
}

/** By time, up to the bytes that fit; for ever means that appends wait when the log is full. Compacted topics lose their oldest records instead. */
function retentionOf({ retentionMs, compacted }: FileTopicSettings): Retention {
  if (!Number.isFinite(retentionMs) && !compacted) return 'forever'
  return { bytes: retainedBytesMax, ms: Math.min(compacted ? Number.POSITIVE_INFINITY : retentionMs, Number.MAX_SAFE_INTEGER) }
}
