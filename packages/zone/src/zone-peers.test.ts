// Two zones side by side: node-a has what lies south of the origin, node-b what lies north. What they say to each other goes through the codec.
import { encodeLiveAlert, encodeLiveEnd } from '@outrider/alerts'
import { outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { createTestZone, type Motion, origin } from './test-zone.js'
import type { ZonePeers } from './zone-peers.js'

const { EndReason, PeerMessage } = outrider.v1
type Message = outrider.v1.PeerMessage.$Properties
type Name = 'node-a' | 'node-b'

const borderE7 = origin.latitudeDeg * 1e7
/** 250 m. */
const nearE7 = 22_480
const ownerAt = (latitudeE7: number): Name => (latitudeE7 < borderE7 ? 'node-a' : 'node-b')

function createNeighbours({ isLinked = true }: { readonly isLinked?: boolean } = {}) {
  const boots: Record<Name, number> = { 'node-a': 0xa, 'node-b': 0xb }
  const dead = new Set<Name>()
  const deaf = new Set<Name>()
  let linked = isLinked
  const way: { readonly to: Name; readonly bytes: Uint8Array }[] = []
  /** All that was ever said, as `from body`. */
  const said: string[] = []

  const send = (from: Name, to: Name, message: Message): void => {
    if (!linked || from === to) return
    said.push(`${from} ${Object.keys(message)[0]}`)
    way.push({ to, bytes: PeerMessage.encode(message).finish() })
  }

  const acting = (latitudeE7: number): Name | undefined => {
    const owner = ownerAt(latitudeE7)
    return [owner, other(owner)].find(name => !dead.has(name))
  }

  const peersOf = (self: Name): ZonePeers => ({
    isAlive: ({ node, boot }) => !dead.has(node as Name) && boots[node as Name] === boot,
    actsAt: latitudeE7 => acting(latitudeE7) === self,
    isLeftToPeer: latitudeE7 => linked && acting(latitudeE7) !== self,
    evidenceTo(latitudeE7, _longitudeE7, of) {
      const first = of === undefined ? acting(latitudeE7)! : (of.node as Name)
      const both = Math.abs(latitudeE7 - borderE7) <= nearE7 ? (['node-a', 'node-b'] as const) : []
      return [...new Set([first, ...both])].filter(name => name !== self && !dead.has(name))
    },
    tellEvidence(evidence, nodes) {
      for (const to of nodes) send(self, to as Name, { evidence })
    },
    tell({ entry, ...change }) {
      if (!('made' in change) || change.made !== 'here') return
      const monotonicMs = zones[self].nowMs()
      const message = entry.state === 'ended' ? { end: encodeLiveEnd(entry, monotonicMs) } : { alert: encodeLiveAlert(entry, monotonicMs) }
      send(self, other(self), message)
    },
  })

  const zones = {
    'node-a': createTestZone({ node: 'node-a', boot: 0xa, peers: peersOf('node-a') }),
    'node-b': createTestZone({ node: 'node-b', boot: 0xb, peers: peersOf('node-b') }),
  }

  function carry(): void {
    for (let next = way.shift(); next !== undefined; next = way.shift()) {
      if (dead.has(next.to) || deaf.has(next.to)) continue
      const { core } = zones[next.to]
      const { alert, end, evidence } = PeerMessage.decode(next.bytes)
      if (alert != null) core.takeAlert(alert)
      if (end != null) core.takeEnd(end)
      if (evidence != null) core.takeEvidence(evidence)
    }
    for (const zone of Object.values(zones)) zone.turn()
  }

  return {
    a: zones['node-a'],
    b: zones['node-b'],
    said,
    carry,
    pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 500) {
        for (const zone of [zones['node-a'], zones['node-b']]) zone.pass(500)
        carry()
      }
    },
    kill(name: Name) {
      dead.add(name)
      for (const zone of Object.values(zones)) zone.core.peersChanged()
      carry()
    },
    deafen: (name: Name) => void deaf.add(name),
    link(isUp: boolean) {
      linked = isUp
    },
    /** Each tells the other all it holds, as a digest and its answers do. */
    compare() {
      const all = (['node-a', 'node-b'] as const).map(name => {
        const entries = [...zones[name].core.registry.entries()]
        const nowMs = zones[name].nowMs()
        const alerts = entries.flatMap(entry => (entry.state === 'ended' ? [] : [encodeLiveAlert(entry, nowMs)]))
        const ends = entries.flatMap(entry => (entry.state === 'ended' ? [encodeLiveEnd(entry, nowMs)] : []))
        return { to: other(name), alerts, ends }
      })
      for (const { to, alerts, ends } of all) {
        for (const live of alerts) zones[to].core.takeAlert(live)
        for (const live of ends) zones[to].core.takeEnd(live)
      }
      carry()
    },
  }
}

function other(name: Name): Name {
  return name === 'node-a' ? 'node-b' : 'node-a'
}

type TestZone = ReturnType<typeof createTestZone>
type Vehicle = ReturnType<TestZone['vehicle']>

const active = (zone: TestZone) =>
  [...zone.core.registry.entries()].filter(({ state }) => state === 'active').map(({ key, revision }) => `${key} r${revision}`)
const endings = (zone: TestZone) =>
  Object.fromEntries(
    [...zone.core.registry.entries()].flatMap(entry => (entry.state === 'ended' ? [[entry.key, entry.ending.reason]] : [])),
  )

/** An obstacle 50 m ahead of a vehicle that drives north. */
const sees = (northM: number): Motion => ({
  eastM: 0,
  northM,
  speedMps: 15,
  headingDeg: 0,
  observations: [{ cause: 10, subCause: 1, distanceDm: 500, source: 1 }],
})
const drives = (northM: number): Motion => ({ eastM: 0, northM, speedMps: 15, headingDeg: 0 })
const keyA = (sequence: number) => `node-a/0000000a/${sequence}`
const keyB = (sequence: number) => `node-b/0000000b/${sequence}`

function join(zone: TestZone, name: string, motion: Motion, enrolment = name): Vehicle {
  const vehicle = zone.vehicle(name).connect({}, enrolment)
  vehicle.report(motion)
  return vehicle
}

test('two vehicles on both sides of a border make one public alert, of the node that acts at its place, which warns on both sides', () => {
  const { a, b, carry, pass } = createNeighbours()
  const south = join(a, 'south', drives(-200))
  const north = join(b, 'north', drives(-60))
  join(a, 'first', sees(-20))
  carry()
  expect([active(a), active(b)]).toEqual([[], []])
  join(b, 'second', sees(-25))
  carry()
  expect([active(a), active(b)]).toEqual([[`${keyB(1)} r1`], [`${keyB(1)} r1`]])
  expect([south.alerts(), north.alerts()]).toEqual([['10/1 r1'], ['10/1 r1']])
  pass(2_000)
  expect([active(a), active(b)]).toEqual([[`${keyB(1)} r1`], [`${keyB(1)} r1`]])
})

test('one vehicle that both nodes heard is one vehicle', () => {
  const { a, b, carry } = createNeighbours()
  join(a, 'today', sees(-20), 'one enrolment')
  carry()
  join(b, 'tomorrow', sees(-25), 'one enrolment')
  carry()
  expect([active(a), active(b)]).toEqual([[], []])
  join(b, 'another', sees(-25))
  carry()
  expect(active(b)).toEqual([`${keyB(1)} r1`])
})

test('evidence from the other side further than 250 m from the border goes to the node that acts there alone', () => {
  const { a, b, carry, said } = createNeighbours()
  for (const name of ['first', 'second']) join(a, name, sees(400))
  carry()
  expect([active(a), active(b)]).toEqual([[`${keyB(1)} r1`], [`${keyB(1)} r1`]])
  expect(said).toEqual(['node-a evidence', 'node-a evidence', 'node-b alert'])
  // Further evidence is its origin's to judge.
  join(a, 'third', sees(405))
  carry()
  expect(said.slice(3)).toEqual(['node-a evidence'])
  expect(a.core.counts.evidenceRefused).toMatchObject({ deferred: 1, explained: 1 })
})

test('who is not linked with the node that acts there, or is not answered, warns itself', () => {
  const island = createNeighbours({ isLinked: false })
  for (const name of ['first', 'second']) join(island.a, name, sees(400))
  expect(active(island.a)).toEqual([`${keyA(1)} r1`])

  const { a, b, carry, deafen, pass } = createNeighbours()
  deafen('node-b')
  for (const name of ['first', 'second']) join(a, name, sees(400))
  carry()
  expect(active(a)).toEqual([])
  pass(1_000)
  expect([active(a), active(b)]).toEqual([[`${keyA(1)} r1`], []])
})

test('a node that is gone: its successor ends its alerts and goes on with what is left of them, for as long as evidence comes', () => {
  const { a, b, carry, kill, pass } = createNeighbours()
  const behind = join(a, 'behind', drives(100))
  for (const name of ['first', 'second']) join(b, name, sees(400))
  carry()
  expect(behind.alerts()).toEqual(['10/1 r1'])
  const before = b.core.registry.get(keyB(1))!
  pass(10_000)
  kill('node-b')
  expect(endings(a)).toEqual({ [keyB(1)]: EndReason.END_REASON_ORIGIN_LOST })
  expect(active(a)).toEqual([`${keyA(1)} r1`])
  const after = a.core.registry.get(keyA(1))!
  expect(after.alert).toMatchObject({ replaces: [before.alert!.id], detectionTimeMs: before.alert!.detectionTimeMs })
  expect(after.validUntilMs).toBeLessThanOrEqual(before.validUntilMs)
  expect(behind.gotten('alert').map(({ alert }) => alert!.replaces?.length ?? 0)).toEqual([0, 1])

  // A vehicle of the lost node comes over, stands before it and sees it still.
  const comes = join(a, 'first', { ...sees(420), speedMps: 0 })
  expect(active(a)).toEqual([`${keyA(1)} r1`])
  while (a.core.registry.get(keyA(1))!.revision === 1) {
    if (a.nowMs() > before.validUntilMs) throw new Error('not renewed')
    comes.report({ ...sees(420), speedMps: 0 })
    pass(1_000)
  }
  const renewed = a.core.registry.get(keyA(1))!
  expect(renewed.alert).toMatchObject({ renewal: true })
  expect(renewed.validUntilMs).toBeGreaterThan(before.validUntilMs)
})

test('without evidence what is taken over ends when the lost one would have', () => {
  const { a, b, carry, kill, pass } = createNeighbours()
  for (const name of ['first', 'second']) join(b, name, sees(400))
  carry()
  const { validUntilMs } = b.core.registry.get(keyB(1))!
  kill('node-b')
  expect(active(a)).toHaveLength(1)
  while (a.nowMs() < validUntilMs) pass(500)
  pass(500)
  expect(active(a)).toEqual([])
})

test('both sides of a cut border issue; when they hear each other again the same one stays', () => {
  const { a, b, carry, link, compare } = createNeighbours()
  link(false)
  for (const [zone, side] of [
    [a, 'a'],
    [b, 'b'],
  ] as const) {
    join(zone, `one of ${side}`, sees(-20))
    join(zone, `two of ${side}`, sees(-25))
  }
  expect([active(a), active(b)]).toEqual([[`${keyA(1)} r1`], [`${keyB(1)} r1`]])
  link(true)
  compare()
  carry()
  expect([active(a), active(b)]).toEqual([[`${keyA(1)} r1`], [`${keyA(1)} r1`]])
  expect([endings(a), endings(b)]).toEqual([{ [keyB(1)]: EndReason.END_REASON_MERGED }, { [keyB(1)]: EndReason.END_REASON_MERGED }])
})

test('drivers of the other side who say that it is gone end an alert', () => {
  const { a, b, carry } = createNeighbours()
  for (const name of ['first', 'second']) join(b, name, sees(400))
  carry()
  const { id, revision } = a.core.registry.get(keyB(1))!
  for (const name of ['third', 'fourth']) {
    const verdicts = [{ alertId: id, revision, kind: outrider.v1.VerdictKind.VERDICT_KIND_GONE, timeMs: a.wallMs() }]
    join(a, name, { ...drives(455), verdicts })
    carry()
  }
  expect(endings(b)).toEqual({ [keyB(1)]: EndReason.END_REASON_RESOLVED })
  expect(endings(a)).toEqual(endings(b))
})

test.each([
  ['no detector of this version', { detector: 'crystal_ball' }],
  ['no position', { position: {} }],
  ['no link', { links: [] }],
  ['too many links', { links: [1, 2, 3].map(day => ({ day, link: 'x' })) }],
  ['a cause that vehicles do not report', { cause: { code: 3 } }],
  ['no cause there is', { cause: { code: 200 } }],
  ['no time', { timeMs: Number.NaN }],
  ['a time to come', { timeMs: 1.9e12 }],
  ['a position at the other end of the earth', { position: { latitudeE7: -535_500_000, longitudeE7: 99_900_000 } }],
])('evidence of a peer with %s is counted and does nothing', (_what, wrong) => {
  const zone = createTestZone()
  const good = {
    detector: 'own_report',
    cause: { code: 10 },
    position: { latitudeE7: borderE7, longitudeE7: origin.longitudeDeg * 1e7 },
    timeMs: zone.wallMs(),
    strengthPercent: 100,
    links: [{ day: 20_717, link: 'somebody' }],
    positionAccuracyDm: 50,
  }
  zone.core.takeEvidence({ ...good, ...wrong, ...('cause' in wrong ? { strengthPercent: 50 } : {}) })
  expect(zone.core.counts.evidenceRefused.malformed).toBe(1)
  expect(zone.core.gauges().hazards.hazards).toBe(0)
  zone.core.takeEvidence({ ...good, timeMs: zone.wallMs() - 600_000 })
  expect(zone.core.counts.evidenceRefused.outdated).toBe(1)
  zone.core.takeEvidence(good)
  expect(active(zone)).toEqual(['node-a/0000b007/1 r1'])
})

test('the same reports, messages of peers and answers about them give the same records, byte for byte', () => {
  const records = () => {
    const { a, b, carry, kill, pass } = createNeighbours()
    join(a, 'behind', drives(-200))
    join(a, 'first', sees(-20))
    carry()
    join(b, 'second', sees(-25))
    carry()
    pass(3_000)
    kill('node-b')
    pass(3_000)
    return [a, b].map(zone => zone.lanes.urgent.records.map(bytes => Buffer.from(bytes).toString('hex')))
  }
  const first = records()
  expect(first[0]!.length).toBeGreaterThan(3)
  expect(records()).toEqual(first)
})
