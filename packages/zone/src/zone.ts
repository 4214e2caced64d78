import type { AlertDraft, AlertOutcome, AlertRegistry, EndOrder, RegistryCounts } from '@outrider/alerts'
import type { ApproachCounts, Arrival, DeliveryCounts, FlushResult, LedgerCounts, RevisionCounts } from '@outrider/delivery'
import type { DetectionPolicy, HazardCounts, RestoreOutcome } from '@outrider/detection'
import type { CompiledArea } from '@outrider/geo'
import type { VehicleIdentity } from '@outrider/identity'
import type { CloseCodeName, LaneName, outrider } from '@outrider/protocol'
import type { OverloadLevel } from './admission.js'
import type { OpenDelivery } from './open-deliveries.js'
import type { Recovery } from './recover-deliveries.js'
import type { VehicleView } from './view-vehicle.js'
import type { ZoneCounts } from './zone-counts.js'
import type { ZonePeers } from './zone-peers.js'
import type { ZonePolicy } from './zone-policy.js'
import type { RecordLane, StageTimes, ZoneClock, ZoneSockets } from './zone-ports.js'

/** The part of the earth a node reckons in: up to 370 km from the origin, of which `extent` is indexed finely. */
export interface ZoneGround {
  /** The zone's middle, degrees. */
  readonly latitudeDeg: number
  readonly longitudeDeg: number
  /** Half the sides of the indexed box, m. What is outside is found too, only more slowly. */
  readonly eastM: number
  readonly northM: number
}

export interface ZoneOptions {
  /** Name of the node, 1..64 bytes, no slash; of its zone; and of the authority whose alerts it issues. */
  readonly node: string
  readonly zone: string
  readonly authority: string
  /** Random number drawn at process start, 0..4294967295: no restart can reuse an identity. */
  readonly boot: number
  readonly ground: ZoneGround
  readonly clock: ZoneClock
  readonly sockets: ZoneSockets
  readonly lanes: Readonly<Record<LaneName, RecordLane>>
  /** Nodes next to this one, for the welcome; at most 32. */
  readonly neighbours?: () => readonly outrider.v1.Neighbour.$Properties[]
  /** Other nodes that alerts and evidence cross borders to; none if not given. */
  readonly peers?: ZonePeers
  /** Name of the node that has a position in 1e-7 degrees, to tell where a vehicle went. */
  readonly ownerOf?: (latitudeE7: number, longitudeE7: number) => string | undefined
  /** @throws ZoneError `policy_invalid` */
  readonly policy?: Partial<ZonePolicy>
  /** @throws DetectionError `policy_invalid` */
  readonly detection?: Partial<DetectionPolicy>
  /** Told of the times of reports that led to an alert, and of 1 in 64 of the others. The array is reused. */
  readonly onStages?: (times: StageTimes, row: number) => void
  /** Told of a vehicle that was targeted and has come to the hazard, once per vehicle and alert. */
  readonly onArrival?: (arrival: Arrival, causeCode: number) => void
}

/** A connection's row, or the close code to refuse it with. */
export type OpenOutcome = { readonly row: number } | { readonly refused: CloseCodeName }

/** What a zone holds now, beside its counters. */
export interface ZoneGauges {
  readonly sessions: number
  readonly connected: number
  readonly activeAlerts: number
  readonly hazards: HazardCounts
  readonly registry: RegistryCounts
  readonly deliveries: DeliveryCounts
}

/**
 * A node, less its sockets. Synchronous: every call does what it says before it returns, and nothing happens between calls but
 * acknowledgements after an fsync. The turn of the caller: any number of calls, then `flush`; `tick` twice a second.
 */
export interface Zone {
  /** A socket whose token was verified. A vehicle's older socket is closed (`replaced`) and its row taken over. */
  open(vehicle: VehicleIdentity, json: boolean): OpenOutcome
  /** One message. `bytes` are only read during the call. */
  receive(row: number, bytes: Uint8Array, isText: boolean): void
  /** The socket closed, from whatever side but this one's. @param isStalled its peer did not read or answer any more */
  closed(row: number, isStalled?: boolean): void
  /** The socket's buffer is empty again. */
  drained(row: number): void
  /** Sends what is due, up to a slice; if there is `more`, call it again next turn. */
  flush(): FlushResult
  tick(): void

  /** A live alert or end from the region or a peer, at the moment it came. */
  takeAlert(live: outrider.v1.LiveAlert.$Properties): AlertOutcome<CompiledArea>
  takeEnd(live: outrider.v1.LiveEnd.$Properties): AlertOutcome<CompiledArea>
  /** What another node's vehicle saw, at the moment it came, dated by this node's clock. */
  takeEvidence(evidence: outrider.v1.Evidence.$Properties): void
  /** A peer is gone, is back or started anew: alerts whose origin is lost are taken over at once, not with the next tick. */
  peersChanged(): void
  /** An operator's or partner's alert of this node's own, public at once; a revision of it; and its end. Who may is decided by the caller. */
  issue(draft: AlertDraft): AlertOutcome<CompiledArea>
  revise(key: string, draft: AlertDraft, expectedRevision?: number): AlertOutcome<CompiledArea>
  end(key: string, order: EndOrder, expectedRevision?: number): AlertOutcome<CompiledArea>
  /** What is active, for peers and queries; to be read, not called. */
  readonly registry: Pick<AlertRegistry<CompiledArea>, 'get' | 'entries' | 'digest' | 'difference' | 'answer'>

  /**
   * After a crash, before the first socket: takes up what the records say the process before left open (`createOpenDeliveries`).
   * Nothing is written down again; what becomes of them is.
   */
  recover(open: readonly OpenDelivery[]): Recovery

  /** What was learned of usual traffic, for a file: 100 bytes a cell and direction, some ms to make. */
  learned(): Uint8Array
  /** Takes up what was learned before, in place of what is known. */
  relearn(bytes: Uint8Array): RestoreOutcome

  /** How much the node is behind, as its app measures it. */
  setOverload(level: OverloadLevel): void
  /** Tells every vehicle to go elsewhere, calmly. */
  drain(reconnect: outrider.v1.Reconnect.$Properties, closesInMs: number): void
  /** Closes every session with a code. */
  closeAll(code: CloseCodeName): void

  /**
   * What is known and thought of a vehicle, right after a report of its own was believed. @param withinM hazards and alerts around it
   * @returns undefined if no vehicle has the row, or it never said where it is
   */
  view(row: number, withinM: number): VehicleView | undefined

  readonly counts: ZoneCounts
  gauges(): ZoneGauges
  /** Deliveries of an alert by revision, and over all alerts since the start: targeted = the sum of the rest, at any moment. */
  ledger(key: string): readonly RevisionCounts[] | undefined
  totals(): LedgerCounts
  /** What warnings were good for, since the start: shown = reached + left + over + gone + those still on their way. */
  approaches(): Readonly<ApproachCounts>
}
