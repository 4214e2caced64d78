// A dead letter as the event log keeps it: the record's own bytes, and headers that say why it is there and where it came from.
// `outrider dead-letters` reads them (apps/cli/src/dead-letter.ts); docs/central.md lists the headers.
import type { LogRecord, NewRecord, TopicPartition } from '@outrider/event-log'
import type { DeadReason, Identity } from './read-record.js'

/** The event log takes 512 KiB with key and headers; a foreign record may be longer, and is cut. */
const valueBytesMax = 500 * 1024
const detailLengthMax = 500
/** Longest name in a letter's origin; topics and partitions have at most 249. */
const textLengthMax = 256
/** A foreign record may have more than the event log takes beside the value. */
const headerBytesMax = 4 * 1024

interface Death {
  readonly reason: DeadReason
  readonly detail: string
  readonly identity?: Identity
}

export function deadLetterOf(
  { topic, partition }: TopicPartition,
  record: LogRecord,
  { reason, detail, identity }: Death,
  nowMs: number,
): NewRecord {
  const { value, key, headers } = record
  const originHeaders = JSON.stringify(
    Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])),
  )
  return {
    key: topic,
    value: value === null ? null : value.subarray(0, valueBytesMax),
    timeMs: nowMs,
    headers: {
      reason,
      detail: detail.slice(0, detailLengthMax),
      'origin-topic': topic,
      'origin-partition': partition,
      'origin-offset': String(record.offset),
      'origin-key': key.slice(0, 1_024),
      'origin-time-ms': String(record.timeMs),
      ...(originHeaders.length <= headerBytesMax && { 'origin-headers': originHeaders }),
      ...(value !== null && value.length > valueBytesMax && { 'origin-bytes': String(value.length) }),
      ...(identity && {
        node: identity.node,
        lane: String(identity.lane),
        epoch: String(identity.epoch),
        sequence: String(identity.sequence),
      }),
    },
  }
}

/** Why, and from where: of central's own letters the place in the event log, of a region's the place in a node's log. */
export function letterOrigin({ offset, headers }: LogRecord): { readonly origin: string; readonly reason: string; readonly topic: string } {
  // Anybody may write to the topic: a text that the database would refuse must not stop it.
  const text = (name: string) => headers[name] && String(Buffer.from(headers[name])).replaceAll('\0', '').slice(0, textLengthMax)
  const topic = text('origin-topic') || ''
  const reason = text('reason') || 'unknown'
  const replayed = replayOriginOf(headers)
  if (replayed !== '') return { topic, reason, origin: replayed.slice(0, 4 * textLengthMax) }
  if (topic !== '') return { topic, reason, origin: `${topic}/${text('origin-partition')}/${text('origin-offset')}` }
  if (text('node')) return { topic, reason, origin: `${text('node')}/${text('lane')}/${text('epoch')}/${text('sequence')}` }
  return { topic, reason, origin: `letter/${offset}` }
}

/** Reason of the mark that `outrider dead-letters replay` leaves in the topic: it is no letter. */
export function isReplayMark({ headers }: LogRecord): boolean {
  return headers.reason !== undefined && Buffer.from(headers.reason).equals(replayMark)
}

const replayMark = Buffer.from('replayed')

/** Where a replayed record first came from, so that one that fails again is the same letter; '' if it was never replayed. */
function replayOriginOf(headers: LogRecord['headers']): string {
  const json = headers['origin-headers']
  if (json === undefined) return ''
  try {
    const found = (JSON.parse(Buffer.from(json).toString()) as Readonly<Record<string, unknown>>)?.['replay-origin']
    return typeof found === 'string' ? Buffer.from(found, 'base64').toString().replaceAll('\0', '') : ''
  } catch {
    return '' // a foreign letter: its own place is what it has
  }
}
