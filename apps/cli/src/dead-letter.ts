// A dead letter read back from its topic. Central writes them (apps/central/src/apply/dead-letter.ts) and so does a region
// (apps/region/src/record-topic.ts); docs/central.md lists the headers.
import type { LogRecord, NewRecord } from '@outrider/event-log'
import { encodeJson, type JsonObject, outrider } from '@outrider/protocol'

/** Reason of what is no letter. Central knows it too. */
const replayMark = 'replayed'

export interface DeadLetter {
  /** `partition:offset` in the dead-letter topic. */
  readonly id: string
  /** Which record it is of: where it first came from. The same for the letters of its replays. */
  readonly record: string
  /** Of the replay that failed; 0 = the record itself. */
  readonly attempt: number
  /** True: no letter, but the mark that this attempt was replayed. */
  readonly isReplayMark: boolean
  readonly writtenAtMs: number
  readonly reason: string
  /** What was wrong, in a few words; '' if not said. */
  readonly detail: string
  readonly origin: LetterOrigin
  /** The record's own bytes; null if it had none. */
  readonly value: Uint8Array | null
  /** True if the bytes were cut because they are more than the event log takes. */
  readonly isCut: boolean
}

export interface LetterOrigin {
  /** '' if a region wrote the letter off a node's log: the record never was in a topic. */
  readonly topic: string
  readonly partition: string
  readonly offset: string
  readonly key: string
  readonly timeMs: number
  readonly headers: Readonly<Record<string, Uint8Array>>
  /** Which record of a node's log, where it said so. */
  readonly record: { readonly node: string; readonly lane: string; readonly epoch: string; readonly sequence: string } | undefined
}

export function readDeadLetter(partition: string, { offset, timeMs, headers, value }: LogRecord): DeadLetter {
  const text = (name: string) => (headers[name] === undefined ? '' : Buffer.from(headers[name]).toString())
  const node = text('node')
  const record = node === '' ? undefined : { node, lane: text('lane'), epoch: text('epoch'), sequence: text('sequence') }
  const reason = text('reason') || 'unknown'
  const originHeaders = readHeaders(text('origin-headers'))
  const replay = (name: string) => text(name) || Buffer.from(originHeaders[name] ?? '').toString()
  return {
    id: `${partition}:${offset}`,
    record:
      replay('replay-origin') ||
      placeOf(text('origin-topic'), text('origin-partition'), text('origin-offset'), record, `${partition}:${offset}`),
    attempt: Number(replay('replay-attempt')) || 0,
    isReplayMark: reason === replayMark,
    writtenAtMs: timeMs,
    reason,
    detail: text('detail'),
    origin: {
      topic: text('origin-topic'),
      partition: text('origin-partition'),
      offset: text('origin-offset'),
      key: text('origin-key'),
      timeMs: Number(text('origin-time-ms')) || timeMs,
      headers: originHeaders,
      record,
    },
    value,
    isCut: text('origin-bytes') !== '' || reason === 'too_large',
  }
}

/** Where it came from, in one word. */
export function originText({ topic, partition, offset, record }: LetterOrigin): string {
  if (topic !== '') return `${topic}/${partition}@${offset}`
  return record === undefined ? 'unknown' : `${record.node}/${record.lane}/${record.epoch}@${record.sequence}`
}

/** The bytes as a Record in canonical JSON; undefined if they are none. */
export function decodedView(value: Uint8Array | null): JsonObject | undefined {
  if (value === null) return undefined
  try {
    return encodeJson('Record', outrider.v1.Record.decode(value))
  } catch {
    return undefined // the letter's reason says what is wrong with it
  }
}

/** As central names the place (apps/central/src/apply/dead-letter.ts), which counts the letters of one record once by it. */
function placeOf(topic: string, partition: string, offset: string, record: LetterOrigin['record'], id: string): string {
  if (topic !== '') return `${topic}/${partition}/${offset}`
  return record === undefined ? `letter/${id}` : `${record.node}/${record.lane}/${record.epoch}/${record.sequence}`
}

/** In the dead-letter topic: this record was replayed for the so-manieth time. */
export function replayMarkOf({ record }: DeadLetter, attempt: number, nowMs: number): NewRecord {
  return {
    key: 'replay',
    value: null,
    timeMs: nowMs,
    headers: { reason: replayMark, 'replay-origin': record, 'replay-attempt': String(attempt) },
  }
}

/** The record as it was, for its topic, marked with the letter it comes from and the attempt it is. */
export function originalRecord({ id, record, origin, value }: DeadLetter, attempt: number): NewRecord {
  return {
    key: origin.key || origin.record?.node || 'replay',
    value,
    timeMs: origin.timeMs,
    headers: { ...origin.headers, 'replay-of': id, 'replay-origin': record, 'replay-attempt': String(attempt) },
  }
}

function readHeaders(json: string): Readonly<Record<string, Uint8Array>> {
  if (json === '') return {}
  try {
    return Object.fromEntries(
      Object.entries(JSON.parse(json) as Record<string, string>).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
    )
  } catch {
    return {} // a foreign letter; its bytes are what counts
  }
}
