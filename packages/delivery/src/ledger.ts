import { outrider } from '@outrider/protocol'

const { DeliveryState, DropReason } = outrider.v1

type State = outrider.v1.DeliveryState

/** Counts of deliveries. targeted = acknowledged + expired + superseded + ended + withdrawn + moved + all dropped + pending, at any moment. */
export interface LedgerCounts {
  readonly targeted: number
  readonly acknowledged: number
  readonly expired: number
  readonly superseded: number
  readonly ended: number
  readonly withdrawn: number
  readonly moved: number
  /** By DropReason number. */
  readonly dropped: readonly number[]
  readonly pending: number
  /** Of all: opened by an acknowledgement, because the node did not know them. */
  readonly recovered: number
  /** Of the acknowledged: the vehicle held it before it was sent. */
  readonly alreadyHeld: number
}

export interface RevisionCounts extends LedgerCounts {
  /** 0 = all before the ones listed. */
  readonly revision: number
}

// A row of counts: by DeliveryState (1 targeted .. 8 dropped), pending in place 0, then the two "of which", then dropped by reason.
const pendingAt = 0
const recoveredAt = 9
const alreadyHeldAt = 10
const droppedAt = 11
const dropReasons = DropReason.DROP_REASON_SEND_FAILED + 1

/** One row of counts. */
export type CountRow = Float64Array

export function createCountRow(): CountRow {
  return new Float64Array(droppedAt + dropReasons)
}

export function countOpened(row: CountRow): void {
  row[DeliveryState.DELIVERY_STATE_TARGETED]!++
  row[pendingAt]!++
}

export function countClosed(row: CountRow, state: State, dropReason: number): void {
  row[pendingAt]!--
  row[state]!++
  if (state === DeliveryState.DELIVERY_STATE_DROPPED) row[droppedAt + (isDropReason(dropReason) ? dropReason : 0)]!++
}

/** True of the reasons that are counted apart; any other number would be another count's place. */
export function isDropReason(reason: number): boolean {
  return Number.isInteger(reason) && reason >= 0 && reason < dropReasons
}

/** A delivery that was closed with this outcome is open again. */
export function countReopened(row: CountRow, outcome: State): void {
  row[outcome]!--
  row[pendingAt]!++
}

export function countRecovered(row: CountRow): void {
  row[recoveredAt]!++
}

export function countAlreadyHeld(row: CountRow): void {
  row[alreadyHeldAt]!++
}

export function addCounts(to: CountRow, from: CountRow): void {
  for (let at = 0; at < to.length; at++) to[at]! += from[at]!
}

export function readCounts(row: CountRow): LedgerCounts {
  return {
    targeted: row[DeliveryState.DELIVERY_STATE_TARGETED]!,
    acknowledged: row[DeliveryState.DELIVERY_STATE_ACKNOWLEDGED]!,
    expired: row[DeliveryState.DELIVERY_STATE_EXPIRED]!,
    superseded: row[DeliveryState.DELIVERY_STATE_SUPERSEDED]!,
    ended: row[DeliveryState.DELIVERY_STATE_ENDED]!,
    withdrawn: row[DeliveryState.DELIVERY_STATE_WITHDRAWN]!,
    moved: row[DeliveryState.DELIVERY_STATE_MOVED]!,
    dropped: [...row.subarray(droppedAt)],
    pending: row[pendingAt]!,
    recovered: row[recoveredAt]!,
    alreadyHeld: row[alreadyHeldAt]!,
  }
}
