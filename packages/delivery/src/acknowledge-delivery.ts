// What a vehicle says became of an alert. The first outcome stays; what comes later adds its time, each stage once.
import { formatAlertKey, outrider } from '@outrider/protocol'
import { countsOf } from './alert-slots.js'
import { noteShown } from './approach.js'
import type { Acknowledgement } from './deliveries.js'
import type { DeliveryBook } from './delivery-book.js'
import { closeDelivery, isOpen, leaveOutbox, openDelivery, oweAnew, pairFor, tell } from './delivery-book.js'
import { countClosed, countOpened, countRecovered, isDropReason } from './ledger.js'
import { progresses } from './pair-table.js'

const { DeliveryStage, DeliveryState, DropReason } = outrider.v1

/** How many revisions a vehicle may be ahead of this node, told by another one: a link is late by seconds. Each takes one of the counts kept apart. */
const aheadMax = 8

export function acknowledgeDelivery(book: DeliveryBook, row: number, said: Acknowledgement, nowMs: number): void {
  const { pairs } = book
  const ack = { ...said, dropReason: knownDropReason(said) }
  const { revision, stage } = ack
  const key = formatAlertKey(ack.id)
  const slot = book.slotByKey.get(key)
  if (!isStage(stage) || revision < 1) {
    book.strayAcknowledgements++
    return
  }
  if (slot === undefined) {
    recoverUnknown(book, row, key, ack, nowMs)
    return
  }
  // So far ahead it is made up, or of another life of the alert: not to be remembered.
  if (revision > book.alerts[slot]!.revision + aheadMax) {
    recoverUnknown(book, row, key, ack, nowMs)
    return
  }
  const pair = pairFor(book, row, slot, nowMs)
  if (pair === -1) {
    book.strayAcknowledgements++
    return
  }
  const bit = 1 << stage
  if (stage === DeliveryStage.DELIVERY_STAGE_SHOWN) noteShown(book, pair, nowMs)
  if (revision > pairs.revision[pair]!) recover(book, pair, ack, nowMs)
  else if (revision === pairs.revision[pair]) {
    book.owed.remove(pair)
    if ((pairs.stages[pair]! & bit) !== 0) return
    pairs.stages[pair]! |= bit
    if (isOpen(book, pair)) advance(book, pair, ack, nowMs)
    else tell(book, pair, revision, pairs.outcome[pair]!, nowMs, stageOf(ack))
  } else if (revision === pairs.earlierRevision[pair]) {
    answerEarlier(book, pair, nowMs)
    if ((pairs.earlierStages[pair]! & bit) !== 0) return
    pairs.earlierStages[pair]! |= bit
    tell(book, pair, revision, pairs.earlierOutcome[pair]!, nowMs, stageOf(ack))
  } else book.strayAcknowledgements++
}

/** A stage of an open delivery: received frees the outbox, the others are outcomes. */
function advance(book: DeliveryBook, pair: number, ack: Acknowledgement, nowMs: number): void {
  if (ack.stage === DeliveryStage.DELIVERY_STAGE_RECEIVED) {
    leaveOutbox(book, pair, progresses.received)
    tell(book, pair, ack.revision, DeliveryState.DELIVERY_STATE_TARGETED, nowMs, stageOf(ack))
  } else closeDelivery(book, pair, outcomeOf(ack), nowMs, stageOf(ack))
}

/** The vehicle answered for the revision before: it reads, and owes no more than what was sent since. */
function answerEarlier(book: DeliveryBook, pair: number, nowMs: number): void {
  if (book.pairs.progress[pair] === progresses.sent) oweAnew(book, pair, nowMs)
  else book.owed.remove(pair)
}

/**
 * A delivery this node does not know of an alert it knows: it was sent before a crash, or by another node, which may know a newer revision. Received alone is no outcome yet.
 * Whether the vehicle still has the alert it has said in its hello, which is later than any such answer: nothing is to be told.
 */
function recover(book: DeliveryBook, pair: number, ack: Acknowledgement, nowMs: number): void {
  if (ack.stage === DeliveryStage.DELIVERY_STAGE_RECEIVED) return
  const { pairs } = book
  if (isOpen(book, pair)) closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_SUPERSEDED, nowMs)
  openDelivery(book, pair, ack.revision)
  pairs.stages[pair] = 1 << ack.stage
  countRecovered(countsOf(book.alerts[pairs.slot[pair]!]!, ack.revision))
  countRecovered(book.totals)
  closeDelivery(book, pair, outcomeOf(ack), nowMs, { ...stageOf(ack), recovered: true })
}

/**
 * An alert this node does not know either, or a revision far beyond what it knows. Nothing is remembered, or vehicles could fill the memory with alerts they make up: only what
 * comes first is counted (taken, dropped), and shown adds its time; what repeats a record is folded at central.
 */
function recoverUnknown(book: DeliveryBook, row: number, key: string, ack: Acknowledgement, nowMs: number): void {
  if (ack.stage === DeliveryStage.DELIVERY_STAGE_RECEIVED) return
  if (ack.stage !== DeliveryStage.DELIVERY_STAGE_SHOWN) {
    countOpened(book.totals)
    countRecovered(book.totals)
    countClosed(book.totals, outcomeOf(ack), ack.dropReason)
  }
  const { id, revision, stage, dropReason, vehicleTimeMs } = ack
  const none = { sentAtMs: undefined, movedTo: undefined, timeToHazardMs: undefined, distanceM: undefined, reached: false }
  const state = outcomeOf(ack)
  book.onTransition({
    key,
    id,
    revision,
    row,
    state,
    stage,
    dropReason,
    vehicleTimeMs,
    atMs: nowMs,
    recovered: true,
    alreadyHeld: false,
    ...none,
  })
}

/** Stages of newer SDKs say nothing to us. */
function isStage(stage: number): boolean {
  return stage >= DeliveryStage.DELIVERY_STAGE_RECEIVED && stage <= DeliveryStage.DELIVERY_STAGE_DROPPED
}

/** Reasons are the table's: whatever number a vehicle sends counts as none given, and belongs to the stage dropped only. */
function knownDropReason({ stage, dropReason }: Acknowledgement): outrider.v1.DropReason {
  return stage === DeliveryStage.DELIVERY_STAGE_DROPPED && isDropReason(dropReason) ? dropReason : DropReason.DROP_REASON_UNSPECIFIED
}

function outcomeOf(ack: Acknowledgement): outrider.v1.DeliveryState {
  return ack.stage === DeliveryStage.DELIVERY_STAGE_DROPPED
    ? DeliveryState.DELIVERY_STATE_DROPPED
    : DeliveryState.DELIVERY_STATE_ACKNOWLEDGED
}

function stageOf(ack: Acknowledgement): Pick<Acknowledgement, 'stage' | 'dropReason' | 'vehicleTimeMs'> {
  return { stage: ack.stage, dropReason: ack.dropReason, vehicleTimeMs: ack.vehicleTimeMs }
}
