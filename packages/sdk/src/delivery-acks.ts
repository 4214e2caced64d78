// What became of alerts, gathered within a turn of the loop and sent as one frame. An acknowledgement is not itself acknowledged, so
// what went out shortly before a link broke goes out again on the next one: a node takes repeats for what they are.
import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'

const { DeliveryStage, DropReason } = outrider.v1

/** Entries in a frame (delivery.proto, DeliveryAck). */
const entriesPerFrame = 64
/** Entries that wait for a link: 256 held alerts with received and taken. The oldest is given up; the next hello says what is held. */
const waitingMax = 512
/** Entries sent that may not have arrived: as many again, no longer than a broken link takes to be noticed (link.ts: 15 s) and a little. */
const sentMax = 512
const sentKeptMs = 20_000

type AckStage = 'received' | 'taken' | 'shown'
type DropName = 'queue_full' | 'too_late' | 'unreadable'

const stages: Readonly<Record<AckStage, wire.v1.DeliveryStage>> = {
  received: DeliveryStage.DELIVERY_STAGE_RECEIVED,
  taken: DeliveryStage.DELIVERY_STAGE_TAKEN,
  shown: DeliveryStage.DELIVERY_STAGE_SHOWN,
}
const dropReasons: Readonly<Record<DropName, wire.v1.DropReason>> = {
  queue_full: DropReason.DROP_REASON_VEHICLE_QUEUE_FULL,
  too_late: DropReason.DROP_REASON_TOO_LATE,
  unreadable: DropReason.DROP_REASON_UNREADABLE,
}

/** Which alert revision an acknowledgement is about. */
export interface AckSubject {
  readonly id: wire.v1.AlertId.$Properties
  readonly revision: number
}

export interface DeliveryAcks {
  stage(subject: AckSubject, stage: AckStage, wallMs: number): void
  dropped(subject: AckSubject, reason: DropName, wallMs: number): void
  readonly isEmpty: boolean
  /** Hands over all that waits, a frame at a time. */
  send(nowMs: number, write: (entries: wire.v1.DeliveryAckEntry.$Properties[]) => void): void
  /** The link broke: what went out last waits again. */
  linkBroke(nowMs: number): void
}

export function createDeliveryAcks(): DeliveryAcks {
  let waiting: wire.v1.DeliveryAckEntry.$Properties[] = []
  let sent: { readonly entry: wire.v1.DeliveryAckEntry.$Properties; readonly atMs: number }[] = []

  function add(entry: wire.v1.DeliveryAckEntry.$Properties): void {
    waiting.push(entry)
    if (waiting.length > waitingMax) waiting.shift()
  }
  return {
    get isEmpty() {
      return waiting.length === 0
    },
    stage({ id, revision }, stage, timeMs) {
      add({ alertId: id, revision, stage: stages[stage], timeMs })
    },
    dropped({ id, revision }, reason, timeMs) {
      add({ alertId: id, revision, stage: DeliveryStage.DELIVERY_STAGE_DROPPED, dropReason: dropReasons[reason], timeMs })
    },
    send(nowMs, write) {
      for (let at = 0; at < waiting.length; at += entriesPerFrame) write(waiting.slice(at, at + entriesPerFrame))
      const kept = sent.filter(entry => nowMs - entry.atMs <= sentKeptMs)
      sent = [...kept, ...waiting.map(entry => ({ entry, atMs: nowMs }))].slice(-sentMax)
      waiting = []
    },
    linkBroke(nowMs) {
      const again = sent.filter(entry => nowMs - entry.atMs <= sentKeptMs).map(({ entry }) => entry)
      waiting = [...again, ...waiting].slice(-waitingMax)
      sent = []
    },
  }
}
