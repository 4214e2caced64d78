import type { outrider } from '@outrider/protocol'
import type { PeerClockOffset } from './clock-offset.js'
import type { OpenPeerLink, PeerLink, PeerLinkEvents, PeerTime } from './link.js'
import type { PeerAlerts } from './peer-alerts.js'

export type PeerEvent =
  | { readonly event: 'peer_opened'; readonly peer: string; readonly boot: number }
  /** @param reason for a person */
  | { readonly event: 'peer_closed'; readonly peer: string; readonly reason: string }
  /** Not heard for a second: its successors act. */
  | { readonly event: 'peer_gone'; readonly peer: string }
  /** Heard again, or for the first time. */
  | { readonly event: 'peer_heard'; readonly peer: string; readonly boot: number }
  /** Somebody called who may not, or before it said who it is. */
  | { readonly event: 'peer_refused'; readonly peer: string; readonly reason: string }

export interface PeersOptions {
  readonly node: string
  readonly zone: string
  /** Random uint32 of this process. */
  readonly boot: number
  readonly authority: string
  readonly alerts: PeerAlerts
  readonly openLink: OpenPeerLink
  readonly time: PeerTime
  /** 0 ≤ r < 1, for the pauses between attempts. */
  readonly random: () => number
  /** Whether this node takes vehicles, and how many it has: told with each sign of life. */
  readonly status: () => { readonly ready: boolean; readonly vehicles: number }
  /** The zone table in use; a peer that has an older one is told, at the latest with the next sign of life. */
  readonly zoneTable: () => outrider.v1.ZoneTable.$Properties
  /** What a peer says, at the moment it came. */
  readonly onAlert: (live: outrider.v1.LiveAlert.$Properties, peer: string) => void
  readonly onEnd: (live: outrider.v1.LiveEnd.$Properties, peer: string) => void
  /** @param clock of the peer against ours, if known: its times are by its clock */
  readonly onEvidence: (evidence: outrider.v1.Evidence.$Properties, peer: string, clock: PeerClockOffset | undefined) => void
  readonly onZoneTable: (table: outrider.v1.ZoneTable.$Properties) => void
  /** A peer is gone, is back, or started anew. */
  readonly onPresence: () => void
  readonly onEvent: (event: PeerEvent) => void
}

export interface PeerState {
  readonly name: string
  readonly connected: boolean
  /** Both have told each other what they hold, and nothing waits. */
  readonly inStep: boolean
  readonly isGone: boolean
  /** Takes vehicles, by its last sign of life. */
  readonly ready: boolean
  readonly vehicles: number
  readonly clock: PeerClockOffset | undefined
  /** Alerts, ends and evidence that wait for room. */
  readonly waiting: number
  /** Why there is no link, as far as known. */
  readonly problem: string
}

/**
 * All links of a node to its peers: one stream a pair, which the smaller name calls. A peer is told what concerns it by key; what goes out
 * is the alert as it stands when there is room. Call nothing from within the callbacks but `tell`, `tellEvidence` and questions.
 */
export interface Peers {
  /** Who is to be linked, and at which host:port; links to others end. */
  setNodes(nodes: ReadonlyMap<string, string>): void
  start(): void
  /** A stream that somebody opened. @param whyNot why its certificate does not speak for a node, if so */
  accept(link: PeerLink, whyNot: (node: string) => string | undefined): PeerLinkEvents
  /**
   * False if the process that issued an alert is known to be gone: not heard for a second, or started anew. Who is no peer, or was never heard,
   * counts as alive. @param writtenMs when the alert was written, by its node's clock: later than that one was heard, it came another
   * way (the region's), and the node lives behind a cut border
   */
  isAlive(id: { readonly node: string; readonly boot: number }, writtenMs?: number): boolean
  /** True if there is a link to it that carries something now. */
  isLinked(node: string): boolean
  /** The same as `isAlive` of a node, whichever process it is. */
  isHeard(node: string): boolean
  /** True unless it is gone or said that it takes no vehicles. */
  takesVehicles(node: string): boolean
  /** Tells peers of an alert or its end. */
  tell(key: string, peers: Iterable<string>): void
  tellEvidence(evidence: outrider.v1.Evidence.$Properties, peer: string): void
  /** Compares with all peers anew: whom an alert concerns has changed. */
  resync(): void
  state(): readonly PeerState[]
  readonly counts: Readonly<Record<string, number>>
  /** Ends all links. Idempotent. */
  stop(): void
}
