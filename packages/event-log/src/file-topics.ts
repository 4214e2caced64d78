import { type Files, openSpoolReader, type SpoolClock, SpoolError, type SpoolReader } from '@outrider/spool'
import { isErrno } from './errno.js'
import type { PartitionRange, TopicPartition, TopicSpec, TopicState } from './event-log.js'
import { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { filePartitionName, topicFolder, topicSettingsFile, writerFolder } from './file-names.js'
import { createSmallFile } from './small-file.js'

export interface FileTopicSettings {
  /** ms; Infinity: for ever. */
  readonly retentionMs: number
  /** Files are not compacted; what is kept for it is kept by bytes, see `retentionOf`. */
  readonly compacted: boolean
}

export interface FilePartition extends TopicPartition, PartitionRange {
  readonly reader: SpoolReader
}

export interface FileTopics {
  /** @throws EventLogError `unknown_topic`, `log_damaged` */
  settings(topic: string): Promise<FileTopicSettings>
  state(spec: TopicSpec, create: boolean): Promise<TopicState>
  /** Every writer's log in a topic, as far as others can see it. @throws EventLogError `unknown_topic` */
  partitions(topic: string): Promise<readonly FilePartition[]>
}

export interface FileTopicsOptions {
  readonly files: Files
  readonly clock: SpoolClock
  readonly folder: string
  readonly onEvent: OnEventLogEvent
}

/** Looks without success after which a writer's log is not just being made: five seconds for a consumer. */
const unreadableLooks = 20

export function createFileTopics({ files, clock, folder, onEvent }: FileTopicsOptions): FileTopics {
  /** One reader per writer's log: it remembers whose log it reads. No more than there are writers. */
  const readers = new Map<string, SpoolReader>()
  /** Writers' folders that hold no readable log, with how often that was seen. */
  const unreadable = new Map<string, number>()

  async function read(topic: string): Promise<FileTopicSettings | undefined | 'damaged'> {
    const content = await createSmallFile(files, topicSettingsFile(folder, topic)).read()
    if (content === undefined || content === 'damaged') return content
    const { retentionMs, compacted } = JSON.parse(content) as { retentionMs: number | null; compacted: boolean }
    return { retentionMs: retentionMs ?? Number.POSITIVE_INFINITY, compacted }
  }

  async function settings(topic: string): Promise<FileTopicSettings> {
    const found = await read(topic)
    if (found === undefined) throw new EventLogError('unknown_topic', `there is no topic ${topic} in ${folder}; create the topics first`)
    if (found === 'damaged')
      throw new EventLogError('log_damaged', `${topicSettingsFile(folder, topic)} is damaged; create the topics again, the records stay`)
    return found
  }

  async function partitionOf(topic: string, writer: string): Promise<FilePartition | undefined> {
    const ofWriter = writerFolder(folder, topic, writer)
    const reader = readers.get(ofWriter) ?? openSpoolReader({ folder: ofWriter, files, clock })
    readers.set(ofWriter, reader)
    try {
      const { epoch, firstSequence, syncedThrough } = await reader.position()
      unreadable.delete(ofWriter)
      return { topic, partition: filePartitionName(writer, epoch), reader, beginOffset: firstSequence, endOffset: syncedThrough + 1 }
    } catch (error) {
      readers.delete(ofWriter)
      if (!(error instanceof SpoolError && error.code === 'no_spool')) throw error
      // Its writer is just making it; or else it is damaged, and its records stay unread until the writer starts again.
      const looks = (unreadable.get(ofWriter) ?? 0) + 1
      unreadable.set(ofWriter, looks)
      if (looks === unreadableLooks) onEvent({ event: 'partition_unreadable', topic, writer, reason: error.message })
      return undefined
    }
  }

  return {
    settings,
    async state(spec, create) {
      const { topic, retentionMs, compacted } = spec
      const found = await read(topic)
      const isThere = typeof found === 'object'
      if (!isThere && create) {
        const file = createSmallFile(files, topicSettingsFile(folder, topic))
        await file.write(JSON.stringify({ retentionMs: Number.isFinite(retentionMs) ? retentionMs : null, compacted }))
        await file.close()
        return { topic, state: 'created', differences: [] }
      }
      if (found === undefined) return { topic, state: 'missing', differences: [] }
      const differences = found === 'damaged' ? [`settings are damaged, should be written anew`] : settingDifferences(found, spec)
      return { topic, state: differences.length > 0 ? 'differs' : 'ok', differences }
    },
    async partitions(topic) {
      await settings(topic)
      const found: FilePartition[] = []
      for (const name of (await listOf(files, topicFolder(folder, topic))).sort()) {
        if (name === 'settings' || name.startsWith('.')) continue
        const partition = await partitionOf(topic, name)
        if (partition !== undefined) found.push(partition)
      }
      return found
    },
  }
}

function settingDifferences(found: FileTopicSettings, { retentionMs, compacted }: TopicSpec): string[] {
  const differences: string[] = []
  if (found.retentionMs !== retentionMs) differences.push(`retention.ms is ${found.retentionMs}, should be ${retentionMs}`)
  if (found.compacted !== compacted) differences.push(`compacted is ${found.compacted}, should be ${compacted}`)
  return differences
}

async function listOf(files: Files, folder: string): Promise<string[]> {
  try {
    return await files.list(folder)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}
