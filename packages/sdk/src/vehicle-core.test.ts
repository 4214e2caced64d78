import type { FrameName, outrider as wire } from '@outrider/protocol'
import { closeCodes, encodeFrame, outrider } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import type { SimulatedNode } from './simulated-world.fixture.js'
import {
  alertId,
  alertKey,
  createSimulatedVehicle,
  createSimulatedWorld,
  latencyMs,
  makeAlert,
  wallStartMs,
} from './simulated-world.fixture.js'
import type { TokenReason } from './token-source.js'

const { DeliveryStage, EndReason, EndScope, LinkRole, ReconnectTarget, RefusalReason } = outrider.v1

const place = { latitude: 53.55, longitude: 9.99 }

function setUp(options: Parameters<typeof createSimulatedVehicle>[1] = {}) {
  const world = createSimulatedWorld()
  const home = world.node('ws://home')
  const vehicle = createSimulatedVehicle(world, options)
  vehicle.core.start()
  return { world, home, vehicle, core: vehicle.core, time: world.time }
}

/** Messages of one type that a node got, over all its sockets. */
function messages<Name extends FrameName>(
  node: SimulatedNode,
  type: Name,
): Extract<ReturnType<typeof frames>[number], { type: Name }>['message'][] {
  return frames(node)
    .filter(frame => frame.type === type)
    .map(frame => frame.message) as never
}

function frames(node: SimulatedNode) {
  return node.sockets.flatMap(socket => socket.received)
}

/** Acknowledgements that a node got, as text: sequence/revision stage. */
function acks(node: SimulatedNode): string[] {
  return messages(node, 'deliveryAck').flatMap(ack =>
    ack.entries.map(entry => `${entry.alertId?.sequence}/${entry.revision} ${stageName(entry)}`),
  )
}

function stageName({ stage, dropReason }: wire.v1.DeliveryAckEntry.$Properties): string {
  const name = DeliveryStage[stage ?? 0]!.slice('DELIVERY_STAGE_'.length).toLowerCase()
  return dropReason ? `${name} ${outrider.v1.DropReason[dropReason]!.slice('DROP_REASON_'.length).toLowerCase()}` : name
}

describe('connecting', () => {
  test('hello comes first and says who is there, the welcome connects', () => {
    const { core, time, home, vehicle } = setUp()
    core.report(place)
    time.run(1_000)
    expect(core.isConnected).toBe(true)
    expect(vehicle.calls.connected).toBe(1)
    const [first] = frames(home)
    expect(first).toMatchObject({
      type: 'hello',
      message: { sdkStart: 2 ** 31, role: LinkRole.LINK_ROLE_PRIMARY, sdkName: '@outrider/sdk' },
    })
    expect((first!.message as wire.v1.Hello).lastPosition?.position).toMatchObject({ latitudeE7: 535_500_000, longitudeE7: 99_900_000 })
    expect(home.sockets[0]!.request).toMatchObject({ protocols: ['outrider.v1'], token: 'token', url: 'ws://home' })
  })

  test('a node that never welcomes is given up, and tried again with backoff', () => {
    const { time, home, vehicle } = setUp()
    home.welcome = {}
    home.sockets.push = socket => {
      socket.freeze()
      return Array.prototype.push.call(home.sockets, socket)
    }
    time.run(60_000)
    const ends = vehicle.events.filter(event => event.event === 'link_ended')
    expect(ends.length).toBeGreaterThanOrEqual(3)
    expect(ends.every(event => event.reason.includes('no welcome within'))).toBe(true)
    const waits = vehicle.events.filter(event => event.event === 'reconnect_planned').map(event => event.waitMs)
    expect(waits.slice(0, 3)).toEqual([250, 500, 1_000])
  })

  test('a half-open link is noticed and replaced', () => {
    const { core, time, home } = setUp()
    time.run(30_000)
    home.sockets[0]!.freeze()
    time.run(16_000)
    expect(core.isConnected).toBe(true)
    expect(home.sockets).toHaveLength(2)
  })

  test('a quiet but living link stays', () => {
    const { time, home } = setUp()
    time.run(600_000)
    expect(home.sockets).toHaveLength(1)
  })

  test.each(Object.entries(closeCodes))('close code %s leads where the table says', (name, row) => {
    const { core, time, home, vehicle, world } = setUp({ canRenewToken: true })
    const neighbour = world.node('ws://neighbour')
    home.welcome = { ...home.welcome, neighbours: [{ url: neighbour.url }] }
    time.run(20_000)
    const endedAtMs = time.nowMs
    home.sockets[0]!.end({ code: row.code })
    time.run(row.afterMs * 2 + 5_000)
    if (name === 'tokenRefused') {
      // A function may have a better one; only a second refusal is final.
      expect(home.sockets).toHaveLength(2)
      return
    }
    if (row.reconnect === 'never') {
      expect(vehicle.calls.over).toMatchObject({ name: 'SdkError', code: 'replaced' })
      expect(home.sockets).toHaveLength(1)
      return
    }
    const target = row.reconnect === 'neighbour' ? neighbour : home
    expect(target.sockets.length).toBe(target === home ? 2 : 1)
    expect(core.isConnected).toBe(true)
    const opened = vehicle.events.findLast(event => event.event === 'link_opened')!
    expect(opened.atMs - endedAtMs).toBeGreaterThanOrEqual(row.afterMs)
    expect(opened.atMs - endedAtMs).toBeLessThanOrEqual(row.afterMs * 2 + 1)
  })

  test('an error frame before the close says otherwise', () => {
    const { core, time, home, world } = setUp()
    const other = world.node('ws://other')
    time.run(1_000)
    home.sockets[0]!.send('error', { code: 4100, message: 'full', reconnect: { allowed: true, url: other.url, afterMs: 3_000 } })
    time.run(latencyMs)
    home.sockets[0]!.end({ code: 4100 })
    time.run(2_900)
    expect(other.sockets).toHaveLength(0)
    time.run(3_200)
    expect(other.sockets).toHaveLength(1)
    expect(core.isConnected).toBe(true)
  })

  test('told not to come back, the vehicle is over', () => {
    const { time, home, vehicle } = setUp()
    time.run(1_000)
    home.sockets[0]!.send('error', { code: 4203, reconnect: { allowed: false } })
    time.run(latencyMs)
    home.sockets[0]!.end({ code: 4203 })
    time.run(600_000)
    expect(vehicle.calls.over).toMatchObject({ code: 'dismissed' })
    expect(home.sockets).toHaveLength(1)
  })

  test('a node that sends a wss vehicle to ws is not followed', () => {
    const { time, home, vehicle, world } = setUp({ url: 'wss://safe' })
    const safe = world.node('wss://safe')
    time.run(1_000)
    safe.sockets[0]!.send('drain', { closesInMs: 1_000, reconnect: { allowed: true, url: 'ws://home' } })
    time.run(10_000)
    expect(home.sockets).toHaveLength(0)
    expect(vehicle.events.filter(event => event.event === 'link_opened').map(event => event.url)).toEqual(['wss://safe', 'wss://safe'])
  })

  test('drain: the next link is a standby until it is welcomed, then the first one is left', () => {
    const { core, time, home, world } = setUp()
    const next = world.node('ws://next')
    time.run(1_000)
    home.sockets[0]!.send('drain', { closesInMs: 2_000, reconnect: { allowed: true, url: next.url } })
    time.run(latencyMs + 500 + 3 * latencyMs)
    expect(home.sockets[0]!.isOpen).toBe(true)
    expect(core.isConnected).toBe(true)
    time.run(1_000)
    expect(messages(next, 'hello').map(hello => hello.role)).toEqual([LinkRole.LINK_ROLE_STANDBY, LinkRole.LINK_ROLE_PRIMARY])
    expect(home.sockets[0]!.isOpen).toBe(false)
    expect(core.isConnected).toBe(true)
    core.report(place)
    time.run(1_000)
    expect(messages(next, 'telemetry')).toHaveLength(1)
  })

  test('a drained vehicle whose next node is dead stays, and goes back home after the close', () => {
    const { core, time, home, world } = setUp()
    world.node('ws://next').accepts = false
    time.run(1_000)
    home.sockets[0]!.send('drain', { closesInMs: 2_000, reconnect: { allowed: true, url: 'ws://next' } })
    time.run(5_000)
    expect(core.isConnected).toBe(true)
    home.sockets[0]!.end({ code: closeCodes.draining.code })
    time.run(60_000)
    expect(core.isConnected).toBe(true)
    expect(home.sockets).toHaveLength(2)
  })

  test('a dead node’s vehicles find its neighbours', () => {
    const { core, time, home, world } = setUp()
    const neighbour = world.node('ws://neighbour')
    home.welcome = { ...home.welcome, neighbours: [{ url: neighbour.url }] }
    time.run(20_000)
    home.accepts = false
    home.sockets[0]!.end()
    time.run(60_000)
    expect(neighbour.sockets).toHaveLength(1)
    expect(core.isConnected).toBe(true)
  })

  test('not responsible: locate is asked for the own position', () => {
    const asked: unknown[] = []
    const { core, time, home, world } = setUp({
      locate: (url, at, done) => {
        asked.push([url, at.latitude])
        done('ws://located')
      },
    })
    core.report(place)
    time.run(1_000)
    home.sockets[0]!.end({ code: closeCodes.notResponsible.code })
    time.run(1_000)
    expect(asked).toEqual([['ws://home', place.latitude]])
    expect(world.node('ws://located').sockets).toHaveLength(1)
  })
})

describe('tokens', () => {
  const jwt = (expiresInS: number, nowMs: number) => `h.${btoa(JSON.stringify({ exp: Math.floor(nowMs / 1_000) + expiresInS }))}.s`

  test('is renewed before it expires, without losing the link', () => {
    const reasons: TokenReason[] = []
    let nowMs = () => wallStartMs
    const { core, time, home } = setUp({
      canRenewToken: true,
      obtainToken: (reason, done) => {
        reasons.push(reason)
        done({ token: jwt(600, nowMs()) })
      },
    })
    nowMs = time.clock.wallMs
    let connectedAll = true
    for (let second = 0; second < 1_200; second++) {
      time.run(1_000)
      connectedAll &&= core.isConnected
    }
    expect(connectedAll).toBe(true)
    expect(reasons).toEqual(['connect', 'refresh', 'refresh'])
    expect(home.sockets.filter(socket => socket.isOpen)).toHaveLength(1)
  })

  test('expired as text: over, with the code that says so', () => {
    const { time, home, vehicle } = setUp()
    time.run(1_000)
    home.sockets[0]!.end({ code: closeCodes.tokenExpired.code })
    expect(vehicle.calls.over).toMatchObject({ code: 'token_expired' })
  })

  test('refused at the upgrade: a function is asked once more, then it is over', () => {
    const reasons: TokenReason[] = []
    const world = createSimulatedWorld()
    world.node('ws://home').accepts = { httpStatus: 401 }
    const { core, calls } = createSimulatedVehicle(world, {
      canRenewToken: true,
      obtainToken: (reason, done) => {
        reasons.push(reason)
        done({ token: 'a.b.c' })
      },
    })
    core.start()
    world.time.run(60_000)
    expect(reasons).toEqual(['connect', 'refused'])
    expect(calls.over).toMatchObject({ code: 'token_refused' })
  })

  test('a function that never answers is asked again', () => {
    let asked = 0
    const { core, time } = setUp({
      canRenewToken: true,
      obtainToken: (_reason, done) => {
        if (++asked > 1) done({ token: 'a.b.c' })
      },
    })
    time.run(14_000)
    expect(asked).toBe(1)
    time.run(10_000)
    expect(core.isConnected).toBe(true)
  })
})

describe('reports', () => {
  test('telemetry is batched at the zone’s interval, ten samples at most, spread over it', () => {
    const { core, time, home } = setUp()
    home.welcome = { ...home.welcome, intervalMs: 2_000 }
    time.run(1_000)
    for (let sample = 0; sample < 500; sample++) {
      core.report({ ...place, speedMps: 10 })
      time.run(20)
    }
    const reports = messages(home, 'telemetry')
    expect(reports.length).toBeGreaterThanOrEqual(5)
    expect(reports.length).toBeLessThanOrEqual(6)
    for (const report of reports.slice(1)) {
      expect(report.samples.length).toBeLessThanOrEqual(10)
      expect(report.samples.length).toBeGreaterThanOrEqual(8)
      expect(report.samples.at(-1)!.timeOffsetMs).toBeGreaterThanOrEqual(1_600)
    }
    expect(reports.map(report => report.number)).toEqual(reports.map((_, index) => index + 1))
    const { samples, samplesGivenUp } = core.stats
    const sent = reports.reduce((sum, report) => sum + report.samples.length, 0)
    expect(samples).toBe(500)
    expect(sent + samplesGivenUp).toBeGreaterThanOrEqual(490)
  })

  test('the zone’s change of interval counts at once', () => {
    const { core, time, home } = setUp()
    time.run(1_000)
    home.sockets[0]!.send('interval', { intervalMs: 200 })
    time.run(100)
    for (let sample = 0; sample < 20; sample++) {
      core.report(place)
      time.run(100)
    }
    expect(messages(home, 'telemetry').length).toBeGreaterThanOrEqual(9)
    expect(core.intervalMs).toBe(200)
  })

  test('an event flag that comes on is urgent once, takes the batch along and stays in telemetry', () => {
    const { core, time, home } = setUp()
    time.run(1_000)
    core.report({ ...place, speedMps: 20 })
    time.run(100)
    core.report({ ...place, speedMps: 21 })
    const number = core.report({ ...place, speedMps: 10, flags: ['hazard_lights', 'fog_front'] })
    expect(number).toBe(2)
    time.run(latencyMs)
    const [urgent] = messages(home, 'urgent')
    expect(urgent!.samples.map(sample => sample.speedCmps)).toEqual([2_100, 1_000])
    home.sockets[0]!.send('reportAck', { through: 2 })
    time.run(1_000)
    expect(core.report({ ...place, flags: ['hazard_lights'] })).toBeUndefined()
    time.run(2_000)
    const last = messages(home, 'telemetry').at(-1)!
    expect(last.samples.at(-1)!.flags).toEqual([1])
    expect(last.number).toBe(3)
    time.run(5_000)
    expect(core.report({ ...place, flags: ['hazard_lights'] }), 'on again after a while off').toBe(4)
    expect(core.report({ ...place, flags: ['fog_front'] }), 'a state, not an event').toBeUndefined()
  })

  test('an urgent report is sent again with backoff until it is accepted', () => {
    const { core, time, home, vehicle } = setUp()
    time.run(1_000)
    core.report({ ...place, observations: [{ cause: 11, source: 'driver' }] })
    time.run(8_000)
    const sent = messages(home, 'urgent')
    expect(sent.map(report => report.number)).toEqual([1, 1, 1, 1])
    expect(new Set(sent.map(report => JSON.stringify(report))).size).toBe(1)
    home.sockets[0]!.send('reportAck', { through: 0, ahead: [{ first: 1, last: 1 }] })
    time.run(60_000)
    expect(vehicle.urgentOutcomes.get(1)).toEqual({ kind: 'accepted' })
    expect(messages(home, 'urgent')).toHaveLength(4)
  })

  test('refused is final', () => {
    const { core, time, home, vehicle } = setUp()
    time.run(1_000)
    core.report({ ...place, flags: ['airbag'] })
    home.sockets[0]!.send('reportAck', { through: 1, except: [{ first: 1, last: 1, reason: RefusalReason.REFUSAL_REASON_IMPLAUSIBLE }] })
    time.run(120_000)
    expect(vehicle.urgentOutcomes.get(1)).toEqual({ kind: 'refused', reason: 'implausible' })
    expect(messages(home, 'urgent')).toHaveLength(1)
    expect(core.stats.refused).toEqual({ implausible: 1 })
  })

  test('after a reconnect urgent reports go again at once, telemetry never, and old acknowledgements do not count', () => {
    const { core, time, home, vehicle } = setUp()
    time.run(1_000)
    core.report(place)
    core.report({ ...place, flags: ['breakdown'] })
    time.run(latencyMs)
    home.sockets[0]!.end()
    time.run(600)
    expect(home.sockets).toHaveLength(2)
    const again = home.sockets[1]!.received.filter(frame => frame.type === 'urgent' || frame.type === 'telemetry')
    expect(again.map(frame => [frame.type, (frame.message as wire.v1.Report).number])).toEqual([['urgent', 2]])
    expect(core.stats).toMatchObject({ unacknowledged: 1, telemetrySent: 1, urgentSent: 1, urgentRepeated: 1, accepted: 0 })
    home.sockets[1]!.send('reportAck', { through: 2 })
    time.run(1_000)
    expect(vehicle.urgentOutcomes.get(2)).toEqual({ kind: 'accepted' })
    expect(core.stats).toMatchObject({ unacknowledged: 1, accepted: 1 })
  })

  test('without a link an urgent report is given up after 60 s, not before', () => {
    const { core, time, home, vehicle } = setUp()
    home.accepts = false
    core.report({ ...place, flags: ['aeb'] })
    time.run(59_900)
    expect(vehicle.urgentOutcomes.size).toBe(0)
    time.run(200)
    expect(vehicle.urgentOutcomes.get(1)).toEqual({ kind: 'expired' })
    home.accepts = true
    time.run(120_000)
    expect(core.isConnected).toBe(true)
    expect(messages(home, 'urgent')).toHaveLength(0)
  })

  test('a full queue refuses observations by name, keeps what it has, and lets flags travel in telemetry', () => {
    const { core, time, home, vehicle } = setUp()
    home.accepts = false
    for (let report = 0; report < 128; report++) core.report({ observations: [{ cause: 11, source: 'driver' }] })
    expect(() => core.report({ observations: [{ cause: 11, source: 'driver' }] })).toThrow(
      expect.objectContaining({ code: 'queue_full', retriable: true }),
    )
    expect(core.report({ ...place, flags: ['abs'] })).toBeUndefined()
    home.accepts = true
    home.onFrame = (socket, frame) => {
      if (frame.type === 'urgent')
        socket.send('reportAck', { through: 0, ahead: [{ first: frame.message.number, last: frame.message.number }] })
    }
    time.run(10_000)
    expect([...vehicle.urgentOutcomes.values()].filter(outcome => outcome.kind === 'accepted')).toHaveLength(128)
  })

  test('the session’s limits are kept, repeats included', () => {
    const { core, time, home } = setUp()
    home.welcome = { ...home.welcome, intervalMs: 100, limits: { urgentPerMinute: 12, telemetryPerMinute: 60, samplesPerReport: 4 } }
    time.run(500)
    const perMinute = { urgent: [] as number[], telemetry: [] as number[] }
    home.onFrame = (_socket, frame) => {
      if (frame.type === 'urgent' || frame.type === 'telemetry') perMinute[frame.type].push(time.nowMs)
    }
    for (let tick = 0; tick < 1_800; tick++) {
      core.report(tick % 100 === 0 ? { observations: [{ cause: 12, source: 'camera' }] } : place)
      time.run(100)
    }
    const densest = (times: number[]) => Math.max(...times.map(start => times.filter(at => at >= start && at < start + 60_000).length))
    expect(densest(perMinute.urgent)).toBeLessThanOrEqual(12)
    expect(densest(perMinute.urgent)).toBeGreaterThanOrEqual(8)
    expect(densest(perMinute.telemetry)).toBeLessThanOrEqual(60)
    expect(messages(home, 'telemetry').every(report => report.samples.length <= 4)).toBe(true)
  })

  test('what was measured before a long outage is not sent after it', () => {
    const { core, time, home } = setUp()
    home.accepts = false
    core.report({ ...place, speedMps: 1 })
    time.run(30_000)
    home.accepts = true
    core.report({ ...place, speedMps: 2 })
    time.run(30_000)
    expect(messages(home, 'telemetry').flatMap(report => report.samples.map(sample => sample.speedCmps))).not.toContain(100)
  })
})

describe('clock offset', () => {
  test('follows the node’s clock within the delay', () => {
    const { core, time, home } = setUp()
    home.clockLeadMs = -3_500
    time.run(5_000)
    expect(core.clockOffset!.offsetMs).toBeCloseTo(-3_500, 3)
    expect(core.clockOffset!.errorMs).toBeLessThanOrEqual(latencyMs + 1)
  })
})

describe('alerts', () => {
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

  test('close flushes the batch and the acknowledgements, and leaves with a code', () => {
    const { core, time, home, vehicle } = setUp()
    time.run(1_000)
    core.report({ ...place, flags: ['siren'] })
    core.report({ ...place, flags: ['esc'] })
    home.sockets[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
    time.run(latencyMs)
    core.takeAlert()
    core.report({ ...place, speedMps: 7 })
    let isDone = false
    core.close(() => {
      isDone = true
    })
    time.run(100)
    expect(isDone).toBe(true)
    expect(acks(home)).toEqual(['1/1 received', '1/1 taken'])
    expect(messages(home, 'telemetry').at(-1)!.samples.at(-1)!.speedCmps).toBe(700)
    expect(home.sockets[0]!.isOpen).toBe(false)
    expect([...vehicle.urgentOutcomes.values()]).toEqual([{ kind: 'closed' }])
    time.run(600_000)
    expect(home.sockets).toHaveLength(1)
  })

  test('keys of the fixture are the wire’s', () => expect(alertKey(1)).toBe('n1/00000007/1'))
})

test('a target that is only "neighbour" prefers the footprint the vehicle is in', () => {
  const { core, time, home, world } = setUp()
  const ring = (west: number) => ({
    outer: {
      points: [
        [535_000_000, west],
        [536_000_000, west],
        [536_000_000, west + 1_000_000],
        [535_000_000, west + 1_000_000],
      ].map(([latitudeE7, longitudeE7]) => ({ latitudeE7, longitudeE7 })) as wire.v1.Position.$Properties[],
    },
  })
  home.welcome = {
    ...home.welcome,
    neighbours: [
      { url: 'ws://west', footprint: { polygons: [ring(98_000_000)] } },
      { url: 'ws://here', footprint: { polygons: [ring(99_500_000)] } },
    ],
  }
  core.report(place)
  time.run(1_000)
  home.sockets[0]!.send('drain', { closesInMs: 1_000, reconnect: { allowed: true, target: ReconnectTarget.RECONNECT_TARGET_NEIGHBOUR } })
  time.run(5_000)
  expect(world.node('ws://here').sockets).toHaveLength(1)
})
