// Which topic a record goes to and under which key, by its body. Values are the record's own bytes; nothing is encoded again.
import type { NewRecord } from '@outrider/event-log'
import { cellHeader, formatAlertKey, outrider, topics } from '@outrider/protocol'
import type { JournalEntry } from '@outrider/uplink'
import { latLngToCell } from 'h3-js'

const { Record } = outrider.v1

export interface Placed {
  readonly topic: string
  readonly record: NewRecord
}

/** Why a record went to the dead letters. */
type DeadReason =
  /** Its bytes are not a Record. */
  | 'undecodable'
  /** It has no body this version knows: of a newer node. */
  | 'unknown_body'
  /** Its body lacks what its key is made of. */
  | 'no_key'
  /** Longer than the event log takes; the first bytes are there. */
  | 'too_large'

/** H3 resolution of the cell header: hexagons of 0.1 km². */
const cellResolution = 9
/** The event log takes 512 KiB with key and headers. */
const valueBytesMax = 500 * 1024
/** Headers of a dead letter. */
const deadHeaders = { reason: 'reason', topic: 'origin-topic', node: 'node', lane: 'lane', epoch: 'epoch', sequence: 'sequence' } as const

export function placeRecord(entry: JournalEntry, nowMs: number): Placed {
  if (entry.record.length > valueBytesMax) return deadLetter(entry, 'too_large', nowMs)
  let record: outrider.v1.Record
  try {
    record = Record.decode(entry.record)
  } catch {
    return deadLetter(entry, 'undecodable', nowMs)
  }
  const { report, hazard, alert, end, delivery, condition, misbehaviour, gap, latency } = record
  const timeMs = timeOf(record.recordedTimeMs, nowMs)
  const place = (topic: { readonly name: string }, key: string | undefined, headers?: Readonly<Record<string, string>>): Placed =>
    key === undefined
      ? deadLetter(entry, 'no_key', nowMs)
      : { topic: topic.name, record: { key, value: entry.record, timeMs, ...(headers !== undefined && { headers }) } }

  if (report != null) return place(topics.reports, entry.node, cellOf(report.report))
  if (delivery != null) return place(topics.deliveries, alertKey(delivery.alertId))
  if (alert != null) return place(topics.alerts, alertKey(alert.id))
  if (end != null) return place(topics.alerts, alertKey(end.alertId))
  if (hazard != null) return place(topics.hazards, alertKey(hazard.id))
  if (condition != null) return place(topics.conditions, condition.cell || undefined)
  // What is about the node itself, in the order of its reports.
  if (gap != null || misbehaviour != null || latency != null) return place(topics.reports, entry.node)
  return deadLetter(entry, 'unknown_body', nowMs)
}

function deadLetter(entry: JournalEntry, reason: DeadReason, nowMs: number): Placed {
  const { node, lane, epoch, sequence } = entry
  const headers = {
    [deadHeaders.reason]: reason,
    [deadHeaders.topic]: '',
    [deadHeaders.node]: node,
    [deadHeaders.lane]: String(lane),
    [deadHeaders.epoch]: String(epoch),
    [deadHeaders.sequence]: String(sequence),
  }
  return {
    topic: topics.deadLetters.name,
    record: { key: 'uplink', value: entry.record.subarray(0, valueBytesMax), timeMs: nowMs, headers },
  }
}

function alertKey(id: outrider.v1.AlertId.$Properties | null | undefined): string | undefined {
  return id?.node && id.sequence ? formatAlertKey(id) : undefined
}

function cellOf(report: outrider.v1.Report.$Properties | null | undefined): Readonly<Record<string, string>> | undefined {
  const sample = report?.samples?.at(-1)
  const { latitudeE7, longitudeE7 } = sample ?? {}
  if (latitudeE7 == null || longitudeE7 == null) return undefined
  return { [cellHeader]: latLngToCell(latitudeE7 * 1e-7, longitudeE7 * 1e-7, cellResolution) }
}

function timeOf(timeMs: number, nowMs: number): number {
  return Number.isFinite(timeMs) && timeMs > 0 && timeMs < Number.MAX_SAFE_INTEGER ? Math.floor(timeMs) : nowMs
}
