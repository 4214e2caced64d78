import type { AppendBatch, ConsumeOptions, NewRecord, TopicSpec } from './event-log.js'
import { EventLogError } from './event-log-error.js'

/**
 * The largest record, bytes of key, value and headers together. Half of what a Kafka broker takes as one batch unless told
 * otherwise (1,048,588), so that any record fits whatever compression makes of it. The largest of ours is about 100 KB.
 */
export const recordBytesMax = 512 * 1024
const keyBytesMax = 1024
const headersMax = 32
/** What a record costs besides its bytes: offsets, lengths, time, and our own object around it. */
const recordOverheadBytes = 64

const headerName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
/** Kafka's own rule for topics, less a leading dot: such a name is also safe as the name of a folder. */
const plainName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/

/** Checks a batch against the limits of the port. @returns bytes of each record @throws EventLogError `invalid_record` */
export function checkBatch({ topic, records }: AppendBatch): number[] {
  checkTopicName(topic)
  return records.map((record, index) => {
    const { bytes, problem } = measure(record)
    if (problem !== undefined) throw new EventLogError('invalid_record', `record ${index} for ${topic}: ${problem}; nothing was written`)
    return bytes
  })
}

/** @throws EventLogError `invalid_record` */
export function checkTopicName(topic: string): void {
  if (!plainName.test(topic))
    throw new EventLogError(
      'invalid_record',
      `topic name ${JSON.stringify(topic)} must be 1 to 200 of letters, digits, "_", "-" and, not first, "."`,
    )
}

/** @throws EventLogError `invalid_record` */
export function checkSubscription({ group, topics }: Pick<ConsumeOptions, 'group' | 'topics'>): void {
  if (group !== undefined) checkName('group', group)
  for (const topic of topics) checkTopicName(topic)
}

/** Groups and writers. @throws EventLogError `invalid_record` */
export function checkName(what: 'writer' | 'group', name: string): void {
  if (!plainName.test(name))
    throw new EventLogError(
      'invalid_record',
      `${what} name ${JSON.stringify(name)} must be 1 to 200 of letters, digits, "_", "-" and, not first, "."`,
    )
}

/** @throws EventLogError `invalid_record` */
export function checkSpecs(specs: readonly TopicSpec[]): void {
  for (const { topic, partitions, retentionMs } of specs) {
    checkTopicName(topic)
    if (!Number.isInteger(partitions) || partitions < 1)
      throw new EventLogError('invalid_record', `partitions of ${topic} is ${partitions}; must be a whole number, 1 or more`)
    if (!(retentionMs > 0))
      throw new EventLogError('invalid_record', `retentionMs of ${topic} is ${retentionMs}; must be above 0, or Infinity`)
  }
}

function measure({ key, value, timeMs, headers }: NewRecord): { bytes: number; problem?: string } {
  const keyBytes = Buffer.byteLength(key)
  let bytes = recordOverheadBytes + keyBytes + (value?.byteLength ?? 0)
  if (keyBytes < 1 || keyBytes > keyBytesMax) return { bytes, problem: `its key has ${keyBytes} bytes; must be 1 to ${keyBytesMax}` }
  if (!Number.isSafeInteger(timeMs) || timeMs < 0) return { bytes, problem: `its timeMs is ${timeMs}; must be whole ms since 1970` }
  if (headers !== undefined) {
    const names = Object.keys(headers)
    if (names.length > headersMax) return { bytes, problem: `it has ${names.length} headers; at most ${headersMax}` }
    for (const name of names) {
      if (!headerName.test(name))
        return { bytes, problem: `its header ${JSON.stringify(name)} is not a name of letters, digits, ".", "_", "-"` }
      bytes += name.length + Buffer.byteLength(headers[name]!)
    }
  }
  return bytes > recordBytesMax ? { bytes, problem: `it has ${bytes} bytes; at most ${recordBytesMax}` } : { bytes }
}
