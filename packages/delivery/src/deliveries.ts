import type { outrider } from '@outrider/protocol'
import type { ApproachCounts, Arrival } from './approach.js'
import type { DeliveryTransition } from './delivery-transition.js'
import type { LedgerCounts, RevisionCounts } from './ledger.js'
import type { SocketPort } from './socket-port.js'

type AlertId = outrider.v1.AlertId.$Properties

export interface DeliveriesOptions {
  readonly socket: SocketPort
  /** Told of every step, synchronously and in order; it must not call back. */
  readonly onTransition: (step: DeliveryTransition) => void
  /** Rows of vehicles, 1..1,048,576: rows are 0..rowsMax - 1, given and taken back by the caller. */
  readonly rowsMax: number
  /** Alerts at once, ended ones included until they are forgotten. Default 16,384, as many as a registry holds. */
  readonly alertsMax?: number
  /** Alerts open for one vehicle at once (Welcome's outboxAlerts). Default 16. When full, the least urgent open one is dropped: outbox_full. */
  readonly outboxMax?: number
  /** Alerts remembered for one vehicle at once, open or closed. Default 64. When full, the oldest whose alert is over makes room. */
  readonly pairsPerRowMax?: number
  /**
   * (alert, vehicle) pairs at once. Default 16 × rowsMax, at 113 bytes a pair 1.8 KiB a vehicle. When full, a
   * pair whose alert is over makes room, the vehicle's own first; without one `target` answers `full`, counted, and nothing is targeted.
   */
  readonly pairsMax?: number
}

/** One revision of an alert, ready to be sent. */
export interface PublishedAlert {
  readonly id: AlertId
  readonly revision: number
  /** The content; undefined = known from this node's own records only (after a crash), so nothing is sent until it is published with content. */
  readonly alert: outrider.v1.Alert.$Properties | undefined
  /** End of validity on the monotonic clock in ms. */
  readonly validUntilMs: number
}

/** What became of a targeting. */
export type TargetOutcome =
  /** Opened; it goes out with the next flush if the vehicle is there. */
  | 'opened'
  /** The vehicle holds the revision: acknowledged at once. */
  | 'held'
  /** This revision or a newer one was delivered to this vehicle before, or is being: never a second time. If it still waits, its urgency was updated. */
  | 'known'
  /** The outbox is full of more urgent alerts: opened and dropped. */
  | 'dropped'
  /** No room to remember it: nothing was targeted, and it was counted. */
  | 'full'
  /** The alert has ended or its validity is over: nothing was targeted. */
  | 'over'

/** What a vehicle says about an alert revision. */
export interface Acknowledgement {
  readonly id: AlertId
  readonly revision: number
  readonly stage: outrider.v1.DeliveryStage
  readonly dropReason: outrider.v1.DropReason
  /** Vehicle clock, ms since 1970-01-01 UTC; undefined = not said. */
  readonly vehicleTimeMs: number | undefined
}

/** An alert the vehicle says it has (Hello's held). */
export interface Held {
  readonly id: AlertId
  readonly revision: number
}

export interface SessionStart {
  /** True for the JSON subprotocol. */
  readonly json: boolean
  /** False for a standby link: targeted and kept, but sent nothing until it is primary. */
  readonly primary: boolean
  readonly held: readonly Held[]
}

/** What a flush did. */
export interface FlushResult {
  /** Messages written, alerts and ends. */
  readonly sends: number
  /** True if the slice was used up and more is due: call again next turn. */
  readonly more: boolean
}

/**
 * A node's deliveries: who is to get which alert, in which order, and what became of it.
 *
 * - A delivery is (alert, revision, vehicle, node). It is targeted at most once and has one outcome; `ledger` adds up after every call.
 * - Synchronous; the monotonic clock is an argument and must not go back. No timers: expiry is told by the caller, and checked at the send.
 * - Alerts are slots, vehicles are rows: integers, so that targeting 10,000 vehicles allocates nothing but their transitions.
 * - Order of sends: imminent, warning, ends, information; within each by time to hazard. All that is due to a vehicle goes out in one write.
 * - A live socket is sent a revision once. On a new connection of the same row what was not received is sent again.
 * - Invalid rows and slots are broken invariants and throw DeliveryError.
 *
 * The turn of the caller: publish → target each match → settle; flush once per turn; writable on a drain event; stalled once per turn.
 */
export interface Deliveries {
  /**
   * Opens an alert or a newer revision of it; the shared bytes are encoded here, once. The same revision again sets validity and content.
   * Older revisions stay open until their vehicles are targeted with this one or `settle` closes them; they are not sent any more.
   * @returns the alert's slot, the same for all its revisions, until `forget`
   * @throws DeliveryError `alerts_full`; ProtocolError `frame_too_large`
   */
  publish(alert: PublishedAlert): number
  slotOf(key: string): number | undefined

  /**
   * The vehicle is concerned by the newest revision. An older open one is superseded. Imminent for whom it is ≤ 10 s to the hazard.
   * @param timeToHazardMs -1 = unknown · @param distanceM -1 = unknown
   */
  target(row: number, slot: number, timeToHazardMs: number, distanceM: number, nowMs: number): TargetOutcome
  /** A renewal: targets every vehicle that holds the alert or is about to. */
  targetHolders(slot: number, nowMs: number): void
  /** All that are concerned by the newest revision have been targeted: the rest is withdrawn. */
  settle(slot: number, nowMs: number): void
  /** The vehicle is no longer concerned: what is open is withdrawn, and it is told once if it may have the alert. */
  withdraw(row: number, slot: number, nowMs: number): void
  /**
   * The vehicle is at the hazard, whatever became of the delivery. Told once, as a step that changes no state.
   * @returns how long before it was warned; undefined if it was never targeted, or its approach is over: reached, left, or the alert is
   */
  reach(row: number, slot: number, nowMs: number): Arrival | undefined
  /** The validity ran out: what is open expires. Nobody is told. A newer revision may still come. */
  expire(slot: number, nowMs: number): void
  /** The alert ended: what is open ends, and every vehicle that may have it is told. */
  end(slot: number, ending: outrider.v1.Ending.$Properties, nowMs: number): void
  /** Gives the slot back, after the registry forgot the alert. What is open ends. */
  forget(slot: number, nowMs: number): void

  /**
   * A vehicle's first hello on a new socket. What it holds counts as delivered, what it lacks is due again.
   * @returns what it holds that this node does not know: to be answered with END_SCOPE_UNKNOWN
   */
  connect(row: number, start: SessionStart, nowMs: number): readonly Held[]
  /** A second hello on the same socket. @returns as `connect` */
  changeRole(row: number, primary: boolean, held: readonly Held[], nowMs: number): readonly Held[]
  /** The socket is gone; what is open waits for the vehicle to come back. */
  disconnect(row: number): void
  /**
   * The vehicle has gone to another node: what is open is moved, and nothing is due any more. The row is remembered; if the vehicle comes back
   * without a revision that was moved, and it concerns him still, the same delivery goes on.
   * @param to name of the node, undefined = not known
   */
  moved(row: number, to: string | undefined, nowMs: number): void
  /**
   * The vehicle is given up: drops all that is open and forgets the row.
   * @param dropReason DROP_REASON_DISCONNECTED, or DROP_REASON_UNACKNOWLEDGED for one that was closed as stalled
   */
  release(row: number, dropReason: outrider.v1.DropReason, nowMs: number): void
  /** After a crash: opens a delivery that this node's records say was targeted and not closed. Told to nobody, it was recorded then. */
  reopen(row: number, slot: number, revision: number, nowMs: number): void

  /** The first outcome stays; later stages add their time, each once. An unknown delivery is counted as targeted and recovered. */
  acknowledge(row: number, ack: Acknowledgement, nowMs: number): void

  /** Sends what is due, the most urgent first, at most about `sendsMax` messages: the last vehicle gets all of its own. */
  flush(nowMs: number, sendsMax: number): FlushResult
  /** Sends what is due to one vehicle now: for a single imminent recipient. */
  flushRow(row: number, nowMs: number): FlushResult
  /** The socket's buffer is empty again: what waited for it is due. */
  writable(row: number, nowMs: number): void
  /**
   * Rows whose oldest send was not received, or whose socket took nothing, for `ageMs` (5000): to be closed with a code that says when
   * to return. At most 64 a call, oldest first; constant time if there is none.
   */
  stalled(nowMs: number, ageMs: number): readonly number[]

  /** Per revision, oldest first; the newest 32 apart, older ones (closed) added up as revision 0. Undefined = unknown alert. */
  ledger(key: string): readonly RevisionCounts[] | undefined
  /** Over all alerts since the start, forgotten ones too. */
  totals(): LedgerCounts
  /** What warnings were good for, since the start. */
  approaches(): Readonly<ApproachCounts>
  /** How many alerts are open for the vehicle. */
  openCount(row: number): number
  /** How much is remembered, for metrics. */
  counts(): DeliveryCounts
}

export interface DeliveryCounts {
  readonly alerts: number
  readonly pairs: number
  /** Messages due, for vehicles that are there. */
  readonly due: number
  /** Messages that wait for a socket to take them. */
  readonly blocked: number
  /** Alerts whose vehicle owes an answer: sent and not received, or blocked. */
  readonly owed: number
  /** Times `target` answered `full`. */
  readonly full: number
  /** Acknowledgements of revisions superseded long ago, and of stages nobody knows. */
  readonly strayAcknowledgements: number
  /** Ends that a socket did not take. */
  readonly droppedNotices: number
}
