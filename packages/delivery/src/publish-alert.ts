import { formatAlertKey, outrider } from '@outrider/protocol'
import { createAlertSlot } from './alert-slots.js'
import { closeApproach } from './approach.js'
import type { PublishedAlert } from './deliveries.js'
import type { DeliveryBook } from './delivery-book.js'
import { closeDelivery, forgetPair, giveNotice, isOpen, makeDue } from './delivery-book.js'
import { DeliveryError, deliveryErrorCodes } from './delivery-error.js'
import { noList } from './pair-lists.js'
import { notices, progresses } from './pair-table.js'
import { createAlertFrames, createEndFrames } from './shared-frames.js'

const { DeliveryState, EndScope } = outrider.v1

/** Opens an alert, or a newer revision of it, or confirms one known from records only. An ended alert and older revisions change nothing. */
export function publishAlert(book: DeliveryBook, published: PublishedAlert): number {
  const { id, revision, alert: content, validUntilMs } = published
  const key = formatAlertKey(id)
  const frames = content === undefined ? undefined : createAlertFrames(content)
  const slot = book.slotByKey.get(key) ?? openSlot(book, key, id)
  const alert = book.alerts[slot]!
  if (alert.ended || revision < alert.revision) return slot
  alert.revision = revision
  alert.validUntilMs = validUntilMs
  if (frames === undefined) return slot
  alert.frames = frames
  alert.priority = content?.priority ?? 0
  makeParkedDue(book, slot)
  return slot
}

export function expireAlert(book: DeliveryBook, slot: number, nowMs: number): void {
  closeAll(book, slot, DeliveryState.DELIVERY_STATE_EXPIRED, nowMs)
}

export function endAlert(book: DeliveryBook, slot: number, ending: outrider.v1.Ending.$Properties, nowMs: number): void {
  const { pairs } = book
  const alert = book.alerts[slot]!
  if (alert.ended) return
  closeAll(book, slot, DeliveryState.DELIVERY_STATE_ENDED, nowMs)
  alert.ended = true
  alert.frames = undefined
  const { reason = null, mergedInto = null } = ending
  alert.endFrames = createEndFrames({ alertId: alert.id, scope: EndScope.END_SCOPE_ENDED, reason, mergedInto })
  for (let pair = pairs.firstOfSlot(slot); pair !== -1; pair = pairs.nextOfSlot(pair)) giveNotice(book, pair, notices.ended)
}

export function forgetAlert(book: DeliveryBook, slot: number, nowMs: number): void {
  const { pairs } = book
  closeAll(book, slot, DeliveryState.DELIVERY_STATE_ENDED, nowMs)
  for (let pair = pairs.firstOfSlot(slot); pair !== -1; ) {
    const next = pairs.nextOfSlot(pair)
    forgetPair(book, pair)
    pair = next
  }
  book.slotByKey.delete(book.alerts[slot]!.key)
  book.alerts[slot] = undefined
  book.freeSlots.push(slot)
}

function openSlot(book: DeliveryBook, key: string, id: outrider.v1.AlertId.$Properties): number {
  const slot = book.freeSlots.pop()
  if (slot === undefined)
    throw new DeliveryError(deliveryErrorCodes.alertsFull, `no room for ${key}: ${book.slotByKey.size} alerts are published`)
  book.alerts[slot] = createAlertSlot(key, id)
  book.slotByKey.set(key, slot)
  return slot
}

function closeAll(book: DeliveryBook, slot: number, state: outrider.v1.DeliveryState, nowMs: number): void {
  const { pairs } = book
  for (let pair = pairs.firstOfSlot(slot); pair !== -1; pair = pairs.nextOfSlot(pair)) {
    if (isOpen(book, pair)) closeDelivery(book, pair, state, nowMs)
    closeApproach(book, pair, 'over')
  }
}

/** What could not be sent while only records knew the alert. */
function makeParkedDue(book: DeliveryBook, slot: number): void {
  const { pairs, lists } = book
  for (let pair = pairs.firstOfSlot(slot); pair !== -1; pair = pairs.nextOfSlot(pair)) {
    if (pairs.progress[pair] === progresses.waiting && lists.listOf(pair) === noList) makeDue(book, pair)
  }
}
