// Guards and wiring; what happens is in publish-alert, target-vehicle, vehicle-session, acknowledge-delivery and flush-outboxes, each made
// of the steps in delivery-book.ts.

import { acknowledgeDelivery } from './acknowledge-delivery.js'
import { readLedger } from './alert-slots.js'
import { createApproachCounts } from './approach.js'
import type { Deliveries, DeliveriesOptions } from './deliveries.js'
import type { DeliveryBook } from './delivery-book.js'
import { blockedList, listCount, sessionBits } from './delivery-book.js'
import { DeliveryError, deliveryErrorCodes } from './delivery-error.js'
import { createFlusher, stalledRows, unblock } from './flush-outboxes.js'
import { createCountRow, readCounts } from './ledger.js'
import { createPairLists } from './pair-lists.js'
import { createPairTable } from './pair-table.js'
import { endAlert, expireAlert, forgetAlert, publishAlert } from './publish-alert.js'
import { reachHazard, settle, targetHolders, targetVehicle, withdrawPair } from './target-vehicle.js'
import { dueLists } from './urgency.js'
import { changeVehicleRole, connectVehicle, disconnectVehicle, releaseVehicle, reopenDelivery, vehicleMoved } from './vehicle-session.js'

const alertsMaxDefault = 16_384
const outboxMaxDefault = 16
const pairsPerRowMaxDefault = 64
const pairsPerRowMean = 16
const rowsMaxMax = 1_048_576

/** @throws DeliveryError `invalid_option` */
export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { socket, onTransition, rowsMax } = options
  const { alertsMax = alertsMaxDefault, outboxMax = outboxMaxDefault, pairsPerRowMax = pairsPerRowMaxDefault } = options
  const { pairsMax = Math.min(pairsPerRowMean, pairsPerRowMax) * rowsMax } = options
  for (const [name, value, max] of [
    ['rowsMax', rowsMax, rowsMaxMax],
    ['alertsMax', alertsMax, rowsMaxMax],
    ['outboxMax', outboxMax, pairsPerRowMax],
    ['pairsPerRowMax', pairsPerRowMax, 65_535],
    ['pairsMax', pairsMax, pairsPerRowMax * rowsMax],
  ] as const) {
    if (!Number.isInteger(value) || value < 1 || value > max) {
      throw new DeliveryError(deliveryErrorCodes.invalidOption, `options.${name} must be a whole number from 1 to ${max}, not ${value}`)
    }
  }
  const book: DeliveryBook = {
    socket,
    onTransition,
    outboxMax,
    pairs: createPairTable(pairsMax, rowsMax, alertsMax, pairsPerRowMax),
    lists: createPairLists(listCount, pairsMax),
    owed: createPairLists(1, pairsMax),
    alerts: new Array(alertsMax).fill(undefined),
    slotByKey: new Map(),
    freeSlots: Array.from({ length: alertsMax }, (_, index) => alertsMax - 1 - index),
    sessions: new Uint8Array(rowsMax),
    openCounts: new Uint16Array(rowsMax),
    totals: createCountRow(),
    approachCounts: createApproachCounts(),
    reclaimAt: 0,
    full: 0,
    strayAcknowledgements: 0,
    droppedNotices: 0,
  }
  const flusher = createFlusher(book, pairsPerRowMax)

  function checkRow(row: number): void {
    if (!(row >= 0 && row < rowsMax)) throw new DeliveryError(deliveryErrorCodes.invalidRow, `row ${row}; there are ${rowsMax}`)
  }

  function checkSlot(slot: number): void {
    if (book.alerts[slot] === undefined) throw new DeliveryError(deliveryErrorCodes.invalidSlot, `slot ${slot} holds no alert`)
  }

  return {
    publish: alert => publishAlert(book, alert),
    slotOf: key => book.slotByKey.get(key),
    target(row, slot, timeToHazardMs, distanceM, nowMs) {
      checkRow(row)
      checkSlot(slot)
      return targetVehicle(book, row, slot, timeToHazardMs, distanceM, nowMs)
    },
    targetHolders(slot, nowMs) {
      checkSlot(slot)
      targetHolders(book, slot, nowMs)
    },
    settle(slot, nowMs) {
      checkSlot(slot)
      settle(book, slot, nowMs)
    },
    withdraw(row, slot, nowMs) {
      checkRow(row)
      checkSlot(slot)
      const pair = book.pairs.find(row, slot)
      if (pair !== -1) withdrawPair(book, pair, nowMs)
    },
    reach(row, slot, nowMs) {
      checkRow(row)
      checkSlot(slot)
      return reachHazard(book, row, slot, nowMs)
    },
    expire(slot, nowMs) {
      checkSlot(slot)
      expireAlert(book, slot, nowMs)
    },
    end(slot, ending, nowMs) {
      checkSlot(slot)
      endAlert(book, slot, ending, nowMs)
    },
    forget(slot, nowMs) {
      checkSlot(slot)
      forgetAlert(book, slot, nowMs)
    },

    connect(row, start, nowMs) {
      checkRow(row)
      return connectVehicle(book, row, start, nowMs)
    },
    changeRole(row, primary, held, nowMs) {
      checkRow(row)
      if ((book.sessions[row]! & sessionBits.there) === 0)
        throw new DeliveryError(deliveryErrorCodes.invalidRow, `row ${row} is not connected`)
      return changeVehicleRole(book, row, primary, held, nowMs)
    },
    disconnect(row) {
      checkRow(row)
      disconnectVehicle(book, row)
    },
    moved(row, to, nowMs) {
      checkRow(row)
      vehicleMoved(book, row, to, nowMs)
    },
    release(row, dropReason, nowMs) {
      checkRow(row)
      releaseVehicle(book, row, dropReason, nowMs)
    },
    reopen(row, slot, revision, nowMs) {
      checkRow(row)
      checkSlot(slot)
      reopenDelivery(book, row, slot, revision, nowMs)
    },
    acknowledge(row, ack, nowMs) {
      checkRow(row)
      acknowledgeDelivery(book, row, ack, nowMs)
    },

    flush: flusher.flush,
    flushRow(row, nowMs) {
      checkRow(row)
      return flusher.flushRow(row, nowMs)
    },
    writable(row, nowMs) {
      checkRow(row)
      unblock(book, row, nowMs)
    },
    stalled: (nowMs, ageMs) => stalledRows(book, nowMs, ageMs),

    ledger(key) {
      const slot = book.slotByKey.get(key)
      return slot === undefined ? undefined : readLedger(book.alerts[slot]!)
    },
    totals: () => readCounts(book.totals),
    approaches: () => ({ ...book.approachCounts }),
    openCount: row => book.openCounts[row] ?? 0,
    counts() {
      const { full, strayAcknowledgements, droppedNotices } = book
      let due = 0
      for (let list = 0; list < dueLists; list++) due += book.lists.size(list)
      const sizes = {
        alerts: book.slotByKey.size,
        pairs: book.pairs.size,
        due,
        blocked: book.lists.size(blockedList),
        owed: book.owed.size(0),
      }
      return { ...sizes, full, strayAcknowledgements, droppedNotices }
    },
  }
}
