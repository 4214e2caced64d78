// The whole client over real sockets.
import { outrider, tokenSubprotocolPrefix } from '@outrider/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Alert, EndedAlertNotice } from './alert.js'
import { openWith } from './browser-socket.js'
import type { ConnectOptions, ConnectPlatform } from './connect.js'
import { connect } from './connect.js'
import type { RealNode } from './real-node.fixture.js'
import { framesOf, startRealNode } from './real-node.fixture.js'
import { SdkError } from './sdk-error.js'
import { alertId, makeAlert } from './simulated-world.fixture.js'
import type { Vehicle } from './vehicle.js'

const { DeliveryStage, EndReason, EndScope } = outrider.v1
const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'
const place = { latitude: 53.55, longitude: 9.984 }

let node: RealNode
const vehicles: Vehicle[] = []

beforeEach(async () => {
  node = await startRealNode()
})
afterEach(async () => {
  await Promise.all(vehicles.splice(0).map(vehicle => vehicle.close()))
  await node.stop()
})

async function open(more: Partial<ConnectOptions> = {}): Promise<Vehicle> {
  const vehicle = await connect({ url: node.url, token, ...more })
  vehicles.push(vehicle)
  return vehicle
}

/** Everything 20 times as fast: 15 s of silence are 750 ms. */
const hurried: Partial<ConnectPlatform> = {
  clock: { monotonicMs: () => performance.now() * 20, wallMs: () => Date.now() },
  timers: {
    set: (delayMs, run) => {
      const timer = setTimeout(run, delayMs / 20)
      return () => clearTimeout(timer)
    },
  },
}

function stages(): string[] {
  return framesOf(node, 'deliveryAck').flatMap(ack =>
    ack.entries.map(entry => DeliveryStage[entry.stage ?? 0]!.slice('DELIVERY_STAGE_'.length)),
  )
}

async function rejection(promise: Promise<unknown>): Promise<SdkError> {
  const error = await promise.then(
    () => undefined,
    reason => reason,
  )
  expect(error).toBeInstanceOf(SdkError)
  return error as SdkError
}

describe('token', () => {
  test('goes in the Authorization header on Node, and nowhere else', async () => {
    await open()
    const { request, offered } = node.links[0]!
    expect(request.headers.authorization).toBe(`Bearer ${token}`)
    expect(request.url).not.toContain(token)
    expect(offered).toEqual(['outrider.v1'])
  })

  test('goes as second subprotocol entry in browsers, and nowhere else', async () => {
    const openSocket: ConnectPlatform['openSocket'] = (request, events) => openWith(WebSocket as never, request, events)
    const vehicle = await open({ platform: { openSocket } })
    const { request, offered } = node.links[0]!
    expect(request.headers.authorization).toBeUndefined()
    expect(request.url).not.toContain(token)
    expect(offered).toEqual(['outrider.v1', `${tokenSubprotocolPrefix}${token}`])
    vehicle.report(place)
    await node.until(() => framesOf(node, 'telemetry').length > 0)
    node.links[0]!.cut()
    await node.until(() => node.links[1]?.frames.some(frame => frame.type === 'time') === true)
    await vehicle.close()
    expect(await node.links[1]!.closed).toBe(1000)
  })

  test('refused at the upgrade: connect says so', async () => {
    node.refuseWith = 401
    const error = await rejection(connect({ url: node.url, token }))
    expect(error.code).toBe('token_refused')
    expect(error.message).not.toContain(token)
  })

  test('a function that fails is named, with its cause, when the time is over', async () => {
    const cause = new Error('no signal')
    const failing = () => Promise.reject(cause)
    const error = await rejection(connect({ url: node.url, token: failing, connectTimeoutMs: 50 }))
    expect(error).toMatchObject({ code: 'token_unavailable', retriable: true, cause })
  })
})

describe('the way of an alert', () => {
  test('received, taken, shown; its text has the distance; its end is told', async () => {
    const vehicle = await open()
    vehicle.report(place)
    node.links[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000, timeToHazardMs: 30_000 })
    const alerts = vehicle.alerts()[Symbol.asyncIterator]()
    const alert = (await alerts.next()).value as Alert
    expect(alert.text('de')).toBe('Stehendes Fahrzeug in 400 m')
    expect(alert).toMatchObject({
      cause: 'stationaryVehicle',
      priority: 'warning',
      status: 'actual',
      isActive: true,
      revision: 1,
      advice: 'none',
    })
    alert.shown()
    await node.until(() => stages().includes('SHOWN'))
    expect(stages()).toEqual(['RECEIVED', 'TAKEN', 'SHOWN'])
    expect(vehicle.active()).toEqual([alert])
    const ends = vehicle.ends()[Symbol.asyncIterator]()
    const end = ends.next()
    node.links[0]!.send('end', { alertId: alertId(1), scope: EndScope.END_SCOPE_ENDED, reason: EndReason.END_REASON_RESOLVED })
    const told = (await end).value as EndedAlertNotice
    expect([told.alert === alert, told.reason]).toEqual([true, 'resolved'])
    expect([alert.isActive, vehicle.active()]).toEqual([false, []])
    alert.answer('gone')
    await node.until(() => framesOf(node, 'urgent').length > 0)
    expect(framesOf(node, 'urgent')[0]!.verdicts).toMatchObject([{ alertId: { sequence: 1 }, revision: 1 }])
  })

  test('two consumers share the alerts, close ends both', async () => {
    const vehicle = await open({ presentation: false })
    const seen: string[] = []
    const consume = async () => {
      for await (const alert of vehicle.alerts()) seen.push(alert.id)
    }
    const both = Promise.all([consume(), consume()])
    for (let sequence = 1; sequence <= 6; sequence++) node.links[0]!.send('alert', { alert: makeAlert(sequence), remainingMs: 60_000 })
    await node.until(() => stages().filter(stage => stage === 'TAKEN').length === 6)
    await vehicle.close()
    await both
    expect(new Set(seen).size).toBe(6)
    expect(seen).toHaveLength(6)
  })
})

test('after a hazard that was shown and passed the driver is asked, and the answer is an urgent report', async () => {
  const vehicle = await open()
  vehicle.report({ ...place, longitude: 9.99, latitude: 53.549 })
  node.links[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
  const alert = (await vehicle.alerts()[Symbol.asyncIterator]().next()).value as Alert
  expect([alert.isAudible, alert.isPassed]).toEqual([true, false])
  alert.shown()
  const question = vehicle.questions()[Symbol.asyncIterator]().next()
  vehicle.report({ ...place, longitude: 9.99, latitude: 53.55 })
  vehicle.report({ ...place, longitude: 9.99, latitude: 53.551 })
  const asked = (await question).value as Alert
  expect([asked === alert, alert.isPassed]).toEqual([true, true])
  asked.answer('confirm')
  await node.until(() => framesOf(node, 'urgent').length > 0)
  expect(framesOf(node, 'urgent')[0]!.verdicts).toMatchObject([{ alertId: { sequence: 1 }, kind: 1 }])
})

describe('links that fail', () => {
  test('a node that vanishes: reconnect, resume, the urgent report again until accepted', async () => {
    const vehicle = await open()
    node.links[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
    await vehicle.alerts()[Symbol.asyncIterator]().next()
    const urgent = vehicle.report({ ...place, flags: ['airbag'] })!
    await node.until(() => framesOf(node, 'urgent').length === 1)
    node.links[0]!.cut()
    await node.until(() => framesOf(node, 'urgent').length === 2)
    const [hello] = node.links[1]!.frames
    expect(hello).toMatchObject({ type: 'hello', message: { held: [{ alertId: { sequence: 1 }, revision: 1 }] } })
    expect(framesOf(node, 'hello')[0]!.sdkStart).toBe(framesOf(node, 'hello')[1]!.sdkStart)
    node.links[1]!.send('reportAck', { through: urgent.number })
    expect(await urgent.outcome).toEqual({ kind: 'accepted' })
  })

  test('a half-open connection is given up and replaced', async () => {
    const vehicle = await open({ platform: hurried })
    node.links[0]!.goSilent()
    await node.until(() => node.links.length >= 2 && vehicle.isConnected && framesOf(node, 'hello').length >= 2)
    expect(vehicle.stats.linksEnded).toBeGreaterThanOrEqual(1)
  })

  test('ended for good: the loop throws what happened, so does report', async () => {
    const vehicle = await open()
    const loop = (async () => {
      for await (const _alert of vehicle.alerts());
    })()
    node.links[0]!.close(4004)
    expect((await rejection(loop)).code).toBe('replaced')
    expect(() => vehicle.report(place)).toThrow(expect.objectContaining({ code: 'replaced' }))
  })

  test('nobody there: connect gives up in time and says what happened', async () => {
    const { url } = node
    await node.stop()
    const error = await rejection(connect({ url, token, connectTimeoutMs: 100 }))
    expect(error).toMatchObject({ code: 'unreachable', retriable: true })
    expect(error.message).toContain('ECONNREFUSED')
    node = await startRealNode()
  })

  test('a signal stops connecting, and closes a vehicle', async () => {
    const controller = new AbortController()
    node.refuseWith = 503
    const connecting = rejection(connect({ url: node.url, token, signal: controller.signal }))
    controller.abort()
    expect((await connecting).code).toBe('closed')
    node.refuseWith = undefined
    const later = new AbortController()
    const vehicle = await open({ signal: later.signal })
    later.abort()
    expect(await node.links[0]!.closed).toBe(1000)
    expect(() => vehicle.report(place)).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})

test('close says 1000, and what was waiting is there before it', async () => {
  const vehicle = await open()
  await node.until(() => framesOf(node, 'time').length > 0)
  const urgent = vehicle.report({ ...place, flags: ['esc'] })!
  vehicle.report({ ...place, speedMps: 3 })
  await vehicle.close()
  await vehicle.close()
  expect(await node.links[0]!.closed).toBe(1000)
  expect(framesOf(node, 'telemetry')).toHaveLength(1)
  expect(await urgent.outcome).toEqual({ kind: 'closed' })
  expect(await vehicle.alerts()[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
})

test.each<[string, Partial<ConnectOptions>]>([
  ['url', { url: 'https://example.org' }],
  ['url', { url: 'nonsense' }],
  ['url', { url: 'wss://example.org/#x' }],
  ['token', { token: 'two words' }],
  ['token', { token: undefined as never }],
  ['vehicleLengthM', { vehicleLengthM: 200 }],
  ['vehicleRole', { vehicleRole: 'pilot' as never }],
  ['alertQueueMax', { alertQueueMax: 0 }],
  ['connectTimeoutMs', { connectTimeoutMs: Number.NaN }],
  ['presentation.soundGapMs', { presentation: { soundGapMs: -1 } }],
  ['presentation.loudness', { presentation: { loudness: 11 } as never }],
])('a bad %s is refused by name', async (field, more) => {
  const error = await rejection(connect({ url: node.url, token, ...more }))
  expect([error.code, error.field]).toEqual(['invalid_option', field])
})
