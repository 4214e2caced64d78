import { outrider, topics } from '@outrider/protocol'
import { entryKinds, type JournalEntry } from '@outrider/uplink'
import { expect, test } from 'vitest'
import { placeRecord } from './record-topic.js'

const id = { node: 'n', boot: 1, sequence: 2 }
const alertKey = 'n/00000001/2'

function entry(record: Uint8Array): JournalEntry {
  return { kind: entryKinds.record, node: 'north-1', lane: 1, epoch: 3, sequence: 4, record, extra: new Uint8Array(0) }
}

test.each([
  [
    'report',
    { report: { vehicle: 'v', report: { samples: [{ latitudeE7: 602_000_000, longitudeE7: 250_000_000 }] } } },
    topics.reports,
    'north-1',
  ],
  ['hazard', { hazard: { id } }, topics.hazards, alertKey],
  ['alert', { alert: { id } }, topics.alerts, alertKey],
  ['end', { end: { alertId: id } }, topics.alerts, alertKey],
  ['delivery', { delivery: { alertId: id } }, topics.deliveries, alertKey],
  ['condition', { condition: { cell: '891126d33a7ffff' } }, topics.conditions, '891126d33a7ffff'],
  ['misbehaviour', { misbehaviour: { vehicle: 'v' } }, topics.reports, 'north-1'],
  ['gap', { gap: { firstSequence: 1, lastSequence: 2 } }, topics.reports, 'north-1'],
  ['latency', { latency: {} }, topics.reports, 'north-1'],
] satisfies [string, outrider.v1.Record.$Properties, { readonly name: string }, string][])(
  'a record of a %s goes to its topic, under its key, as it is',
  (_, body, topic, key) => {
    const bytes = outrider.v1.Record.encode({ schema: 1, recordedTimeMs: 1_700_000_000_000.5, ...body }).finish()
    const placed = placeRecord(entry(bytes), 9)
    expect(placed).toMatchObject({ topic: topic.name, record: { key, timeMs: 1_700_000_000_000 } })
    expect(placed.record.value).toBe(bytes)
  },
)

test('a report says its cell in a header', () => {
  const report = { samples: [{ latitudeE7: 602_000_000, longitudeE7: 250_000_000 }] }
  const { record } = placeRecord(entry(outrider.v1.Record.encode({ report: { report } }).finish()), 9)
  expect(record.headers?.h3).toMatch(/^89[0-9a-f]{13}$/)
})

test.each([
  ['undecodable', new Uint8Array([0xff, 0xff])],
  ['unknown_body', outrider.v1.Record.encode({ schema: 9 }).finish()],
  ['no_key', outrider.v1.Record.encode({ alert: { revision: 1 } }).finish()],
  ['too_large', outrider.v1.Record.encode({ alert: { id, texts: [{ text: 'x'.repeat(600_000) }] } }).finish()],
])('what cannot be placed (%s) is a dead letter with its reason, origin and bytes', (reason, bytes) => {
  const { topic, record } = placeRecord(entry(bytes), 9)
  expect(topic).toBe(topics.deadLetters.name)
  expect(record.headers).toMatchObject({ reason, node: 'north-1', lane: '1', epoch: '3', sequence: '4' })
  expect(Buffer.compare(bytes.subarray(0, record.value!.length), record.value!)).toBe(0)
})
