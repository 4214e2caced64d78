// Links with neighbouring nodes: what the zone knows of them and tells them, and what they say on its way into the zone.
// Nothing here runs within the alert path but questions about who lives and who acts where; what is to be told goes out at the end of the turn.
import { type AlertChange, encodeLiveAlert, encodeLiveEnd, type StandingAlert } from '@outrider/alerts'
import type { CompiledArea } from '@outrider/geo'
import { createPeers, type OpenPeerLink, type PeerEvent, type PeerState, type Peers, type PeerTime } from '@outrider/peer'
import type { outrider } from '@outrider/protocol'
import type { HealthState } from '@outrider/service'
import type { Zone, ZonePeers } from '@outrider/zone'
import { actingNode, evidenceNodes, type Footprint, footprintsOf, nodesReached, peerNodes, type Zones } from '@outrider/zone-table'
import type { HandOver } from './hand-over.js'

export interface PeerLinksOptions {
  readonly node: string
  readonly zoneName: string
  /** Random uint32 of this process. */
  readonly boot: number
  readonly authority: string
  readonly openLink: OpenPeerLink
  readonly zones: () => Zones
  readonly time: PeerTime
  readonly random: () => number
  /** Asked after construction only. */
  readonly zone: () => Pick<Zone, 'registry' | 'takeEvidence' | 'peersChanged'>
  readonly handOver: () => Pick<HandOver, 'takeAlert' | 'takeEnd'>
  /** Whether this node takes vehicles, and how many it has. */
  readonly status: () => { readonly ready: boolean; readonly vehicles: number }
  /** Calls once, at the end of this turn of the loop. */
  readonly nextTurn: (call: () => void) => void
  /** The zone has something to send. */
  readonly onTaken: () => void
  readonly onZoneTable: (table: outrider.v1.ZoneTable.$Properties) => void
  readonly onEvent: (event: PeerEvent) => void
}

export interface PeerLinks {
  /** For the zone. */
  readonly peers: ZonePeers
  /** Calls whom it has to. */
  start(): void
  /** A stream that somebody opened. */
  readonly accept: Peers['accept']
  /** Call with each tick: takes note of a new zone table. */
  look(): void
  /** A footprint's nodes, who takes vehicles first, then who is alive, each as the table has them. */
  inOrder(nodes: readonly string[]): readonly string[]
  state(): readonly PeerState[]
  readonly counts: Readonly<Record<string, number>>
  /** Always ok: a node warns by itself. The detail says how the links stand. */
  health(): HealthState
  stop(): void
}

type Entry = NonNullable<ReturnType<Zone['registry']['get']>>

/** A peer's clock further off than this is shown. */
const clockShownMs = 1_000

export function createPeerLinks(options: PeerLinksOptions): PeerLinks {
  const { node, time, zones } = options
  let usedZones: Zones | undefined
  /** Those of peers: alerts are matched with no others. */
  let footprints: readonly Footprint[] = []
  /** Whom an alert reaches, reckoned once for each revision and table, as it comes: a digest of thousands then costs no reckoning. */
  let reached = new WeakMap<object, ReadonlySet<string>>()
  /** Changes and evidence to be looked at and told at the end of this turn. */
  let changed: AlertChange<CompiledArea>[] = []
  let seen: { readonly evidence: outrider.v1.Evidence.$Properties; readonly nodes: readonly string[] }[] = []
  let isDue = false

  const now = () => ({ monotonicMs: time.monotonicMs(), wallMs: time.wallMs() })

  function reachedBy(alert: StandingAlert<CompiledArea>['alert']): ReadonlySet<string> {
    const known = reached.get(alert)
    if (known !== undefined) return known
    const found = nodesReached(footprints, alert)
    reached.set(alert, found)
    return found
  }

  /** An end without its alert: nobody can say where it was, and an end harms nobody. */
  const concerns = (peer: string) => (entry: Entry) => entry.alert === undefined || reachedBy(entry.alert).has(peer)

  const links = createPeers({
    ...options,
    zone: options.zoneName,
    alerts: {
      digest: peer => options.zone().registry.digest(concerns(peer), now()),
      difference: (peer, theirs) => options.zone().registry.difference(theirs, concerns(peer), now()),
      live(key) {
        const entry = options.zone().registry.get(key)
        if (entry === undefined) return undefined
        const { monotonicMs } = now()
        return entry.state === 'ended' ? { end: encodeLiveEnd(entry, monotonicMs) } : { alert: encodeLiveAlert(entry, monotonicMs) }
      },
    },
    zoneTable: () => zones().table,
    onAlert: live => options.handOver().takeAlert(live),
    onEnd: live => options.handOver().takeEnd(live),
    onEvidence(evidence, _peer, clock) {
      options.zone().takeEvidence({ ...evidence, timeMs: (evidence.timeMs ?? Number.NaN) - (clock?.offsetMs ?? 0) })
      options.onTaken()
    },
    onPresence() {
      options.zone().peersChanged()
      options.onTaken()
    },
  })

  function tellAtEndOfTurn(): void {
    if (isDue) return
    isDue = true
    options.nextTurn(() => {
      isDue = false
      const changes = changed
      const evidence = seen
      changed = []
      seen = []
      for (const one of evidence) for (const peer of one.nodes) links.tellEvidence(one.evidence, peer)
      for (const change of changes) {
        const { key, alert } = change.entry
        const nodes = alert === undefined ? links.state().map(({ name }) => name) : reachedBy(alert)
        if ('made' in change && change.made === 'here') links.tell(key, nodes)
      }
    })
  }

  const actingAt = (latitudeE7: number, longitudeE7: number) => actingNode(zones(), latitudeE7, longitudeE7, links.isHeard)

  const peers: ZonePeers = {
    isAlive: links.isAlive,
    // Where no footprint is nobody acts: what a lost node left there runs out.
    actsAt: (latitudeE7, longitudeE7) => actingAt(latitudeE7, longitudeE7) === node,
    isLeftToPeer(latitudeE7, longitudeE7) {
      const acting = actingAt(latitudeE7, longitudeE7)
      return acting !== undefined && acting !== node && links.isLinked(acting)
    },
    evidenceTo(latitudeE7, longitudeE7, of) {
      const near = evidenceNodes(zones(), latitudeE7, longitudeE7, links.isHeard)
      const origin = of === undefined || (of.node !== node && !links.isLinked(of.node)) ? actingAt(latitudeE7, longitudeE7) : of.node
      const nodes = near.length > 1 ? near : []
      if (origin !== undefined && !nodes.includes(origin)) nodes.push(origin)
      return nodes.filter(name => name !== node)
    },
    tellEvidence(evidence, nodes) {
      seen.push({ evidence, nodes })
      tellAtEndOfTurn()
    },
    tell(change) {
      changed.push(change)
      tellAtEndOfTurn()
    },
  }

  function look(): void {
    const current = zones()
    if (current === usedZones) return
    usedZones = current
    reached = new WeakMap()
    const nodes = peerNodes(current, node)
    footprints = footprintsOf(current, new Set(nodes.keys()))
    links.setNodes(nodes)
  }

  const rankOf = (name: string): number => (name === node || links.takesVehicles(name) ? 0 : links.isHeard(name) ? 1 : 2)

  return {
    peers,
    start() {
      look()
      links.start()
    },
    accept: links.accept,
    look,
    inOrder: nodes => [...nodes].sort((a, b) => rankOf(a) - rankOf(b)),
    state: links.state,
    counts: links.counts,
    health() {
      const states = links.state()
      return { ok: true, detail: states.length === 0 ? 'no neighbours in the zone table' : states.map(textOf).join('; ') }
    },
    stop: links.stop,
  }
}

function textOf({ name, connected, isGone, ready, inStep, waiting, clock, problem }: PeerState): string {
  if (!connected) return `${name} ${isGone ? 'gone' : 'not linked'}${problem === '' ? '' : ` (${problem})`}`
  const offsetMs = Math.round(clock?.offsetMs ?? 0)
  const notes = [
    inStep ? '' : `${waiting} wait`,
    ready ? '' : 'takes no vehicles',
    Math.abs(offsetMs) > clockShownMs ? `its clock is ${Math.abs(offsetMs)} ms ${offsetMs > 0 ? 'ahead' : 'behind'}` : '',
  ].filter(note => note !== '')
  return `${name} linked${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
}
