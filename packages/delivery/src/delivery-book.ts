// The state of all deliveries and the few steps everything else is made of: open, close, tell of a stage, make due. Each step changes
// progress, lists, counts and outbox together and tells it, so that the ledger adds up after every one of them.
import { outrider } from '@outrider/protocol'
import type { AlertSlot } from './alert-slots.js'
import { countsOf } from './alert-slots.js'
import { type ApproachBook, closeApproach, noteTaken } from './approach.js'
import type { DeliveryTransition } from './delivery-transition.js'
import type { CountRow } from './ledger.js'
import { countAlreadyHeld, countClosed, countOpened } from './ledger.js'
import type { PairLists } from './pair-lists.js'
import { noList } from './pair-lists.js'
import { notices, progresses } from './pair-table.js'
import type { SocketPort } from './socket-port.js'
import { dueLists, endsList, urgencyList } from './urgency.js'

const { DeliveryState, DeliveryStage, DropReason } = outrider.v1

type State = outrider.v1.DeliveryState

/** The list behind the due ones: what waits until the socket is empty again. */
export const blockedList = dueLists
export const listCount = dueLists + 1

/** What a row's socket is: bits. A row is sent to if it is there and primary. */
export const sessionBits = { there: 1, primary: 2, json: 4 } as const

export interface DeliveryBook extends ApproachBook {
  readonly socket: SocketPort
  readonly onTransition: (step: DeliveryTransition) => void
  readonly outboxMax: number
  readonly lists: PairLists
  /**
   * One more list: pairs whose vehicle owes an answer, in order of `owedSinceMs`. Sent and not received, whatever became of the delivery
   * meanwhile, since a reader that is only ever sent what is superseded in 4 s is stalled too; and refused by the socket.
   */
  readonly owed: PairLists
  readonly alerts: (AlertSlot | undefined)[]
  readonly slotByKey: Map<string, number>
  readonly freeSlots: number[]
  /** `sessionBits` by row. */
  readonly sessions: Uint8Array
  /** Deliveries in the outbox by row: waiting or sent. */
  readonly openCounts: Uint16Array
  readonly totals: CountRow
  /** Where the search for pairs that nobody needs goes on. */
  reclaimAt: number
  full: number
  strayAcknowledgements: number
  droppedNotices: number
}

type StepExtras = Partial<
  Pick<DeliveryTransition, 'stage' | 'dropReason' | 'vehicleTimeMs' | 'movedTo' | 'recovered' | 'alreadyHeld' | 'reached'>
>

const noExtras: StepExtras = {}

export function isReady(book: DeliveryBook, row: number): boolean {
  const bits = book.sessions[row]!
  return (bits & sessionBits.there) !== 0 && (bits & sessionBits.primary) !== 0
}

/** Counts a new delivery of the alert's newest or an acknowledged revision; the pair's one before becomes the earlier one. */
export function openDelivery(book: DeliveryBook, pair: number, revision: number): void {
  const { pairs } = book
  const alert = book.alerts[pairs.slot[pair]!]!
  if (pairs.revision[pair] !== 0) {
    pairs.earlierRevision[pair] = pairs.revision[pair]!
    pairs.earlierOutcome[pair] = pairs.outcome[pair]!
    pairs.earlierStages[pair] = pairs.stages[pair]!
  }
  pairs.revision[pair] = revision
  pairs.stages[pair] = 0
  pairs.outcome[pair] = 0
  pairs.dropReason[pair] = 0
  pairs.sentAtMs[pair] = 0
  enterOutbox(book, pair)
  countOpened(countsOf(alert, revision))
  countOpened(book.totals)
}

/** Waiting takes a place in the outbox. */
export function enterOutbox(book: DeliveryBook, pair: number): void {
  const { pairs } = book
  if (!isInOutbox(book, pair)) book.openCounts[pairs.row[pair]!]!++
  pairs.progress[pair] = progresses.waiting
}

/** Gives the open delivery of a pair its outcome. */
export function closeDelivery(book: DeliveryBook, pair: number, state: State, nowMs: number, extras: StepExtras = noExtras): void {
  const { pairs } = book
  const alert = book.alerts[pairs.slot[pair]!]!
  leaveOutbox(book, pair, progresses.closed)
  pairs.outcome[pair] = state
  if (state === DeliveryState.DELIVERY_STATE_ACKNOWLEDGED) noteTaken(book, pair, nowMs)
  pairs.dropReason[pair] = extras.dropReason ?? 0
  const counts = countsOf(alert, pairs.revision[pair]!)
  countClosed(counts, state, extras.dropReason ?? 0)
  countClosed(book.totals, state, extras.dropReason ?? 0)
  if (extras.alreadyHeld) {
    countAlreadyHeld(counts)
    countAlreadyHeld(book.totals)
  }
  tell(book, pair, pairs.revision[pair]!, state, nowMs, extras)
}

/** From the outbox to received or closed. */
export function leaveOutbox(book: DeliveryBook, pair: number, progress: number): void {
  const { pairs } = book
  if (isInOutbox(book, pair)) book.openCounts[pairs.row[pair]!]!--
  pairs.progress[pair] = progress
  book.lists.remove(pair)
}

export function isOpen(book: DeliveryBook, pair: number): boolean {
  return book.pairs.progress[pair] !== progresses.closed
}

export function isInOutbox(book: DeliveryBook, pair: number): boolean {
  const progress = book.pairs.progress[pair]
  return progress === progresses.waiting || progress === progresses.sent
}

/** Puts a waiting delivery or a notice into the list of its urgency, if the vehicle is there. */
export function makeDue(book: DeliveryBook, pair: number): void {
  const { pairs, lists } = book
  if (!isReady(book, pairs.row[pair]!)) return
  if (pairs.notice[pair] !== notices.none) lists.append(pair, endsList)
  else if (pairs.progress[pair] === progresses.waiting) lists.append(pair, urgencyList(pairs.priority[pair]!, pairs.timeToHazardMs[pair]!))
}

/** The vehicle may have the alert and is to be told that it is over; one that is away says at its return what it holds. */
export function giveNotice(book: DeliveryBook, pair: number, notice: number): void {
  if (book.pairs.mayHold[pair] === 0) return
  book.pairs.notice[pair] = notice
  makeDue(book, pair)
}

export function takeBackNotice(book: DeliveryBook, pair: number): void {
  if (book.pairs.notice[pair] === notices.none) return
  book.pairs.notice[pair] = notices.none
  book.lists.remove(pair)
}

/** The vehicle owes an answer from now on, unless it has owed one for longer. */
export function owe(book: DeliveryBook, pair: number, nowMs: number): void {
  if (book.owed.listOf(pair) === noList) oweAnew(book, pair, nowMs)
}

/** The vehicle owes an answer, but gave a sign of life just now. */
export function oweAnew(book: DeliveryBook, pair: number, nowMs: number): void {
  book.pairs.owedSinceMs[pair] = nowMs
  book.owed.append(pair, 0)
}

/** Time to hazard as it is by now; -1 = unknown. */
export function timeToHazardAt(book: DeliveryBook, pair: number, nowMs: number): number {
  const estimateMs = book.pairs.timeToHazardMs[pair]!
  return estimateMs < 0 ? -1 : Math.max(0, estimateMs - (nowMs - book.pairs.estimatedAtMs[pair]!))
}

/** Tells of a step of a delivery. */
export function tell(
  book: DeliveryBook,
  pair: number,
  revision: number,
  state: State,
  nowMs: number,
  extras: StepExtras = noExtras,
  distanceM = -1,
) {
  const { pairs } = book
  const alert = book.alerts[pairs.slot[pair]!]!
  const isNewest = pairs.revision[pair] === revision
  const sentAtMs = isNewest && pairs.sentAtMs[pair] !== 0 ? pairs.sentAtMs[pair] : undefined
  const targeted = state === DeliveryState.DELIVERY_STATE_TARGETED && extras.stage === undefined && !extras.reached
  const timeToHazardMs = targeted && pairs.timeToHazardMs[pair]! >= 0 ? pairs.timeToHazardMs[pair] : undefined
  book.onTransition({
    key: alert.key,
    id: alert.id,
    revision,
    row: pairs.row[pair]!,
    state,
    stage: extras.stage ?? DeliveryStage.DELIVERY_STAGE_UNSPECIFIED,
    dropReason: extras.dropReason ?? DropReason.DROP_REASON_UNSPECIFIED,
    atMs: nowMs,
    sentAtMs,
    vehicleTimeMs: extras.vehicleTimeMs,
    movedTo: extras.movedTo,
    recovered: extras.recovered ?? false,
    alreadyHeld: extras.alreadyHeld ?? false,
    timeToHazardMs,
    distanceM: distanceM < 0 ? undefined : distanceM,
    reached: extras.reached ?? false,
  })
}

/** The pair of a row and a slot, a fresh one if there is none; -1 if there is no room, not even that of a pair whose alert is over. */
export function pairFor(book: DeliveryBook, row: number, slot: number, nowMs: number): number {
  const { pairs } = book
  const known = pairs.find(row, slot)
  if (known !== -1) return known
  const added = pairs.add(row, slot)
  if (added !== -1) return added
  const isTableFull = pairs.size === pairs.pairsMax
  return dropOverPair(book, row, nowMs) || (isTableFull && reclaimPairs(book, nowMs)) ? pairs.add(row, slot) : -1
}

/** True of what is only remembered: closed, nothing to tell, and the alert is over. */
function isOverPair(book: DeliveryBook, pair: number, nowMs: number): boolean {
  const alert = book.alerts[book.pairs.slot[pair]!]!
  const isOver = alert.ended || alert.validUntilMs <= nowMs
  return isOver && !isOpen(book, pair) && book.pairs.notice[pair] === notices.none
}

/** Forgets the row's oldest pair that is closed, has nothing to tell and whose alert is over. */
function dropOverPair(book: DeliveryBook, row: number, nowMs: number): boolean {
  const { pairs } = book
  let oldest = -1
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    if (isOverPair(book, pair, nowMs)) oldest = pair
  }
  if (oldest === -1) return false
  forgetPair(book, oldest)
  return true
}

/** Pairs looked at for one that needs room: 1 µs each at worst, so that a full table holds up nobody. */
const reclaimStepsMax = 1_024

/** Forgets over pairs of any vehicle, going round the table: vehicles that have been here for hours must not leave the others without room. */
function reclaimPairs(book: DeliveryBook, nowMs: number): boolean {
  const { pairs } = book
  const steps = Math.min(reclaimStepsMax, pairs.pairsMax)
  let reclaimed = false
  for (let step = 0; step < steps; step++) {
    const pair = book.reclaimAt
    book.reclaimAt = (pair + 1) % pairs.pairsMax
    if (pairs.row[pair] === -1 || !isOverPair(book, pair, nowMs)) continue
    forgetPair(book, pair)
    reclaimed = true
  }
  return reclaimed
}

export function forgetPair(book: DeliveryBook, pair: number): void {
  closeApproach(book, pair, 'over')
  book.lists.remove(pair)
  book.owed.remove(pair)
  book.pairs.remove(pair)
}
