// A reconnect, a resume, a change of zone and a change of role are the same act: the vehicle says what it holds, and what is missing is due.
import { formatAlertKey, outrider } from '@outrider/protocol'
import { closeApproach } from './approach.js'
import type { Held, SessionStart } from './deliveries.js'
import type { DeliveryBook } from './delivery-book.js'
import { closeDelivery, enterOutbox, forgetPair, giveNotice, isOpen, makeDue, openDelivery, pairFor, sessionBits } from './delivery-book.js'
import { notices } from './pair-table.js'

const { DeliveryState } = outrider.v1

export function connectVehicle(book: DeliveryBook, row: number, start: SessionStart, nowMs: number): readonly Held[] {
  const { pairs } = book
  disconnectVehicle(book, row)
  book.sessions[row] = sessionBits.there | (start.primary ? sessionBits.primary : 0) | (start.json ? sessionBits.json : 0)
  forgetHeld(book, row)
  const unknown = noteHeld(book, row, start.held, nowMs)
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    if (isOpen(book, pair)) enterOutbox(book, pair)
    makeDue(book, pair)
  }
  return unknown
}

export function changeVehicleRole(
  book: DeliveryBook,
  row: number,
  primary: boolean,
  held: readonly Held[],
  nowMs: number,
): readonly Held[] {
  const { pairs, lists } = book
  // To a standby nothing was sent: what it has is what this hello says, and no longer what the one before said.
  if ((book.sessions[row]! & sessionBits.primary) === 0) forgetHeld(book, row)
  book.sessions[row] = primary ? book.sessions[row]! | sessionBits.primary : book.sessions[row]! & ~sessionBits.primary
  const unknown = noteHeld(book, row, held, nowMs)
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    if (primary) makeDue(book, pair)
    else lists.remove(pair)
  }
  return unknown
}

/** Nothing is due to a vehicle that is away, and nothing of it is late. */
export function disconnectVehicle(book: DeliveryBook, row: number): void {
  const { pairs, lists, owed } = book
  book.sessions[row] = 0
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    lists.remove(pair)
    owed.remove(pair)
  }
}

export function vehicleMoved(book: DeliveryBook, row: number, to: string | undefined, nowMs: number): void {
  const { pairs } = book
  disconnectVehicle(book, row)
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    if (isOpen(book, pair)) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_MOVED, nowMs, { movedTo: to })
  }
}

export function releaseVehicle(book: DeliveryBook, row: number, dropReason: outrider.v1.DropReason, nowMs: number): void {
  const { pairs } = book
  disconnectVehicle(book, row)
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.firstOfRow(row)) {
    if (isOpen(book, pair)) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_DROPPED, nowMs, { dropReason })
    closeApproach(book, pair, 'gone')
    forgetPair(book, pair)
  }
}

/** A delivery of before a crash is open again; if its alert is over by now, it is closed and told at once. */
export function reopenDelivery(book: DeliveryBook, row: number, slot: number, revision: number, nowMs: number): void {
  const { pairs } = book
  const alert = book.alerts[slot]!
  const pair = pairFor(book, row, slot, nowMs)
  if (pair === -1) {
    book.full++
    return
  }
  if (revision <= pairs.revision[pair]! || revision > alert.revision) return
  if (isOpen(book, pair)) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_SUPERSEDED, nowMs)
  openDelivery(book, pair, revision)
  pairs.timeToHazardMs[pair] = -1
  pairs.priority[pair] = alert.priority
  if (alert.ended) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_ENDED, nowMs)
  else makeDue(book, pair)
}

/** What the vehicle has is to be said anew, and what it is to be told is of what it has. */
function forgetHeld(book: DeliveryBook, row: number): void {
  const { pairs, lists } = book
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    pairs.heldRevision[pair] = 0
    pairs.mayHold[pair] = 0
    if (pairs.notice[pair] !== notices.none) lists.remove(pair)
    pairs.notice[pair] = notices.none
  }
}

/** Takes down what the vehicle has; open deliveries of it are acknowledged by that. Returns what this node does not know. */
function noteHeld(book: DeliveryBook, row: number, held: readonly Held[], nowMs: number): readonly Held[] {
  const { pairs } = book
  const unknown: Held[] = []
  for (const item of held) {
    const slot = book.slotByKey.get(formatAlertKey(item.id))
    const pair = slot === undefined ? -1 : pairFor(book, row, slot, nowMs)
    if (slot === undefined || pair === -1) {
      unknown.push(item)
      continue
    }
    pairs.heldRevision[pair] = Math.max(pairs.heldRevision[pair]!, item.revision)
    pairs.mayHold[pair] = 1
    if (isOpen(book, pair) && pairs.heldRevision[pair]! >= pairs.revision[pair]!) {
      const alreadyHeld = pairs.sentRevision[pair]! < pairs.revision[pair]!
      closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_ACKNOWLEDGED, nowMs, { alreadyHeld })
    }
    if (book.alerts[slot]!.ended) giveNotice(book, pair, notices.ended)
  }
  return unknown
}
