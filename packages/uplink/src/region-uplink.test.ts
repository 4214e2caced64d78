// What a node, or something that says it is one, can do wrong on a stream.
import { outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import type { DownMessage, LinkEvents, UpMessage } from './link.js'
import { createRegionJournal } from './region-journal.js'
import { createRegionUplink } from './region-uplink.js'
import { createSimulatedDisk, createSimulatedSpool } from './simulated-spool.js'
import { createSimulatedTime } from './simulated-time.js'

const record = outrider.v1.Record.encode({ schema: 1 }).finish()
const open = (more: object = {}) => ({ open: { node: 'n', zone: 'z', lane: 1, epoch: 7, firstSequence: 1, nextSequence: 1, ...more } })
const batch = (firstSequence: number, count: number, epoch = 7) => ({ batch: { epoch, firstSequence, records: Array(count).fill(record) } })

async function createRegion() {
  const time = createSimulatedTime()
  const disk = createSimulatedDisk(1)
  const journal = createRegionJournal({
    region: 'r',
    authority: 'a',
    log: createSimulatedSpool(disk, time),
    checkpoints: createSimulatedSpool(createSimulatedDisk(2), time),
    state: { apply() {}, store: () => [], restore() {} },
    time,
    onEvent() {},
  })
  await journal.start()
  const uplink = createRegionUplink({ region: 'r', journal, time, onEvent() {}, limits: { windowBytes: 1_000, recordBytesMax: 100 } })
  function connect(takes = () => true) {
    const heard: DownMessage[] = []
    let closed = false
    const events: LinkEvents<UpMessage> = uplink.accept(
      {
        write(message) {
          heard.push(message)
          return takes()
        },
        close() {
          closed = true
        },
      },
      node => (node === 'forbidden' ? 'not this one' : undefined),
    )
    return { events, heard, isClosed: () => closed, refusal: () => heard.find(({ refusal }) => refusal != null)?.refusal?.message }
  }
  return { time, disk, journal, uplink, connect }
}

test.each([
  ['records before an open', [batch(1, 1)], /before an open/],
  ['a name with a slash', [open({ node: 'a/b' })], /no slash/],
  ['a lane that is none', [open({ lane: 3 })], /neither urgent nor telemetry/],
  ['a node that is not its own', [open({ node: 'forbidden' })], /not this one/],
  ['a first sequence of 0', [open({ firstSequence: 0 })], /1 or more/],
  ['another node on the same stream', [open(), open({ node: 'm' })], /one lane of one node/],
  ['records of another epoch', [open(), batch(1, 1, 8)], /not opened/],
  ['a hole', [open(), batch(2, 1)], /1 was due/],
  ['a gap beyond a hole', [open(), { gap: { epoch: 7, gap: { firstSequence: 3, lastSequence: 4 } } }], /1 was due/],
  ['a record that is too long', [open(), { batch: { epoch: 7, firstSequence: 1, records: [new Uint8Array(101)] } }], /at most 100/],
] as const)('%s: refused with the reason, and the stream is closed', async (_, messages, reason) => {
  const { time, connect } = await createRegion()
  const { events, refusal, isClosed } = connect()
  for (const message of messages) events.onMessage(message as UpMessage)
  await time.pass(1)
  expect(refusal()).toMatch(reason)
  expect(isClosed()).toBe(true)
})

test('a record that comes again is acknowledged and not written twice', async () => {
  const { time, disk, connect, uplink } = await createRegion()
  const { events, heard } = connect()
  events.onMessage(open())
  events.onMessage(batch(1, 3))
  events.onMessage(batch(2, 4))
  await time.pass(50)
  expect(heard.filter(({ ack }) => ack != null).at(-1)?.ack).toMatchObject({ epoch: 7 })
  expect(Number(heard.filter(({ ack }) => ack != null).at(-1)?.ack?.throughSequence)).toBe(5)
  expect(disk.synced).toBe(5)
  expect(uplink.counts()).toMatchObject({ records: 5, repeats: 2 })
})

test('nothing is acknowledged before it is on disk', async () => {
  const { time, connect } = await createRegion()
  const { events, heard } = connect()
  events.onMessage(open())
  events.onMessage(batch(1, 3))
  await time.pass(1)
  expect(heard.some(({ ack }) => ack != null)).toBe(false)
  await time.pass(5)
  expect(heard.some(({ ack }) => ack != null)).toBe(true)
})

test('a node that sends beyond its window while the disk stands still is refused', async () => {
  const { connect, time } = await createRegion()
  const { events, refusal } = connect()
  events.onMessage(open())
  for (let at = 1; at <= 61; at += 20) events.onMessage(batch(at, 20))
  for (let at = 81; at < 1_200; at++) events.onMessage(batch(at, 1))
  await time.pass(0)
  expect(refusal()).toMatch(/window of 1000 bytes/)
})

test('a second stream of a node and lane takes the place of the first', async () => {
  const { connect, uplink, time } = await createRegion()
  const first = connect()
  first.events.onMessage(open())
  const second = connect()
  second.events.onMessage(open())
  first.events.onMessage(batch(1, 1))
  await time.pass(50)
  expect(first.refusal()).toMatch(/another stream/)
  expect(second.isClosed()).toBe(false)
  expect([...uplink.sessions()]).toHaveLength(1)
  expect(uplink.counts().records).toBe(0)
  first.events.onClosed('late')
  expect([...uplink.sessions()]).toHaveLength(1)
})

test('acknowledgements wait for a link that is full, and only the newest goes', async () => {
  let room = true
  const { connect, time } = await createRegion()
  const { events, heard } = connect(() => room)
  events.onMessage(open())
  room = false
  for (let at = 1; at <= 30; at += 10) {
    events.onMessage(batch(at, 10))
    await time.pass(10)
  }
  const acks = () => heard.flatMap(({ ack }) => (ack == null ? [] : [Number(ack.throughSequence)]))
  expect(acks().length).toBeLessThanOrEqual(1)
  room = true
  events.onDrain()
  expect(acks().at(-1)).toBe(30)
  expect(acks().length).toBeLessThanOrEqual(2)
})

test('a stream that says nothing is closed, before its open and after', async () => {
  const { connect, time } = await createRegion()
  const mute = connect()
  const silent = connect()
  silent.events.onMessage(open())
  await time.pass(9_000)
  silent.events.onMessage({ clock: { askedTimeMs: 1 } })
  expect(silent.heard.find(({ clock }) => clock != null)?.clock).toMatchObject({ askedTimeMs: 1 })
  await time.pass(2_000)
  expect(mute.refusal()).toMatch(/no open/)
  expect(silent.isClosed()).toBe(false)
  await time.pass(40_000)
  expect(silent.isClosed()).toBe(true)
})
