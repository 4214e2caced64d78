// A vehicle that drives from node to node along a road east, in a simulated world where nodes are near and far.
import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LocatedNode } from './locate.js'
import { acks, messages, setUp } from './simulated-drive.fixture.js'
import type { SimulatedNode, SimulatedSocket } from './simulated-world.fixture.js'
import { makeAlert } from './simulated-world.fixture.js'

const { EndReason, EndScope, LinkRole, RefusalReason } = outrider.v1
const metresPerDegree = 111_195
const latitude = 0.5
const longitude = (eastM: number) => eastM / metresPerDegree

/** From west to east in m, as a footprint. */
function footprint(westM: number, eastM: number): wire.v1.MultiPolygon.$Properties {
  const corner = (metres: number, north: number) => ({ latitudeE7: north * 10_000_000, longitudeE7: Math.round(longitude(metres) * 1e7) })
  return { polygons: [{ outer: { points: [corner(westM, 0), corner(eastM, 0), corner(eastM, 1), corner(westM, 1)] } }] }
}

/** Nodes `home` and `next`; the border is at 0. */
function setUpBorder(options: Parameters<typeof setUp>[0] = {}) {
  const drive = setUp(options)
  const next = drive.world.node('ws://next')
  const neighbour = (node: SimulatedNode, west: number, east: number) => ({
    node: node.url,
    url: node.url,
    footprint: footprint(west, east),
  })
  drive.home.welcome = { ...drive.home.welcome, node: 'home', neighbours: [neighbour(next, 0, 5_000)] }
  next.welcome = { ...next.welcome, node: 'next', neighbours: [neighbour(drive.home, -5_000, 0)] }
  let eastM = 0
  return {
    ...drive,
    next,
    at(metres: number) {
      eastM = metres
      drive.core.report({ latitude, longitude: longitude(eastM), speedMps: 20, headingDeg: 90 })
    },
    /** A report every 100 ms. */
    go(toM: number, speedMps = 20) {
      const stepM = (Math.sign(toM - eastM) * speedMps) / 10
      while (Math.abs(toM - eastM) > 0.1) {
        eastM = Math.abs(toM - eastM) < Math.abs(stepM) ? toM : eastM + stepM
        drive.core.report({ latitude, longitude: longitude(eastM), speedMps, headingDeg: stepM > 0 ? 90 : 270 })
        drive.time.run(100)
      }
    },
  }
}

const roles = (node: SimulatedNode) => messages(node, 'hello').map(({ role }) => role)

describe('across a border', () => {
  test('the next node is standby, told where the vehicle is, primary; the first one then standby, and left', () => {
    const { at, go, core, home, next, time, vehicle } = setUpBorder()
    at(-100)
    go(-1)
    expect(next.sockets).toHaveLength(0)
    go(60)
    time.run(2_000)
    const first = next.sockets[0]!.received.slice(0, 3)
    expect(first.map(({ type }) => type)).toEqual(['hello', 'telemetry', 'hello'])
    expect(roles(next)).toEqual([LinkRole.LINK_ROLE_STANDBY, LinkRole.LINK_ROLE_PRIMARY])
    expect(roles(home)).toEqual([LinkRole.LINK_ROLE_PRIMARY, LinkRole.LINK_ROLE_STANDBY])
    expect([home.sockets.length, home.sockets[0]!.isOpen, next.sockets.length, core.isConnected]).toEqual([1, false, 1, true])
    const events = vehicle.events.map(event => event.event)
    expect(events.filter(event => event === 'reconnect_planned')).toEqual([])
    expect(vehicle.events.find(event => event.event === 'link_moving')).toMatchObject({ why: 'border' })
  })

  test('a node that closes the old link with `moved` ends it; the vehicle stays where it is', () => {
    const { at, go, core, home, next, time, vehicle } = setUpBorder()
    home.onFrame = (socket, frame) => {
      if (frame.type === 'hello' && frame.message.role === LinkRole.LINK_ROLE_STANDBY) socket.end({ code: 4001 })
    }
    at(-20)
    go(60)
    time.run(20_000)
    expect([home.sockets.length, next.sockets.length, core.isConnected]).toEqual([1, 1, true])
    expect(vehicle.events.filter(event => event.event === 'link_ended')).toMatchObject([{ url: 'ws://home', code: 4001 }])
  })

  test('the old node’s word on its reports and its last alerts count, and its alerts are acknowledged to it', () => {
    const { at, go, core, home, next, time } = setUpBorder()
    home.onFrame = (socket, frame) => {
      if (frame.type !== 'hello' || frame.message.role !== LinkRole.LINK_ROLE_STANDBY) return
      socket.send('reportAck', { through: Math.max(...messages(home, 'telemetry').map(({ number }) => number)) })
      socket.send('alert', { alert: makeAlert(7), remainingMs: 60_000 })
    }
    next.onFrame = (socket, frame) => {
      if (frame.type === 'telemetry') socket.send('reportAck', ackOf(next, frame.message.number))
    }
    at(-20)
    go(60)
    time.run(5_000)
    expect(core.stats.unacknowledged).toBe(0)
    expect(core.stats.refused).toEqual({ standby: 1 })
    expect(core.stats.accepted).toBe(core.stats.telemetrySent - 1)
    expect(acks(home)).toEqual(['7/1 received'])
    expect(acks(next)).toEqual([])
    expect(core.takeAlert()?.entry.id.sequence).toBe(7)
  })

  test('what the old node still brings after the hello to the new one is said there in another hello, once for all of a turn', () => {
    const { at, go, home, next, time } = setUpBorder()
    home.onFrame = (socket, frame) => {
      if (frame.type !== 'hello' || frame.message.role !== LinkRole.LINK_ROLE_STANDBY) return
      for (const sequence of [7, 8, 7]) socket.send('alert', { alert: makeAlert(sequence), remainingMs: 60_000 })
    }
    at(-20)
    go(60)
    time.run(5_000)
    const { LINK_ROLE_STANDBY: standby, LINK_ROLE_PRIMARY: primary } = LinkRole
    expect(roles(next)).toEqual([standby, primary, primary])
    expect(messages(next, 'hello').map(({ held }) => held.map(({ alertId }) => alertId!.sequence))).toEqual([[], [], [7, 8]])
  })

  test('an alert that the old node brings again, which the hello named, needs no other one', () => {
    const { at, go, home, next, time } = setUpBorder()
    home.onFrame = (socket, frame) => {
      if (frame.type !== 'hello' || frame.message.role !== LinkRole.LINK_ROLE_STANDBY) return
      socket.send('alert', { alert: makeAlert(7), remainingMs: 60_000 })
    }
    at(-20)
    time.run(200)
    home.sockets[0]!.send('alert', { alert: makeAlert(7), remainingMs: 60_000 })
    go(60)
    time.run(5_000)
    expect(messages(next, 'hello').map(({ held }) => held.length)).toEqual([1, 1])
  })

  test('whom an alert concerns is for the new node to say: the old one’s withdrawal no longer counts, its end for all does', () => {
    const { at, go, core, home, next, time } = setUpBorder()
    home.onFrame = (socket, frame) => {
      if (frame.type !== 'hello' || frame.message.role !== LinkRole.LINK_ROLE_STANDBY) return
      socket.send('end', { alertId: makeAlert(1).id!, scope: EndScope.END_SCOPE_WITHDRAWN })
      socket.send('end', { alertId: makeAlert(2).id!, scope: EndScope.END_SCOPE_ENDED, reason: EndReason.END_REASON_RESOLVED })
    }
    at(-20)
    time.run(200)
    for (const sequence of [1, 2]) home.sockets[0]!.send('alert', { alert: makeAlert(sequence), remainingMs: 60_000 })
    time.run(100)
    const [one, two] = [core.takeAlert()!, core.takeAlert()!]
    go(60)
    time.run(2_000)
    expect([one.isActive, two.isActive]).toEqual([true, false])
    next.sockets[0]!.send('end', { alertId: makeAlert(1).id!, scope: EndScope.END_SCOPE_WITHDRAWN })
    time.run(100)
    expect(one.isActive).toBe(false)
  })

  test('jitter at the border moves nobody, nor does a road along it every time', () => {
    const { at, home, next, time } = setUpBorder()
    for (let second = 0; second < 60; second++) {
      at(second % 2 === 0 ? -3 : 3)
      time.run(100)
    }
    expect(next.sockets).toHaveLength(0)
    for (let second = 0; second < 60; second++) {
      at(Math.floor(second / 3) % 2 === 0 ? -3 : 3)
      time.run(1_000)
    }
    expect(home.sockets.length + next.sockets.length).toBeLessThanOrEqual(7)
  })

  test('a next node that dies as it takes over gives the vehicle back: the first one was not told otherwise', () => {
    const { at, go, core, home, next, time, vehicle } = setUpBorder()
    next.onFrame = (socket, frame) => {
      if (frame.type === 'hello' && frame.message.role === LinkRole.LINK_ROLE_PRIMARY) socket.end()
    }
    at(-20)
    go(20)
    for (let second = 0; second < 5; second++) {
      at(20)
      time.run(1_000)
      expect(core.isConnected).toBe(true)
    }
    expect([home.sockets.length, home.sockets[0]!.isOpen, next.sockets.length]).toEqual([1, true, 1])
    expect(vehicle.events.filter(event => event.event === 'reconnect_planned')).toEqual([])
    const telemetry = messages(home, 'telemetry').length
    at(20)
    time.run(1_000)
    expect(messages(home, 'telemetry').length).toBeGreaterThan(telemetry)
  })

  test('a next node that is dead is tried with backoff, while the first one serves', () => {
    const { at, go, core, next, home, time } = setUpBorder()
    next.accepts = false
    at(-20)
    go(20)
    for (let second = 0; second < 60; second++) {
      at(20)
      time.run(1_000)
      expect(core.isConnected).toBe(true)
    }
    expect([home.sockets.length, home.sockets[0]!.isOpen]).toEqual([1, true])
    next.accepts = true
    for (let second = 0; second < 60; second++) {
      at(20)
      time.run(1_000)
    }
    expect([next.sockets.length, home.sockets[0]!.isOpen]).toEqual([1, false])
  })

  test('an alert of the first node that the next one does not know stays until it is over', () => {
    const { at, go, core, home, next, time } = setUpBorder()
    next.onFrame = (socket, frame) => {
      if (frame.type !== 'hello' || frame.message.role !== LinkRole.LINK_ROLE_PRIMARY) return
      for (const { alertId: id } of frame.message.held) socket.send('end', { alertId: id!, scope: EndScope.END_SCOPE_UNKNOWN })
    }
    at(-20)
    time.run(200)
    home.sockets[0]!.send('alert', { alert: makeAlert(1), remainingMs: 20_000 })
    time.run(100)
    const handle = core.takeAlert()!
    go(60)
    time.run(2_000)
    expect([next.sockets.length, handle.isActive, core.takeEnd()]).toEqual([1, true, undefined])
    time.run(20_000)
    expect(core.takeEnd()).toMatchObject({ reason: 'expired' })
  })
})

describe('locate', () => {
  test('is asked once where the vehicle is, and followed to another node', () => {
    const asked: string[] = []
    const { at, time, core, world } = setUpLocate(asked, { name: 'owner', url: 'ws://owner' })
    const owner = world.node('ws://owner')
    owner.welcome = { ...owner.welcome, node: 'owner' }
    at(0)
    time.run(2_500)
    at(30)
    time.run(1_000)
    expect(asked).toEqual(['ws://home'])
    expect([owner.sockets.length, core.isConnected]).toEqual([1, true])
  })

  test('the node that serves, by whatever URL it calls itself, is stayed at', () => {
    const asked: string[] = []
    const { at, time, home, world } = setUpLocate(asked, { name: 'home', url: 'ws://home-by-another-name' })
    at(0)
    time.run(5_000)
    expect([asked.length, home.sockets.length, world.node('ws://home-by-another-name').sockets.length]).toEqual([1, 1, 0])
  })

  test('is asked on the way where a neighbour comes without a footprint', () => {
    const asked: string[] = []
    const { at, time } = setUpLocate(asked, undefined, [{ node: 'next', url: 'ws://next' }])
    for (let second = 0; second < 100; second++) {
      at(second * 30)
      time.run(1_000)
    }
    // 3,000 m, every 500 m, the first time at once.
    expect(asked).toHaveLength(6)
  })

  function setUpLocate(asked: string[], found: LocatedNode | undefined, neighbours: wire.v1.Neighbour.$Properties[] = []) {
    const border = setUpBorder({
      locate: (url, _at, done) => {
        asked.push(url)
        done(found)
      },
    })
    border.home.welcome = { ...border.home.welcome, neighbours }
    border.time.run(500)
    return border
  }
})

test('from the first welcome on some node has the vehicle, and none has it for long with another, however far they are', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      fc.array(fc.integer({ min: 11, max: 30 }), { minLength: 1, maxLength: 4 }),
      (homeMs, nextMs, stays) => {
        const { at, go, time, home, next } = setUpBorder()
        home.latencyMs = homeMs
        next.latencyMs = nextMs
        /** Sockets whose node takes the vehicle for its own, as its hellos and their ends say. */
        const serving = new Set<SimulatedSocket>()
        let gapMs = 0
        let noneSinceMs: number | undefined
        let bothMs = 0
        let bothSinceMs: number | undefined
        const look = () => {
          for (const socket of serving) if (!socket.isOpen) serving.delete(socket)
          if (noneSinceMs !== undefined) gapMs = Math.max(gapMs, time.nowMs - noneSinceMs)
          noneSinceMs = serving.size === 0 ? (noneSinceMs ?? time.nowMs) : undefined
          bothSinceMs = serving.size > 1 ? (bothSinceMs ?? time.nowMs) : undefined
          if (bothSinceMs !== undefined) bothMs = Math.max(bothMs, time.nowMs - bothSinceMs)
        }
        for (const node of [home, next]) {
          node.onFrame = (socket, frame) => {
            if (frame.type !== 'hello') return
            if (frame.message.role === LinkRole.LINK_ROLE_PRIMARY) serving.add(socket)
            else serving.delete(socket)
            look()
          }
        }
        at(-50)
        time.run(5_000)
        expect(serving.size).toBe(1)
        noneSinceMs = undefined
        let isEast = false
        for (const seconds of stays) {
          isEast = !isEast
          go(isEast ? 50 : -50)
          for (let tick = 0; tick < seconds * 10; tick++) {
            at(isEast ? 50 : -50)
            time.run(100)
            look()
          }
          const served = isEast ? next : home
          expect([...serving].map(socket => socket.request.url)).toEqual([served.url])
        }
        expect(gapMs).toBe(0)
        expect(bothMs).toBeLessThanOrEqual(2 * Math.max(homeMs, nextMs) + Math.max(homeMs, nextMs) + 100)
      },
    ),
    { numRuns: 40 },
  )
})

/** As a node answers: what came while it was standby is refused, the rest is durable. */
function ackOf(node: SimulatedNode, number: number): wire.v1.ReportAck.$Properties {
  const introduced = messages(node, 'telemetry')[0]!.number
  const except = [{ first: introduced, last: introduced, reason: RefusalReason.REFUSAL_REASON_STANDBY }]
  return { through: 0, except, ahead: [{ first: introduced, last: number }] }
}
