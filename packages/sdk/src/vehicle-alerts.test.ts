import { encodeFrame, outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { acks, messages, setUp } from './simulated-drive.fixture.js'
import { alertId, alertKey, latencyMs, makeAlert } from './simulated-world.fixture.js'

const { EndReason, EndScope } = outrider.v1

test('received in one frame per turn, taken when handed over, shown when said', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  for (let sequence = 1; sequence <= 3; sequence++) home.sockets[0]!.send('alert', { alert: makeAlert(sequence), remainingMs: 60_000 })
  time.run(100)
  expect(messages(home, 'deliveryAck')).toHaveLength(1)
  expect(acks(home)).toEqual(['1/1 received', '2/1 received', '3/1 received'])
  const handle = core.takeAlert()!
  core.shown(handle)
  core.shown(handle)
  time.run(100)
  expect(acks(home).slice(3)).toEqual(['1/1 taken', '1/1 shown'])
})

test('a resume says what is held; a repeat is acknowledged and not handed over again', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
  time.run(100)
  expect(core.takeAlert()).toBeDefined()
  home.sockets[0]!.end()
  time.run(2_000)
  const hello = messages(home, 'hello').at(-1)!
  expect(hello.held).toMatchObject([{ alertId: { sequence: 1 }, revision: 1 }])
  home.sockets[1]!.send('alert', { alert: makeAlert(1), remainingMs: 50_000 })
  time.run(100)
  expect(core.takeAlert()).toBeUndefined()
  expect(home.sockets[1]!.received.filter(frame => frame.type === 'deliveryAck').length).toBeGreaterThanOrEqual(1)
})

test('acknowledgements that went down with the link are sent again', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
  time.run(latencyMs + 1)
  core.shown(core.takeAlert()!)
  time.run(1)
  home.sockets[0]!.end()
  time.run(2_000)
  expect(acks(home)).toEqual(['1/1 received', '1/1 taken', '1/1 shown'])
})

test('the most urgent is handed over first, and the least urgent is dropped with a reason when the queue is full', () => {
  const { core, time, home } = setUp({ queueMax: 3 })
  time.run(1_000)
  const send = (sequence: number, priority: number, timeToHazardMs?: number) =>
    home.sockets[0]!.send('alert', {
      alert: makeAlert(sequence),
      remainingMs: 60_000,
      priority,
      ...(timeToHazardMs === undefined ? {} : { timeToHazardMs }),
    })
  send(1, 1)
  send(2, 2, 30_000)
  send(3, 3, 9_000)
  send(4, 2, 20_000)
  send(5, 1)
  time.run(100)
  expect(acks(home)).toContain('1/1 dropped vehicle_queue_full')
  expect(acks(home)).toContain('5/1 dropped vehicle_queue_full')
  const order = [core.takeAlert(), core.takeAlert(), core.takeAlert(), core.takeAlert()].map(handle => handle?.entry.id.sequence)
  expect(order).toEqual([3, 4, 2, undefined])
  expect(core.stats.dropped).toEqual({ queue_full: 2 })
})

test('an alert expires by its remainder on the monotonic clock, taken or not', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('alert', { alert: makeAlert(1), remainingMs: 5_000 })
  home.sockets[0]!.send('alert', { alert: makeAlert(2), remainingMs: 5_000 })
  home.sockets[0]!.send('alert', { alert: makeAlert(3), remainingMs: 0 })
  time.run(100)
  expect(core.takeAlert()?.entry.id.sequence).toBe(1)
  time.run(5_000)
  expect(core.takeAlert()).toBeUndefined()
  expect(core.takeEnd()).toMatchObject({ reason: 'expired', handle: { isActive: false } })
  expect(core.takeEnd()).toBeUndefined()
  expect(acks(home)).toContain('2/1 dropped too_late')
  expect(acks(home)).toContain('3/1 dropped too_late')
})

test('an end before its alert absorbs it', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('end', { alertId: alertId(1), scope: EndScope.END_SCOPE_ENDED, reason: EndReason.END_REASON_RESOLVED })
  home.sockets[0]!.send('alert', { alert: makeAlert(1, { revision: 9 }), remainingMs: 60_000 })
  time.run(100)
  expect(core.takeAlert()).toBeUndefined()
  expect(core.stats.pushes).toEqual({ ended: 1 })
})

test('one that cannot be read is dropped with that reason; unknown and broken frames are counted only', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('alert', { alert: { id: alertId(1), revision: 1 } })
  home.sockets[0]!.sendBytes(Uint8Array.of(99, 1, 2))
  home.sockets[0]!.sendBytes(Uint8Array.of(6, 0xff))
  home.sockets[0]!.sendBytes(encodeFrame('telemetry', { number: 1 }))
  time.run(100)
  expect(acks(home)).toEqual(['1/1 dropped unreadable'])
  expect(core.stats.framesIgnored).toBe(3)
  expect(core.isConnected).toBe(true)
})

test('keys of the fixture are the wire’s', () => expect(alertKey(1)).toBe('n1/00000007/1'))
