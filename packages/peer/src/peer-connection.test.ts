import { formatAlertKey, outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { peerLimits } from './limits.js'
import type { PeerLinkEvents, PeerMessage } from './link.js'
import { createPeers } from './peers.js'
import type { PeerEvent, PeersOptions } from './peers-options.js'

type LiveAlert = outrider.v1.LiveAlert.$Properties

/** A node whose peer is the test: what it writes is kept, what it is told is given to `said`. */
function createNode(name: string, more: Partial<PeersOptions> = {}) {
  let nowMs = 5_000
  let timers: { readonly atMs: number; readonly call: () => void }[] = []
  const links: { readonly written: PeerMessage[]; events: PeerLinkEvents; takes: boolean; closed: boolean }[] = []
  const events: PeerEvent[] = []
  const linkOf = (at: number) => ({
    write(message: PeerMessage) {
      links[at]!.written.push(message)
      return links[at]!.takes
    },
    close() {
      links[at]!.closed = true
    },
  })
  const peers = createPeers({
    node: name,
    zone: 'z',
    boot: 7,
    authority: 'test',
    alerts: { digest: () => [], difference: () => ({ alerts: [], ends: [], wanted: [] }), live: () => undefined },
    openLink(_peer, _address, given) {
      links.push({ written: [], events: given, takes: true, closed: false })
      return linkOf(links.length - 1)
    },
    time: {
      monotonicMs: () => nowMs,
      wallMs: () => 1_000_000 + nowMs,
      schedule(delayMs, call) {
        const timer = { atMs: nowMs + delayMs, call }
        timers.push(timer)
        return () => {
          timers = timers.filter(other => other !== timer)
        }
      },
    },
    random: () => 0,
    status: () => ({ ready: true, vehicles: 3 }),
    zoneTable: () => ({ version: 4 }),
    onAlert: () => {},
    onEnd: () => {},
    onEvidence: () => {},
    onZoneTable: () => {},
    onPresence: () => {},
    onEvent: event => events.push(event),
    ...more,
  })
  return {
    peers,
    links,
    events,
    wrote: (at: number) => links[at]!.written,
    accept(whyNot: (node: string) => string | undefined = () => undefined) {
      links.push({ written: [], events: undefined as never, takes: true, closed: false })
      const at = links.length - 1
      links[at]!.events = peers.accept(linkOf(at), whyNot)
      return links[at]!
    },
    pass(ms: number, stands = false) {
      const untilMs = nowMs + ms
      if (stands) nowMs = untilMs
      for (;;) {
        const next = timers.filter(timer => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined) break
        timers = timers.filter(other => other !== next)
        nowMs = Math.max(nowMs, next.atMs)
        next.call()
      }
      nowMs = untilMs
    },
  }
}

const hello = (node: string, more: object = {}) => ({
  hello: { node, zone: 'z', boot: 9, authority: 'test', features: [], zoneTableVersion: 4, ...more },
})
const bodyOf = (message: PeerMessage): string => Object.keys(message)[0]!
const nodes = new Map([
  ['a', 'a:1'],
  ['b', 'b:1'],
])

/** Node b as the test, greeted by a. */
function joined(more: Partial<PeersOptions> = {}) {
  const node = createNode('a', more)
  node.peers.setNodes(nodes)
  node.peers.start()
  node.links[0]!.events.onMessage(hello('b'))
  return node
}

test('the smaller name calls, says hello first, then a sign of life and a digest; the larger waits to be called', () => {
  const caller = createNode('a')
  caller.peers.setNodes(nodes)
  caller.peers.start()
  expect(caller.wrote(0).map(bodyOf)).toEqual(['hello'])
  caller.links[0]!.events.onMessage(hello('b'))
  expect(caller.wrote(0).map(bodyOf)).toEqual(['hello', 'heartbeat', 'digest'])

  const called = createNode('b')
  called.peers.setNodes(nodes)
  called.peers.start()
  called.pass(300)
  expect(called.links).toHaveLength(0)
  const link = called.accept()
  expect(link.written).toEqual([])
  link.events.onMessage(hello('a'))
  expect(link.written.map(bodyOf)).toEqual(['hello', 'heartbeat', 'digest'])
})

test.each([
  ['a certificate of another', hello('a'), 'not its name', /^not its name$/],
  ['a node that is no peer', hello('0'), undefined, /no peer of this node/],
  ['one that is to be called', hello('c'), undefined, /is to be called/],
  ['another authority', hello('a', { authority: 'other' }), undefined, /its authority is "other"/],
  ['a message before hello', { heartbeat: {} }, undefined, /did not say hello first/],
])('refuses %s, which learns nothing', (_what, first, whyNot, reason) => {
  const node = createNode('b')
  node.peers.setNodes(new Map([...nodes, ['c', 'c:1']]))
  node.peers.start()
  const link = node.accept(() => whyNot)
  link.events.onMessage(first)
  expect(link.closed).toBe(true)
  expect(link.written).toEqual([])
  expect(node.events).toEqual([{ event: 'peer_refused', peer: '', reason: expect.stringMatching(reason) }])
})

test('gives a sign of life at least three times a second, and takes the clock from the answers', () => {
  const node = joined()
  node.links[0]!.events.onMessage({ heartbeat: { sentTimeMs: 77_000_000, ready: true, vehicles: 12 } })
  node.pass(1_000 - 1, false)
  const beats = node.wrote(0).filter(message => bodyOf(message) === 'heartbeat')
  expect(beats.length).toBeGreaterThanOrEqual(3)
  expect(beats.at(-1)!.heartbeat).toMatchObject({ ready: true, vehicles: 3, echoedTimeMs: 77_000_000 })
  // Sent at our 1,005,999; it held it 100 ms, and 40 ms were spent on the way: its clock is 5 s ahead.
  const sentMs = 1_000_000 + 5_999 - 140
  node.links[0]!.events.onMessage({ heartbeat: { sentTimeMs: sentMs + 5_000 + 120, echoedTimeMs: sentMs, heldMs: 100, ready: false } })
  expect(node.peers.state()[0]!.clock).toEqual({ offsetMs: 5_000, roundTripMs: 40 })
  expect(node.peers.takesVehicles('b')).toBe(false)
})

test('who is silent for a second is gone, and was of another process when it comes back with another boot', () => {
  const node = joined()
  const id = { node: 'b', boot: 9 }
  node.pass(750)
  expect(node.peers.isAlive(id)).toBe(true)
  node.pass(500)
  expect([node.peers.isAlive(id), node.peers.isHeard('b'), node.links[0]!.closed]).toEqual([false, false, true])
  node.pass(500)
  node.links.at(-1)!.events.onMessage(hello('b', { boot: 10 }))
  expect([node.peers.isAlive(id), node.peers.isAlive({ node: 'b', boot: 10 }), node.peers.isHeard('b')]).toEqual([false, true, true])
  expect(node.peers.isAlive({ node: 'region-1', boot: 1 })).toBe(true)
  expect(node.peers.isAlive({ node: 'a', boot: 6 })).toBe(false)
})

test('an alert written well after its origin was lost shows that the origin lives; who was never heard is not judged', () => {
  const node = joined()
  const id = { node: 'b', boot: 9 }
  const heardWallMs = 1_000_000 + 5_000
  node.pass(1_500)
  expect(node.peers.isHeard('b')).toBe(false)
  expect([500, 1_000, 1_001].map(laterMs => node.peers.isAlive(id, heardWallMs + laterMs))).toEqual([false, false, true])

  const alone = createNode('a')
  alone.peers.setNodes(nodes)
  alone.peers.start()
  alone.pass(5_000)
  expect([alone.peers.isHeard('b'), alone.peers.isAlive(id)]).toEqual([false, true])
})

test('what a difference brought is compared with all, every two seconds at most', () => {
  const node = joined()
  const { events, written } = node.links[0]!
  const digests = () => written.filter(message => bodyOf(message) === 'digest').length
  const learn = () => events.onMessage({ difference: { ends: [{}], more: false } })
  const counts: number[] = []
  for (let beat = 0; beat < 12; beat++) {
    learn()
    node.pass(250)
    counts.push(digests())
  }
  expect(counts).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3])
})

test('a process that stood still itself does not take the others for gone', () => {
  const node = joined()
  node.pass(3_000, true)
  expect(node.peers.isHeard('b')).toBe(true)
  node.links[0]!.events.onMessage({ heartbeat: { sentTimeMs: 1, ready: true } })
  node.pass(750)
  expect(node.peers.isHeard('b')).toBe(true)
  node.pass(750)
  expect(node.peers.isHeard('b')).toBe(false)
})

test('a digest goes in parts of 4,096, and one that comes in parts is answered as a whole', () => {
  const entries = Array.from({ length: 10_000 }, (_, at) => ({
    alertId: { node: 'a', boot: 7, sequence: at + 1 },
    revision: 1,
    ended: false,
  }))
  const asked: number[] = []
  const node = joined({
    alerts: {
      digest: () => entries,
      difference(_peer, theirs) {
        asked.push(theirs.length)
        return { alerts: [], ends: [], wanted: theirs.map(({ alertId }) => alertId!) }
      },
      live: () => undefined,
    },
  })
  const parts = node.wrote(0).flatMap(({ digest }) => digest ?? [])
  expect(parts.map(({ entries: part, more }) => [part!.length, more])).toEqual([
    [4_096, true],
    [4_096, true],
    [1_808, false],
  ])
  for (const digest of parts) node.links[0]!.events.onMessage({ digest })
  expect(asked).toEqual([10_000])
  const answers = node.wrote(0).flatMap(({ difference }) => difference ?? [])
  expect(answers.map(({ wanted, more }) => [wanted!.length, more])).toEqual([
    [4_096, true],
    [4_096, true],
    [1_808, false],
  ])
})

test('differences are cut by their bytes, and alerts wait as keys while the link takes nothing: what goes out is how they stand then', () => {
  const revisions = new Map<number, number>()
  const live = (sequence: number): LiveAlert => ({
    alert: {
      id: { node: 'a', boot: 7, sequence },
      revision: revisions.get(sequence) ?? 1,
      texts: [{ language: 'en', text: 'x'.repeat(1_000) }],
    },
    remainingMs: 1,
    keepRemainingMs: 1,
  })
  const keyOf = (sequence: number) => formatAlertKey({ node: 'a', boot: 7, sequence })
  const node = joined({
    alerts: {
      digest: () => [],
      difference: () => ({ alerts: Array.from({ length: 200 }, (_, at) => live(at + 1)), ends: [], wanted: [] }),
      live: key => ({ alert: live(Number(key.split('/').at(-1))) }),
    },
  })
  const link = node.links[0]!
  link.takes = false
  link.events.onMessage({ digest: { entries: [], more: false } })
  const before = link.written.length
  for (const sequence of [1, 2, 1, 1]) node.peers.tell(keyOf(sequence), ['b'])
  expect(link.written).toHaveLength(before)
  revisions.set(1, 8)
  link.takes = true
  link.events.onDrain()
  const told = link.written.slice(before)
  expect(told.slice(0, 2).map(({ alert }) => [alert?.alert?.id?.sequence, alert?.alert?.revision])).toEqual([
    [1, 8],
    [2, 1],
  ])
  const differences = link.written.flatMap(({ difference }) => difference ?? [])
  expect(differences.flatMap(({ alerts }) => alerts!.map(({ alert }) => alert!.id!.sequence))).toEqual(
    Array.from({ length: 200 }, (_, at) => at + 1),
  )
  expect(differences.at(-1)!.more).toBe(false)
  const sizes = differences.map(difference => outrider.v1.DigestDifference.encode(difference).finish().length)
  expect(sizes.length).toBeGreaterThan(3)
  for (const size of sizes) expect(size).toBeLessThan(1.1 * peerLimits.differenceBytesMax)
})

test('evidence that waits is bounded, the oldest goes, and is counted', () => {
  const node = joined()
  const link = node.links[0]!
  link.takes = false
  node.pass(250)
  const before = link.written.length
  for (let timeMs = 1; timeMs <= peerLimits.evidenceMax + 5; timeMs++) node.peers.tellEvidence({ timeMs }, 'b')
  expect([link.written.length, node.peers.counts.evidence_dropped]).toEqual([before, 5])
  link.takes = true
  link.events.onDrain()
  const told = link.written.slice(before).flatMap(({ evidence }) => evidence ?? [])
  expect(told.map(({ timeMs }) => timeMs)).toEqual(Array.from({ length: peerLimits.evidenceMax }, (_, at) => at + 6))
  node.peers.tellEvidence({ timeMs: 1 }, 'nobody')
  expect(node.peers.counts.evidence_unlinked).toBe(1)
})

test('evidence that a peer sends beyond its rate is ignored and counted, until the next second', () => {
  let taken = 0
  const node = joined({ onEvidence: () => taken++ })
  const { events } = node.links[0]!
  for (let at = 0; at < peerLimits.evidencePerSecondMax + 7; at++) events.onMessage({ evidence: {} })
  expect([taken, node.peers.counts.evidence_over_rate]).toEqual([peerLimits.evidencePerSecondMax, 7])
  for (let beat = 0; beat < 4; beat++) {
    node.pass(250)
    events.onMessage({ heartbeat: { sentTimeMs: 1 } })
  }
  events.onMessage({ evidence: {} })
  expect(taken).toBe(peerLimits.evidencePerSecondMax + 1)
})

test('a newer zone table goes to who has an older one', () => {
  const node = createNode('a')
  node.peers.setNodes(nodes)
  node.peers.start()
  node.links[0]!.events.onMessage(hello('b', { zoneTableVersion: 3 }))
  expect(node.wrote(0).flatMap(({ zoneTable }) => zoneTable ?? [])).toEqual([{ version: 4 }])
})
