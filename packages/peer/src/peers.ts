// Whom a node is linked with, who of them lives, and which stream is whose.
import type { PeerClockOffset } from './clock-offset.js'
import { peerLimits as limits } from './limits.js'
import type { PeerLink, PeerLinkEvents } from './link.js'
import { createPeerConnection, type PeerConnection } from './peer-connection.js'
import type { PeerState, Peers, PeersOptions } from './peers-options.js'

interface Peer {
  readonly name: string
  address: string
  connection: PeerConnection | undefined
  /** Of the process last heard; undefined until one was. */
  boot: number | undefined
  heardAtMs: number
  /** The same by the wall clock. */
  heardWallMs: number
  isGone: boolean
  failedAttempts: number
  callAtMs: number
  problem: string
  /** Of the last link. */
  clock: PeerClockOffset | undefined
}

/** Pause before an attempt: doubles with each failure, and is drawn between half of that and the whole. */
function retryDelayMs(failedAttempts: number, random: () => number): number {
  const fullMs = Math.min(limits.retryMsMax, limits.retryMsMin * 2 ** Math.min(failedAttempts - 1, 30))
  return fullMs * (0.5 + random() / 2)
}

export function createPeers(options: PeersOptions): Peers {
  const { node, boot, time, random, onEvent } = options
  const peers = new Map<string, Peer>()
  /** Accepted, and not yet said who they are. */
  const strangers = new Set<PeerConnection>()
  const counts: Record<string, number> = {}
  let tickedAtMs = time.monotonicMs()
  let cancelTick = () => {}
  let isRunning = false
  let resyncDue = false
  let resyncedAtMs = Number.NEGATIVE_INFINITY

  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1
  }

  function call(peer: Peer): void {
    const connection: PeerConnection = createPeerConnection({
      ...options,
      isCaller: true,
      count,
      onHello: hello => (hello.node === peer.name ? greet(peer, hello, connection) : `it says that it is ${hello.node}`),
      onHeard: heard,
      onLearned,
      onClosed: reason => closed(peer, connection, reason),
    })
    peer.connection = connection
    connection.begin(options.openLink(peer.name, peer.address, connection.events))
  }

  function accept(link: PeerLink, whyNot: (name: string) => string | undefined): PeerLinkEvents {
    const connection: PeerConnection = createPeerConnection({
      ...options,
      isCaller: false,
      count,
      onHello(hello) {
        const name = hello.node ?? ''
        const peer = peers.get(name)
        const why = whyNot(name) ?? (peer === undefined ? `${name} is no peer of this node by its zone table` : undefined)
        if (why !== undefined || peer === undefined) return why
        if (name > node) return `${name} is to be called by ${node}, which has the smaller name`
        const refusal = greet(peer, hello, connection)
        if (refusal === undefined) strangers.delete(connection)
        return refusal
      },
      onHeard: heard,
      onLearned,
      onClosed(reason) {
        const isStranger = strangers.delete(connection)
        const peer = peers.get(connection.peer ?? '')
        if (peer !== undefined) closed(peer, connection, reason)
        else if (isStranger) refused('', reason)
      },
    })
    if (strangers.size >= limits.strangersMax) {
      link.close()
      refused('', 'too many streams that have not said who they are')
      return connection.events
    }
    strangers.add(connection)
    connection.begin(link)
    return connection.events
  }

  /** Takes the connection as the peer's only one, the newest: the other side opens another only when it has given up the last. */
  function greet(
    peer: Peer,
    hello: { readonly authority?: string | null; readonly boot?: number | null },
    connection: PeerConnection,
  ): string | undefined {
    if ((hello.authority ?? '') !== options.authority) return `its authority is "${hello.authority}", not "${options.authority}"`
    if (peer.connection !== undefined && peer.connection !== connection) {
      const before = peer.connection
      peer.connection = undefined
      before.close('another stream took its place')
    }
    peer.connection = connection
    peer.problem = ''
    const isNew = peer.boot !== (hello.boot ?? 0)
    // What the process before told us, it may not have told the others.
    resyncDue ||= isNew && peer.boot !== undefined
    peer.boot = hello.boot ?? 0
    onEvent({ event: 'peer_opened', peer: peer.name, boot: peer.boot })
    count('opened')
    present(peer, isNew)
    return undefined
  }

  function refused(name: string, reason: string): void {
    count('refused')
    onEvent({ event: 'peer_refused', peer: name, reason })
  }

  function closed(peer: Peer, connection: PeerConnection, reason: string): void {
    if (peer.connection !== connection) return
    peer.connection = undefined
    peer.clock = connection.clock ?? peer.clock
    peer.failedAttempts = connection.peer === undefined ? peer.failedAttempts + 1 : 1
    peer.callAtMs = time.monotonicMs() + retryDelayMs(peer.failedAttempts, random)
    const isNews = peer.problem !== reason
    peer.problem = reason
    count('closed')
    if (isNews) onEvent({ event: 'peer_closed', peer: peer.name, reason })
  }

  function heard(name: string): void {
    const peer = peers.get(name)
    if (peer !== undefined) present(peer, false)
  }

  function present(peer: Peer, isNew: boolean): void {
    peer.heardAtMs = time.monotonicMs()
    peer.heardWallMs = time.wallMs()
    if (!peer.isGone && !isNew) return
    peer.isGone = false
    onEvent({ event: 'peer_heard', peer: peer.name, boot: peer.boot ?? 0 })
    options.onPresence()
  }

  function tick(): void {
    const nowMs = time.monotonicMs()
    // If it was this process that stood still, others were not heard because nobody listened: they have two heartbeats more.
    const stoodStill = nowMs - tickedAtMs > 2 * limits.heartbeatMs
    tickedAtMs = nowMs
    cancelTick = time.schedule(limits.heartbeatMs, tick)
    for (const peer of peers.values()) {
      if (stoodStill && !peer.isGone) peer.heardAtMs = Math.max(peer.heardAtMs, nowMs - limits.goneMs + 2 * limits.heartbeatMs)
      if (!peer.isGone && nowMs - peer.heardAtMs >= limits.goneMs) lost(peer)
      if (!(stoodStill && !peer.isGone)) peer.connection?.tick()
      if (peer.connection === undefined && node < peer.name && nowMs >= peer.callAtMs) call(peer)
    }
    for (const stranger of [...strangers]) stranger.tick()
    if (!resyncDue || nowMs - resyncedAtMs < limits.learnedEveryMs) return
    resyncDue = false
    resyncedAtMs = nowMs
    resync()
  }

  function onLearned(): void {
    resyncDue = true
  }

  function lost(peer: Peer): void {
    peer.isGone = true
    count('gone')
    onEvent({ event: 'peer_gone', peer: peer.name })
    options.onPresence()
    // Others may have heard from it what we have not.
    resync()
  }

  function resync(): void {
    for (const { connection } of peers.values()) connection?.resync()
  }

  return {
    setNodes(nodes) {
      const wanted = new Map([...nodes].filter(([name]) => name !== node).slice(0, limits.peersMax))
      for (const [name, peer] of [...peers]) {
        if (wanted.has(name)) continue
        peers.delete(name)
        peer.connection?.close('it is no peer any more')
      }
      const nowMs = time.monotonicMs()
      for (const [name, address] of wanted) {
        const known = peers.get(name)
        if (known !== undefined) {
          known.address = address
          continue
        }
        const fresh = {
          heardWallMs: time.wallMs(),
          clock: undefined,
          connection: undefined,
          boot: undefined,
          isGone: false,
          failedAttempts: 0,
          callAtMs: nowMs,
          problem: 'not yet heard',
        }
        peers.set(name, { name, address, heardAtMs: nowMs, ...fresh })
      }
      resync()
    },
    start() {
      if (isRunning) return
      isRunning = true
      tickedAtMs = time.monotonicMs()
      for (const peer of peers.values()) peer.heardAtMs = tickedAtMs
      tick()
    },
    accept,
    isAlive(id, writtenMs = Number.NEGATIVE_INFINITY) {
      if (id.node === node) return id.boot === boot
      const peer = peers.get(id.node)
      // Who was never heard is not linked, rather than gone: nobody would know it for a day, and take over from it for as long.
      if (peer?.boot === undefined) return true
      if (!peer.isGone) return peer.boot === id.boot
      return writtenMs - (peer.clock?.offsetMs ?? 0) > peer.heardWallMs + limits.goneMs
    },
    isLinked: name => peers.get(name)?.connection?.peer !== undefined,
    isHeard: name => !(peers.get(name)?.isGone ?? false),
    takesVehicles(name) {
      const peer = peers.get(name)
      return peer === undefined || (!peer.isGone && (peer.connection?.ready ?? true))
    },
    tell(key, names) {
      for (const name of names) peers.get(name)?.connection?.tell(key)
    },
    tellEvidence(evidence, name) {
      const connection = peers.get(name)?.connection
      if (connection === undefined) count('evidence_unlinked')
      else connection.tellEvidence(evidence)
    },
    resync,
    state: () => [...peers.values()].map(stateOf),
    counts,
    stop() {
      isRunning = false
      cancelTick()
      const all = [...peers.values()].flatMap(({ connection }) => connection ?? [])
      for (const connection of [...all, ...strangers]) connection.close('stopped')
    },
  }
}

function stateOf({ name, connection, isGone, problem }: Peer): PeerState {
  return {
    name,
    connected: connection?.peer !== undefined,
    inStep: connection?.inStep ?? false,
    isGone,
    ready: connection?.ready ?? false,
    vehicles: connection?.vehicles ?? 0,
    clock: connection?.clock,
    waiting: connection?.waiting ?? 0,
    problem,
  }
}
