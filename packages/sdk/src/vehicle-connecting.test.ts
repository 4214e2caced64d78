import type { outrider as wire } from '@outrider/protocol'
import { closeCodes, outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { frames, messages, place, setUp } from './simulated-drive.fixture.js'
import { latencyMs } from './simulated-world.fixture.js'

const { LinkRole, ReconnectTarget } = outrider.v1

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

test('an error frame without a close after it is not remembered', () => {
  const { core, time, home, vehicle } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('error', { code: 4200, message: 'one bad frame', reconnect: { allowed: false } })
  time.run(20_000)
  home.sockets[0]!.end()
  time.run(2_000)
  expect(vehicle.calls.over).toBeUndefined()
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

test('drain: the next link is a standby until it is welcomed, then the first one becomes one and is left', () => {
  const { core, time, home, world } = setUp()
  const next = world.node('ws://next')
  time.run(1_000)
  home.sockets[0]!.send('drain', { closesInMs: 2_000, reconnect: { allowed: true, url: next.url } })
  time.run(latencyMs + 500 + 3 * latencyMs)
  expect(home.sockets[0]!.isOpen).toBe(true)
  expect(core.isConnected).toBe(true)
  time.run(2_000)
  expect(messages(next, 'hello').map(hello => hello.role)).toEqual([LinkRole.LINK_ROLE_STANDBY, LinkRole.LINK_ROLE_PRIMARY])
  expect(messages(home, 'hello').map(hello => hello.role)).toEqual([LinkRole.LINK_ROLE_PRIMARY, LinkRole.LINK_ROLE_STANDBY])
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
      done({ name: 'n2', url: 'ws://located' })
    },
  })
  core.report(place)
  time.run(1_000)
  home.sockets[0]!.end({ code: closeCodes.notResponsible.code })
  time.run(1_000)
  expect(asked).toEqual([['ws://home', place.latitude]])
  expect(world.node('ws://located').sockets).toHaveLength(1)
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
