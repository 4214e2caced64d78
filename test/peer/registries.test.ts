// Registries of nodes that are linked as peers, with partitions, restarts, repeats and overtaking: after healing those that an alert reaches
// both hold the same within a second, and nothing that ended comes back.
import { type Alert, type AlertEntry, type AlertRegistry, createAlertRegistry, encodeLiveAlert, encodeLiveEnd } from '@outrider/alerts'
import { createPeers, type PeerAlerts, type Peers } from '@outrider/peer'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWorld, seededRandom, type World } from './simulated-world.js'

const { AlertStatus, EndReason, IssuerRole } = outrider.v1
const names = ['node-a', 'node-b', 'node-c'] as const
const nodesMax = names.length

interface Node {
  readonly name: string
  readonly registry: AlertRegistry<true>
  readonly peers: Peers
  readonly now: () => { readonly monotonicMs: number; readonly wallMs: number }
}

/** Whom an alert reaches, as bits by node; carried in its cause. */
const reaches = (entry: AlertEntry<true>, name: string): boolean => {
  const bits = entry.alert === undefined ? 7 : (entry.alert.cause?.subCause ?? 0)
  return (bits & (1 << names.indexOf(name as (typeof names)[number]))) !== 0
}

/** What a planted fault takes away. */
interface Sabotage {
  readonly tellsNobody?: boolean
  readonly comparesNothing?: boolean
}

function startNode(world: World, name: string, boot: number, random: () => number, { comparesNothing, tellsNobody }: Sabotage): Node {
  const time = world.timeOf(name)
  const now = () => ({ monotonicMs: time.monotonicMs(), wallMs: time.wallMs() })
  const registry = createAlertRegistry<true>({ node: name, boot, compileArea: () => ({ ok: true, area: true }) })
  const alerts: PeerAlerts = {
    digest: peer => registry.digest(entry => reaches(entry, peer), now()),
    difference: (peer, theirs) =>
      comparesNothing ? { alerts: [], ends: [], wanted: [] } : registry.difference(theirs, entry => reaches(entry, peer), now()),
    live(key) {
      const entry = registry.get(key)
      if (entry === undefined) return undefined
      return entry.state === 'ended'
        ? { end: encodeLiveEnd(entry, now().monotonicMs) }
        : { alert: encodeLiveAlert(entry, now().monotonicMs) }
    },
  }
  const peers = createPeers({
    node: name,
    zone: 'altstadt',
    boot,
    authority: 'test',
    alerts,
    openLink: world.openLinkOf(name),
    time,
    random,
    status: () => ({ ready: true, vehicles: 0 }),
    zoneTable: () => ({ version: 1 }),
    onAlert: live => void registry.receiveAlert(live, now()),
    onEnd: live => void registry.receiveEnd(live, now()),
    onEvidence: () => {},
    onZoneTable: () => {},
    onPresence: () => {},
    onEvent: () => {},
  })
  world.listen(name, (link, from) => peers.accept(link, node => (node === from ? undefined : 'another name')))
  peers.setNodes(new Map(names.map(node => [node, 'simulated'])))
  peers.start()
  return { name, registry, peers: tellsNobody ? { ...peers, tell: () => {} } : peers, now }
}

const contentOf = (advice: number, bits: number): Alert => ({
  status: AlertStatus.ALERT_STATUS_ACTUAL,
  issuerRole: IssuerRole.ISSUER_ROLE_DETECTED,
  cause: { code: 94, subCause: bits },
  advice,
  eventPosition: { latitudeE7: 535_000_000, longitudeE7: 100_000_000 },
  area: { circle: { radiusCm: 2_000 } },
})
const draft = (advice: number, bits: number) => ({ content: contentOf(advice, bits), validityMs: 60_000, renewable: false })

const at = fc.nat(nodesMax - 1)
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('issue' as const), at, advice: fc.nat(9), bits: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('revise' as const), at, pick: fc.nat(99), advice: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), at, pick: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at, to: at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('heal' as const), at, to: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), at, ms: fc.nat(1_500) }) },
)

/** What has to be equal of the alerts that reach both; of some of those that ended a node knows no more than that. @param reached all that was ever issued */
function fingerprint({ registry }: Node, both: readonly string[], reached: ReadonlyMap<string, AlertEntry<true>>): string[] {
  return [...registry.entries()]
    .filter(({ key }) => both.every(name => reaches(reached.get(key)!, name)))
    .map(entry => `${entry.key} ${entry.state === 'ended' ? 'ended' : `r${entry.revision} ${entry.alert?.advice}`}`)
    .sort()
}

function property(sabotage: Sabotage = {}) {
  return fc.property(fc.integer(), fc.array(action, { minLength: 5, maxLength: 40, size: 'max' }), (seed, actions) => {
    const random = seededRandom(seed)
    const world = createWorld(random)
    let boots = 0
    const reached = new Map<string, AlertEntry<true>>()
    const start = (name: string): Node => startNode(world, name, ++boots, random, sabotage)
    const nodes = names.map(start)
    const ended = names.map(() => new Set<string>())
    world.pass(300)
    for (const step of actions) {
      const node = nodes[step.at]!
      const entries = [...node.registry.entries()]
      const own = entries.filter(entry => entry.own)
      const tell = (outcome: ReturnType<Node['registry']['issue']>) => {
        if (outcome.outcome !== 'changed') return
        for (const { entry } of outcome.changes) {
          if (entry.alert !== undefined) reached.set(entry.key, entry)
          const told = names.filter(name => reaches(entry, name))
          node.peers.tell(entry.key, told)
        }
      }
      if (step.kind === 'issue') tell(node.registry.issue(draft(step.advice, step.bits | (1 << step.at)), node.now()))
      if (step.kind === 'revise' && own.length > 0) {
        const before = own[step.pick % own.length]!
        tell(node.registry.revise(before.key, draft(step.advice, before.alert?.cause?.subCause ?? 0), node.now()))
      }
      if (step.kind === 'end' && entries.length > 0) {
        const { key } = entries[step.pick % entries.length]!
        tell(node.registry.end(key, { reason: EndReason.END_REASON_CANCELLED, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR }, node.now()))
      }
      if (step.kind === 'cut' && step.at !== step.to) world.cut(names[step.at]!, names[step.to]!)
      if (step.kind === 'heal') world.heal(names[step.at]!, names[step.to]!)
      if (step.kind === 'restart') {
        node.peers.stop()
        world.kill(node.name)
        nodes[step.at] = start(node.name)
        ended[step.at]!.clear()
      }
      if (step.kind === 'pass') world.pass(step.ms)
      nodes.forEach(({ registry }, index) => {
        for (const key of ended[index]!) expect(registry.get(key)?.state).toBe('ended')
        for (const entry of registry.entries()) if (entry.state === 'ended') ended[index]!.add(entry.key)
      })
    }
    world.healAll()
    world.pass(1_000)
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const) {
      const both = [names[a], names[b]]
      expect(fingerprint(nodes[b]!, both, reached)).toEqual(fingerprint(nodes[a]!, both, reached))
    }
    for (const { peers } of nodes) {
      for (const state of peers.state()) expect(state).toMatchObject({ connected: true, isGone: false, waiting: 0, inStep: true })
    }
  })
}

test('hold the same within a second after healing, and nothing that ended comes back', () => {
  fc.assert(property(), { seed: 5, numRuns: 150 })
})

test.each([{ tellsNobody: true }, { comparesNothing: true }])('the property catches a node that %o', sabotage => {
  expect(fc.check(property(sabotage), { seed: 5, numRuns: 150 }).failed).toBe(true)
})
