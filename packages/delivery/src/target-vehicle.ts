import { outrider } from '@outrider/protocol'
import { countsOf } from './alert-slots.js'
import { type Arrival, closeApproach, closeReached, openApproach } from './approach.js'
import type { TargetOutcome } from './deliveries.js'
import type { DeliveryBook } from './delivery-book.js'
import {
  closeDelivery,
  enterOutbox,
  giveNotice,
  isInOutbox,
  isOpen,
  makeDue,
  openDelivery,
  pairFor,
  takeBackNotice,
  tell,
  timeToHazardAt,
} from './delivery-book.js'
import { countReopened } from './ledger.js'
import { noList } from './pair-lists.js'
import { notices, progresses } from './pair-table.js'
import { priorityFor, urgencyList } from './urgency.js'

const { DeliveryState, DropReason } = outrider.v1

/** The vehicle is concerned by the newest revision of the alert. */
export function targetVehicle(
  book: DeliveryBook,
  row: number,
  slot: number,
  timeToHazardMs: number,
  distanceM: number,
  nowMs: number,
): TargetOutcome {
  const { pairs } = book
  const alert = book.alerts[slot]!
  if (alert.ended || alert.validUntilMs <= nowMs) return 'over'
  const pair = pairFor(book, row, slot, nowMs)
  if (pair === -1) {
    book.full++
    return 'full'
  }
  takeBackNotice(book, pair)
  // Another node was ahead: the vehicle has answered for a newer revision.
  if (pairs.revision[pair]! > alert.revision) return 'known'
  const isKnown = pairs.revision[pair] === alert.revision
  if (isKnown && !isReopened(book, pair)) {
    if (pairs.progress[pair] === progresses.waiting) estimate(book, pair, timeToHazardMs, nowMs)
    return 'known'
  }
  if (isKnown) {
    enterOutbox(book, pair)
    countReopened(countsOf(alert, alert.revision), pairs.outcome[pair]!)
    countReopened(book.totals, pairs.outcome[pair]!)
    // Of a link that is gone: what the vehicle answers now is news.
    pairs.stages[pair] = 0
  } else {
    if (isOpen(book, pair)) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_SUPERSEDED, nowMs)
    openDelivery(book, pair, alert.revision)
    openApproach(book, pair, distanceM)
  }
  estimate(book, pair, timeToHazardMs, nowMs)
  tell(book, pair, alert.revision, DeliveryState.DELIVERY_STATE_TARGETED, nowMs, undefined, distanceM)
  if (pairs.heldRevision[pair]! >= alert.revision) {
    closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_ACKNOWLEDGED, nowMs, { alreadyHeld: true })
    return 'held'
  }
  if (book.openCounts[row]! > book.outboxMax && dropLeastUrgent(book, row, nowMs) === pair) return 'dropped'
  makeDue(book, pair)
  return 'opened'
}

/** A renewal goes to all that hold the alert or are about to, wherever they are. */
export function targetHolders(book: DeliveryBook, slot: number, nowMs: number): void {
  const { pairs } = book
  for (let pair = pairs.firstOfSlot(slot); pair !== -1; pair = pairs.nextOfSlot(pair)) {
    if (pairs.mayHold[pair] === 0 && !isOpen(book, pair)) continue
    if (pairs.notice[pair] === notices.none) targetVehicle(book, pairs.row[pair]!, slot, timeToHazardAt(book, pair, nowMs), -1, nowMs)
  }
}

/** Withdraws all that were not targeted with the newest revision. */
export function settle(book: DeliveryBook, slot: number, nowMs: number): void {
  const { pairs } = book
  const { revision } = book.alerts[slot]!
  for (let pair = pairs.firstOfSlot(slot); pair !== -1; pair = pairs.nextOfSlot(pair)) {
    // What was never targeted here the vehicle has brought along: whether it concerns him is asked with his next report, not before he said where he is.
    if (pairs.revision[pair]! < revision && pairs.revision[pair] !== 0) withdrawPair(book, pair, nowMs)
  }
}

export function withdrawPair(book: DeliveryBook, pair: number, nowMs: number): void {
  closeApproach(book, pair, 'left')
  if (isOpen(book, pair)) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_WITHDRAWN, nowMs)
  if (book.pairs.notice[pair] === notices.none) giveNotice(book, pair, notices.withdrawn)
}

/** The vehicle is at the hazard: told once, and only of who was targeted. */
export function reachHazard(book: DeliveryBook, row: number, slot: number, nowMs: number): Arrival | undefined {
  const { pairs } = book
  const pair = pairs.find(row, slot)
  if (pair === -1 || pairs.revision[pair] === 0 || book.alerts[slot]!.ended) return undefined
  const arrival = closeReached(book, pair, nowMs)
  if (arrival === undefined) return undefined
  const state = isOpen(book, pair) ? DeliveryState.DELIVERY_STATE_TARGETED : pairs.outcome[pair]!
  tell(book, pair, pairs.revision[pair]!, state, nowMs, { reached: true })
  return arrival
}

/**
 * Withdrawn before it was ever sent, or moved with the vehicle and not held when it came back, and concerned again: the same delivery goes on,
 * or the vehicle would never be warned.
 */
function isReopened(book: DeliveryBook, pair: number): boolean {
  const { pairs } = book
  if (isOpen(book, pair)) return false
  if (pairs.outcome[pair] === DeliveryState.DELIVERY_STATE_MOVED) return pairs.heldRevision[pair]! < pairs.revision[pair]!
  const wasWithdrawn = pairs.outcome[pair] === DeliveryState.DELIVERY_STATE_WITHDRAWN
  return wasWithdrawn && pairs.sentRevision[pair] !== pairs.revision[pair] && pairs.stages[pair] === 0
}

/** Writes down how urgent it is now; what is due already moves to the list of that. */
function estimate(book: DeliveryBook, pair: number, timeToHazardMs: number, nowMs: number): void {
  const { pairs, lists } = book
  pairs.timeToHazardMs[pair] = timeToHazardMs
  pairs.estimatedAtMs[pair] = nowMs
  pairs.priority[pair] = priorityFor(book.alerts[pairs.slot[pair]!]!.priority, timeToHazardMs)
  const list = lists.listOf(pair)
  if (list !== noList && list < urgencyList(0, -1) && list !== urgencyList(pairs.priority[pair]!, timeToHazardMs)) makeDue(book, pair)
}

/** Drops the least urgent alert of a full outbox; of equals one that waits before one that was sent, and the newest before older ones. */
function dropLeastUrgent(book: DeliveryBook, row: number, nowMs: number): number {
  const { pairs } = book
  let least = -1
  let leastRank = -1
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    if (!isInOutbox(book, pair)) continue
    const waits = pairs.progress[pair] === progresses.waiting ? 1 : 0
    const rank = 2 * urgencyList(pairs.priority[pair]!, timeToHazardAt(book, pair, nowMs)) + waits
    if (rank > leastRank || (rank === leastRank && pairs.estimatedAtMs[pair]! > pairs.estimatedAtMs[least]!)) {
      least = pair
      leastRank = rank
    }
  }
  closeDelivery(book, least, DeliveryState.DELIVERY_STATE_DROPPED, nowMs, { dropReason: DropReason.DROP_REASON_OUTBOX_FULL })
  return least
}
