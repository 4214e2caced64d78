// One pass over what is due, most urgent list first. The vehicle of the first message gets all that is due to it in one write, so that its
// other messages cost no further write. A socket that still holds bytes gets nothing: what waits here can be overtaken, what it holds cannot.
import { outrider } from '@outrider/protocol'
import type { FlushResult } from './deliveries.js'
import type { DeliveryBook } from './delivery-book.js'
import { blockedList, closeDelivery, isReady, makeDue, owe, oweAnew, sessionBits, timeToHazardAt } from './delivery-book.js'
import { noList } from './pair-lists.js'
import { notices, progresses } from './pair-table.js'
import { createEndFrames } from './shared-frames.js'
import type { SendResult } from './socket-port.js'
import { sendResults } from './socket-port.js'
import { dueLists } from './urgency.js'

const { DeliveryState, DropReason, EndScope } = outrider.v1

/** Rows a call of `stalled` returns at most: closing more in one turn would hold up the turn. */
const stalledRowsMax = 64

export interface Flusher {
  flush(nowMs: number, sendsMax: number): FlushResult
  flushRow(row: number, nowMs: number): FlushResult
}

export function createFlusher(book: DeliveryBook, pairsPerRowMax: number): Flusher {
  const { pairs, lists, socket } = book
  const gathered = new Int32Array(pairsPerRowMax)
  let gatheredCount = 0
  let writeRow = 0
  let writeNowMs = 0
  let sends = 0

  /** All that is due to a row, most urgent first; a row has few, so that inserting sorts them. */
  function gather(row: number): void {
    gatheredCount = 0
    for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
      const list = lists.listOf(pair)
      if (list === noList) continue
      let at = gatheredCount++
      for (; at > 0 && lists.listOf(gathered[at - 1]!) > list; at--) gathered[at] = gathered[at - 1]!
      gathered[at] = pair
    }
  }

  /** Sends what was gathered until the socket is full; made once, so that a cork allocates nothing. */
  function writeGathered(): void {
    for (let at = 0; at < gatheredCount; at++) {
      const pair = gathered[at]!
      const result = pairs.notice[pair] === notices.none ? sendAlert(pair, writeRow, writeNowMs) : sendNotice(pair, writeRow)
      if (result === undefined) continue
      sends++
      if (result !== sendResults.queued) continue
      block(at + 1, writeNowMs)
      return
    }
  }

  /** What was gathered from a place on waits until the socket is empty. */
  function block(from: number, nowMs: number): void {
    for (let at = from; at < gatheredCount; at++) {
      const pair = gathered[at]!
      if (lists.listOf(pair) === blockedList) continue
      owe(book, pair, nowMs)
      lists.append(pair, blockedList)
    }
  }

  function sendToRow(row: number, nowMs: number): void {
    gather(row)
    if (gatheredCount === 0) return
    if (!isReady(book, row)) {
      for (let at = 0; at < gatheredCount; at++) lists.remove(gathered[at]!)
    } else if (socket.bufferedBytes(row) !== 0) block(0, nowMs)
    else {
      writeRow = row
      writeNowMs = nowMs
      if (gatheredCount === 1) writeGathered()
      else socket.cork(row, writeGathered)
    }
  }

  /** Undefined = there was nothing to send. */
  function sendAlert(pair: number, row: number, nowMs: number): SendResult | undefined {
    const alert = book.alerts[pairs.slot[pair]!]!
    const isNewest = pairs.revision[pair] === alert.revision
    if (alert.validUntilMs <= nowMs && isNewest) {
      closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_EXPIRED, nowMs)
      return undefined
    }
    lists.remove(pair)
    if (!isNewest || alert.frames === undefined) return undefined
    const timeToHazardMs = timeToHazardAt(book, pair, nowMs)
    const tail = {
      remainingMs: alert.validUntilMs - nowMs,
      priority: pairs.priority[pair]!,
      timeToHazardMs: timeToHazardMs < 0 ? undefined : timeToHazardMs,
    }
    const result = alert.frames.send(socket, row, (book.sessions[row]! & sessionBits.json) !== 0, tail)
    if (result === sendResults.dropped) {
      closeDelivery(book, pair, DeliveryState.DELIVERY_STATE_DROPPED, nowMs, { dropReason: DropReason.DROP_REASON_SEND_FAILED })
      return result
    }
    pairs.progress[pair] = progresses.sent
    pairs.sentRevision[pair] = alert.revision
    pairs.sentAtMs[pair] = nowMs
    pairs.mayHold[pair] = 1
    owe(book, pair, nowMs)
    return result
  }

  /** An end is sent once and not acknowledged; a vehicle that missed it counts down by itself, and says at its return what it holds. */
  function sendNotice(pair: number, row: number): SendResult {
    const alert = book.alerts[pairs.slot[pair]!]!
    const json = (book.sessions[row]! & sessionBits.json) !== 0
    alert.withdrawnFrames ??= createEndFrames({ alertId: alert.id, scope: EndScope.END_SCOPE_WITHDRAWN })
    const frames = pairs.notice[pair] === notices.ended ? alert.endFrames! : alert.withdrawnFrames
    const result = frames.send(socket, row, json, undefined)
    if (result === sendResults.dropped) book.droppedNotices++
    pairs.notice[pair] = notices.none
    pairs.mayHold[pair] = 0
    pairs.heldRevision[pair] = 0
    lists.remove(pair)
    return result
  }

  return {
    flush(nowMs, sendsMax) {
      sends = 0
      for (let list = 0; list < dueLists; list++) {
        for (let pair = lists.first(list); pair !== -1; pair = lists.first(list)) {
          if (sends >= sendsMax) return { sends, more: true }
          sendToRow(pairs.row[pair]!, nowMs)
        }
      }
      return { sends, more: false }
    },
    flushRow(row, nowMs) {
      sends = 0
      sendToRow(row, nowMs)
      return { sends, more: false }
    },
  }
}

/** What waited for a row's socket is due again; the vehicle reads, so that what it owes is as young as that. */
export function unblock(book: DeliveryBook, row: number, nowMs: number): void {
  const { pairs, lists } = book
  for (let pair = pairs.firstOfRow(row); pair !== -1; pair = pairs.nextOfRow(pair)) {
    if (lists.listOf(pair) !== blockedList) continue
    oweAnew(book, pair, nowMs)
    makeDue(book, pair)
  }
}

/** In order of time, so that only the head is looked at if nobody is late. */
export function stalledRows(book: DeliveryBook, nowMs: number, ageMs: number): readonly number[] {
  const { pairs, owed } = book
  const rows = new Set<number>()
  for (let pair = owed.first(0); pair !== -1 && rows.size < stalledRowsMax; pair = owed.next(pair)) {
    if (nowMs - pairs.owedSinceMs[pair]! < ageMs) break
    rows.add(pairs.row[pair]!)
  }
  return [...rows]
}
