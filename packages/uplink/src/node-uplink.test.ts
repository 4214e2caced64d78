// What a node's end does when the region is silent, slow, unwilling or wrong.
import { outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import type { DownMessage, LinkEvents, UpMessage } from './link.js'
import { createNodeUplink } from './node-uplink.js'
import type { Handed, NodeUplinkEvent } from './node-uplink-options.js'
import { createSimulatedDisk, createSimulatedSpool } from './simulated-spool.js'
import { createSimulatedTime } from './simulated-time.js'

const record = outrider.v1.Record.encode({ schema: 1, misbehaviour: { vehicle: 'vehicle' } }).finish()
const opened = (fromSequence: number, windowBytes = 1_000_000): DownMessage => ({ opened: { region: 'r', fromSequence, windowBytes } })

async function createNode() {
  const time = createSimulatedTime()
  const disk = createSimulatedDisk(7)
  const spool = createSimulatedSpool(disk, time)
  await spool.start()
  const links: { readonly events: LinkEvents<DownMessage>; readonly sent: UpMessage[]; isClosed: boolean }[] = []
  const events: NodeUplinkEvent[] = []
  const handed: Handed[] = []
  let room = true
  const uplink = createNodeUplink({
    node: 'n',
    zone: 'z',
    lane: 1,
    boot: 9,
    log: spool,
    epoch: disk.epoch,
    time,
    random: () => 0,
    openLink(linkEvents) {
      const link = { events: linkEvents, sent: [] as UpMessage[], isClosed: false }
      links.push(link)
      return {
        write(message) {
          link.sent.push(message)
          return room
        },
        close() {
          link.isClosed = true
        },
      }
    },
    onHanded: what => handed.push(what),
    onEvent: event => events.push(event),
    limits: { retryMsMin: 100, retryMsMax: 400, batchRecordsMax: 5 },
  })
  uplink.start()
  const write = (records: number) => {
    for (let i = 0; i < records; i++) spool.append(record)
  }
  const sentRecords = () => links.flatMap(({ sent }) => sent.flatMap(({ batch }) => batch?.records ?? []))
  return { time, disk, uplink, links, events, handed, write, sentRecords, setRoom: (value: boolean) => (room = value) }
}

test('nothing is sent before the region says from where', async () => {
  const { time, links, write, disk } = await createNode()
  write(3)
  await time.pass(100)
  expect(links[0]!.sent).toMatchObject([{ open: { node: 'n', lane: 1, epoch: 7, firstSequence: 1, boot: 9 } }])
  links[0]!.events.onMessage(opened(2))
  await time.pass(10)
  expect(links[0]!.sent.find(({ batch }) => batch != null)?.batch).toMatchObject({ epoch: 7, firstSequence: 2, records: [record, record] })
  links[0]!.events.onMessage({ ack: { epoch: 7, throughSequence: 3 } })
  await time.pass(1)
  expect(disk.cursor).toBe(3)
})

test('a link that says false is not written to until it drains', async () => {
  const { time, links, write, setRoom, sentRecords } = await createNode()
  await time.pass(1)
  links[0]!.events.onMessage(opened(1))
  await time.pass(10)
  setRoom(false)
  write(25)
  await time.pass(20_000 / 2)
  expect(sentRecords()).toHaveLength(5)
  setRoom(true)
  links[0]!.events.onDrain()
  await time.pass(10)
  expect(sentRecords()).toHaveLength(25)
})

test('no more than the window is under way', async () => {
  const { time, links, write, uplink, sentRecords } = await createNode()
  await time.pass(1)
  links[0]!.events.onMessage(opened(1, record.length * 12))
  write(30)
  await time.pass(10)
  expect(sentRecords()).toHaveLength(10)
  expect(uplink.state()).toMatchObject({ inFlightBytes: record.length * 10, waitingRecords: 30 })
  links[0]!.events.onMessage({ ack: { epoch: 7, throughSequence: 5 } })
  await time.pass(10)
  expect(sentRecords()).toHaveLength(15)
})

test('a region that is silent is left and called anew; one that only answers clocks is not', async () => {
  const { time, links, events } = await createNode()
  await time.pass(1)
  links[0]!.events.onMessage(opened(1))
  for (let i = 0; i < 6; i++) {
    await time.pass(5_000)
    links[0]!.events.onMessage({ clock: { askedTimeMs: 1, receivedTimeMs: 2, answeredTimeMs: 2 } })
  }
  expect(links).toHaveLength(1)
  expect(links[0]!.sent.filter(({ clock }) => clock != null).length).toBeGreaterThanOrEqual(6)
  await time.pass(20_000)
  expect(links[0]!.isClosed).toBe(true)
  expect(events).toContainEqual({ event: 'uplink_closed', reason: 'silent', retryMs: 50 })
  expect(links.length).toBeGreaterThan(1)
})

test('pauses grow to their limit, and a refusal’s own is kept', async () => {
  const { time, links, events } = await createNode()
  for (let i = 0; i < 5; i++) {
    await time.pass(1)
    links[i]!.events.onClosed('unreachable')
    await time.pass(200)
  }
  links[5]!.events.onMessage({ refusal: { message: 'full', afterMs: 2_000 } })
  await time.pass(1_999)
  expect(links).toHaveLength(6)
  await time.pass(2)
  expect(links).toHaveLength(7)
  expect(events.flatMap(event => (event.event === 'uplink_closed' ? [event.retryMs] : []))).toEqual([50, 100, 200, 200, 200, 2_000])
})

test('a region that knows more than the log ever had is told of, and nothing is skipped for it', async () => {
  const { time, links, events, write, sentRecords } = await createNode()
  write(2)
  await time.pass(10)
  links[0]!.events.onMessage(opened(50))
  await time.pass(10)
  expect(events).toContainEqual({ event: 'uplink_region_ahead', fromSequence: 50, nextSequence: 3 })
  expect(sentRecords()).toHaveLength(0)
  expect(links[0]!.isClosed).toBe(true)
})

test('what comes down is handed on, replies go up while there is a link, and stopping ends it', async () => {
  const { time, links, handed, uplink } = await createNode()
  await time.pass(1)
  expect(uplink.reply({ requestId: 'q' })).toBe(false)
  links[0]!.events.onMessage(opened(1))
  for (const message of [{ alert: {} }, { end: {} }, { policy: {} }, { zoneTable: {} }, { request: { requestId: 'q' } }])
    links[0]!.events.onMessage(message)
  expect(handed.map(({ kind }) => kind)).toEqual(['alert', 'end', 'policy', 'zoneTable', 'request'])
  expect(uplink.reply({ requestId: 'q' })).toBe(true)
  expect(links[0]!.sent.at(-1)).toEqual({ reply: { requestId: 'q' } })
  await uplink.stop()
  expect(links[0]!.isClosed).toBe(true)
  await time.pass(10_000)
  expect(links).toHaveLength(1)
})
