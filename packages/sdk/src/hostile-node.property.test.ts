// A node that says anything at all, in valid frames and in bytes: the vehicle does not throw, keeps its bounds, and its hello stays one
// that a node takes.
import type { FrameContent, FrameName } from '@outrider/protocol'
import { encodeFrame, frameBytesMax, frameTypes } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { heldMax } from './alert-store.js'
import { createSimulatedVehicle, createSimulatedWorld } from './simulated-world.fixture.js'

const uint32 = fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 0xffff_ffff }))
const timeMs = fc.oneof(fc.double(), fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1_767_225_600_000))
const id = fc.record({
  node: fc.constantFrom('n1', '', 'n/2', 'long'.repeat(20), '\u{1f600}'),
  boot: uint32,
  sequence: fc.integer({ min: 0, max: 400 }),
})
const url = fc.constantFrom('', 'ws://other', 'wss://other', 'http://x', 'ws://', 'nonsense', 'ws://home#x')
const reconnect = fc.record({ allowed: fc.constant(true), url, target: fc.integer({ min: 0, max: 9 }), afterMs: uint32 })
const range = fc.record({ first: uint32, last: uint32, reason: fc.integer({ min: 0, max: 20 }) })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })

const alert = fc.record({
  id,
  revision: fc.integer({ min: 0, max: 5 }),
  status: fc.integer({ min: 0, max: 5 }),
  cause: maybe(fc.record({ code: fc.integer({ min: 0, max: 300 }), subCause: uint32 })),
  eventPosition: maybe(fc.record({ latitudeE7: fc.integer(), longitudeE7: fc.integer() })),
  priority: fc.integer({ min: 0, max: 9 }),
  validUntilMs: timeMs,
  replaces: fc.array(id, { maxLength: 3 }),
  renewal: fc.boolean(),
  ending: maybe(fc.record({ reason: fc.integer({ min: 0, max: 12 }), mergedInto: maybe(id) })),
})
const frame = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ alert: maybe(alert), remainingMs: maybe(uint32), priority: fc.nat(9), timeToHazardMs: maybe(uint32) })
      .map(as('alert')),
  },
  { weight: 4, arbitrary: fc.record({ alertId: maybe(id), scope: fc.nat(5), reason: fc.nat(12), mergedInto: maybe(id) }).map(as('end')) },
  fc.record({ through: uint32, except: fc.array(range, { maxLength: 4 }), ahead: fc.array(range, { maxLength: 4 }) }).map(as('reportAck')),
  fc.record({ intervalMs: uint32 }).map(as('interval')),
  fc.record({ askedTimeMs: timeMs, receivedTimeMs: maybe(timeMs), answeredTimeMs: maybe(timeMs) }).map(as('time')),
  fc.record({ reconnect: maybe(reconnect), closesInMs: uint32 }).map(as('drain')),
  fc.record({ code: uint32, message: fc.string(), reconnect: maybe(reconnect) }).map(as('error')),
  fc.record({ node: fc.string(), intervalMs: uint32, serverTimeMs: timeMs }).map(as('welcome')),
  fc.uint8Array({ maxLength: 40 }),
)
function as<Name extends FrameName>(type: Name): (content: FrameContent<NoInfer<Name>>) => Uint8Array {
  return content => encodeFrame(type, content)
}

const step = fc.oneof(
  { weight: 8, arbitrary: frame.map(bytes => ({ do: 'frame', bytes }) as const) },
  { weight: 2, arbitrary: fc.constantFrom({ do: 'take' } as const, { do: 'report' } as const) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map(ms => ({ do: 'wait', ms }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 4_000, max: 4_400 })
      .filter(code => code !== 4_004)
      .map(code => ({ do: 'close', code }) as const),
  },
)

test('nothing that a node says breaks a vehicle', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const world = createSimulatedWorld()
      const home = world.node('ws://home')
      const hello: number[] = []
      const onFrame = (_socket: unknown, received: { type: string; message: unknown }) => {
        if (received.type !== 'hello') return
        const { held } = received.message as { held: unknown[] }
        expect(held.length).toBeLessThanOrEqual(heldMax)
        hello.push(held.length)
      }
      for (const node of [home, world.node('ws://other')]) node.onFrame = onFrame
      const { core } = createSimulatedVehicle(world, { canRenewToken: true, queueMax: 8 })
      core.start()
      world.time.run(1_000)
      const open = () => [home, world.node('ws://other')].flatMap(({ sockets }) => sockets).findLast(socket => socket.isOpen)
      for (const given of steps) {
        if (given.do === 'frame') open()?.sendBytes(given.bytes)
        else if (given.do === 'take') {
          const handle = core.takeAlert()
          if (handle !== undefined) core.shown(handle)
        } else if (given.do === 'report') core.report({ latitude: 1, longitude: 2, flags: ['abs'] })
        else if (given.do === 'wait') world.time.run(given.ms)
        else open()?.end({ code: given.code })
        world.time.run(25)
      }
      expect(core.intervalMs).toBeGreaterThanOrEqual(100)
      expect(core.intervalMs).toBeLessThanOrEqual(5_000)
      for (const handle of core.active()) expect(handle.isActive).toBe(true)
      core.close(() => {})
    }),
    // Seed found a validity that was not a number.
    { numRuns: 300, seed: -1532092765 },
  )
})

test('alerts that are withdrawn and come back by the hundred stay within what a hello can say', () => {
  const world = createSimulatedWorld()
  const home = world.node('ws://home')
  const { core } = createSimulatedVehicle(world)
  core.start()
  world.time.run(1_000)
  const socket = home.sockets[0]!
  const push = (sequence: number) =>
    socket.send('alert', {
      alert: { id: { node: 'a'.repeat(64), boot: 7, sequence }, revision: 1, status: 1, cause: { code: 94 } },
      remainingMs: 86_400_000,
    })
  for (let sequence = 1; sequence <= 600; sequence++) {
    push(sequence)
    world.time.run(21)
    core.takeAlert()
    socket.send('end', { alertId: { node: 'a'.repeat(64), boot: 7, sequence }, scope: 2 })
    world.time.run(21)
  }
  for (let sequence = 1; sequence <= 600; sequence++) push(sequence)
  world.time.run(100)
  socket.end()
  world.time.run(5_000)
  const hello = home.sockets[1]!.received[0]!
  expect(hello.type).toBe('hello')
  expect((hello.message as { held: unknown[] }).held).toHaveLength(heldMax)
  expect(encodeFrame('hello', hello.message as FrameContent<'hello'>).length - 1).toBeLessThanOrEqual(frameTypes.hello.bytesMax)
  expect(frameTypes.hello.bytesMax).toBeLessThanOrEqual(frameBytesMax.vehicle)
})
