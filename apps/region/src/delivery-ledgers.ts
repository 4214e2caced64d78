// What became of the deliveries of each alert, folded by (alert, revision, vehicle, node) from the steps that nodes recorded: a function of the
// region's log, kept in its checkpoints. A step that comes again, or in another order, changes nothing (`foldStep`).
//
//   step ─▶ fold of its delivery, in the alert's newest chunk     too many deliveries: the alert that was quiet longest is summed up
//   over and quiet for 5 min ─▶ summed up: counts only            a later step cannot be told from a repeat: not counted, no longer complete
//   unknown to the board for an hour ─▶ forgotten
//
// Chunks are what a checkpoint stores; those that did not change are not encoded again.
import { type DeliveryFold, foldStep, mergeFolds } from '@outrider/delivery'
import { formatAlertKey, outrider } from '@outrider/protocol'
import { type FoldedDelivery, type LedgerCounts, ledgerOf } from './ledger-rows.js'

const { DeliveryState } = outrider.v1

type Transition = outrider.v1.DeliveryTransition.$Properties

interface AlertLedger extends LedgerCounts {
  /** False: a step came after the deliveries were summed up. */
  readonly counted: boolean
}

export interface DeliveryLedgers {
  /** A step of a delivery at a node. What names no delivery is left to central's dead letters. */
  add(node: string, step: Transition): void
  /** Records of some node are lost: nothing that was under way then is sure. @param atMs wall time */
  lost(atMs: number): void
  ledger(key: string): AlertLedger | undefined
  /** Alerts that began before this wall time may have had deliveries that are not known here. */
  readonly sureFromMs: number
  /** Sums up and forgets. @param stands what the board has: true = active, false = over, undefined = unknown */
  tick(stands: (key: string) => boolean | undefined, nowMs: number): void
  store(): Uint8Array[]
  restore(item: Uint8Array): void
  counts(): { readonly alerts: number; readonly deliveries: number; readonly summedUp: number; readonly late: number }
}

export interface DeliveryLedgersOptions {
  /** Wall time of the start, ms: what was before is unknown, unless a checkpoint tells. */
  readonly startedAtMs: number
  readonly deliveriesMax?: number
  readonly alertsMax?: number
}

interface Delivery extends FoldedDelivery {
  fold: DeliveryFold
}

interface Chunk {
  readonly deliveries: Delivery[]
  /** As stored; undefined = something changed since. */
  bytes: Uint8Array | undefined
}

interface Kept {
  readonly kind: 'kept'
  readonly chunks: Chunk[]
  readonly places: Map<string, { readonly chunk: Chunk; readonly delivery: Delivery }>
  newestAtMs: number
}

interface Summed extends AlertLedger {
  readonly kind: 'summed'
  readonly newestAtMs: number
}

/** A full city's alert, 50,000 vehicles, and others beside it: about 400 bytes each, 26 MB, and 10 MB in a checkpoint. */
const deliveriesMaxDefault = 65_536
/** As many as the board has; beyond, the one that was quiet longest is forgotten. */
const alertsMaxDefault = 16_384
/** Deliveries of a chunk: 250 KB at most with names of 64 bytes, a sixteenth of a checkpoint's record. */
const chunkMax = 1_024
/** Answers and arrivals come within the minute; an outage of the uplink that ends later is told by `complete`. */
const quietMs = 300_000
const forgottenMs = 3_600_000

export function createDeliveryLedgers(options: DeliveryLedgersOptions): DeliveryLedgers {
  const { startedAtMs, deliveriesMax = deliveriesMaxDefault, alertsMax = alertsMaxDefault } = options
  /** The one that was quiet longest first. */
  const alerts = new Map<string, Kept | Summed>()
  let deliveries = 0
  let late = 0
  let sureFromMs = startedAtMs

  function put(key: string, revision: number, node: string, vehicle: string, change: (fold?: DeliveryFold) => DeliveryFold): void {
    const found = alerts.get(key)
    if (found?.kind === 'summed') {
      late++
      alerts.set(key, { ...found, counted: false })
      return
    }
    const alert = found ?? { kind: 'kept', chunks: [], places: new Map(), newestAtMs: 0 }
    alerts.delete(key)
    alerts.set(key, alert)
    const name = `${revision} ${node} ${vehicle}`
    const known = alert.places.get(name)
    const place = known ?? open(alert, name, { revision, node, vehicle, fold: change() })
    if (known !== undefined) known.delivery.fold = change(known.delivery.fold)
    place.chunk.bytes = undefined
    alert.newestAtMs = Math.max(alert.newestAtMs, newestOf(place.delivery.fold))
    makeRoom()
  }

  function open(alert: Kept, name: string, delivery: Delivery) {
    let chunk = alert.chunks.at(-1)
    if (chunk === undefined || chunk.deliveries.length >= chunkMax) {
      chunk = { deliveries: [], bytes: undefined }
      alert.chunks.push(chunk)
    }
    chunk.deliveries.push(delivery)
    deliveries++
    const place = { chunk, delivery }
    alert.places.set(name, place)
    return place
  }

  function makeRoom(): void {
    for (const [key, alert] of alerts) {
      if (deliveries <= deliveriesMax) break
      if (alert.kind === 'kept') sumUp(key, alert)
    }
    for (const key of alerts.keys()) {
      if (alerts.size <= alertsMax) break
      forget(key)
    }
  }

  /** Keeps its place: what is summed up gets no younger. */
  function sumUp(key: string, alert: Kept): void {
    deliveries -= alert.places.size
    alerts.set(key, { kind: 'summed', ...readLedger(alert), newestAtMs: alert.newestAtMs })
  }

  function forget(key: string): void {
    const alert = alerts.get(key)
    if (alert?.kind === 'kept') deliveries -= alert.places.size
    alerts.delete(key)
  }

  return {
    add(node, step) {
      const { alertId, revision, vehicle, state, timeMs } = step
      const isStep = alertId?.node && alertId.sequence && revision && vehicle && vehicle.length <= 64
      if (!isStep || !state || state > DeliveryState.DELIVERY_STATE_DROPPED || !timeMs || !Number.isFinite(timeMs)) return
      put(formatAlertKey(alertId), revision, node, vehicle, fold => foldStep(fold, { ...step, state, timeMs }))
    },
    lost(atMs) {
      sureFromMs = Math.max(sureFromMs, atMs)
    },
    ledger(key) {
      const alert = alerts.get(key)
      return alert?.kind === 'kept' ? readLedger(alert) : alert
    },
    get sureFromMs() {
      return sureFromMs
    },
    tick(stands, nowMs) {
      for (const [key, alert] of alerts) {
        const state = stands(key)
        const quietForMs = nowMs - alert.newestAtMs
        if (state === undefined && quietForMs >= forgottenMs) forget(key)
        else if (state !== true && alert.kind === 'kept' && quietForMs >= quietMs) sumUp(key, alert)
      }
    },
    store() {
      const items = [encode({ ledgerSureFromMs: sureFromMs })]
      for (const [key, alert] of alerts) {
        if (alert.kind === 'summed') items.push(encode({ ledger: key, summed: alert }))
        else
          for (const chunk of alert.chunks) {
            chunk.bytes ??= encode({ ledger: key, deliveries: chunk.deliveries.map(rowOf) })
            items.push(chunk.bytes)
          }
      }
      return items
    },
    restore(bytes) {
      const item = JSON.parse(Buffer.from(bytes).toString()) as StoredItem
      if (item.ledgerSureFromMs !== undefined) sureFromMs = item.ledgerSureFromMs
      if (item.ledger === undefined) return
      if (item.summed !== undefined) alerts.set(item.ledger, item.summed)
      for (const { revision, node, vehicle, fold } of (item.deliveries ?? []).map(deliveryOf))
        put(item.ledger, revision, node, vehicle, known => (known === undefined ? fold : mergeFolds(known, fold)))
    },
    counts: () => ({
      alerts: alerts.size,
      deliveries,
      summedUp: [...alerts.values()].filter(({ kind }) => kind === 'summed').length,
      late,
    }),
  }
}

interface StoredItem {
  readonly ledgerSureFromMs?: number
  readonly ledger?: string
  readonly deliveries?: readonly StoredDelivery[]
  readonly summed?: Summed
}

/** Names would be two thirds of a checkpoint: revision, node, vehicle, then the fold's fields in this order. Never changed, only added to. */
type StoredDelivery = readonly (number | string | boolean | null)[]
const foldFields = [
  'state',
  'dropReason',
  'closedAtMs',
  'openedAtMs',
  'targetedAtMs',
  'withdrawnAtMs',
  'sentAtMs',
  'receivedAtMs',
  'takenAtMs',
  'shownAtMs',
  'shownToldAtMs',
  'reachedAtMs',
  'timeToHazardMs',
  'distanceM',
  'recovered',
  'alreadyHeld',
  'movedTo',
  'movedAtMs',
] as const satisfies readonly (keyof DeliveryFold)[]

function rowOf({ revision, node, vehicle, fold }: Delivery): StoredDelivery {
  return [revision, node, vehicle, ...foldFields.map(field => fold[field])]
}

function deliveryOf([revision, node, vehicle, ...values]: StoredDelivery): Delivery {
  const fold = Object.fromEntries(foldFields.map((field, at) => [field, values[at] ?? null]))
  return { revision, node, vehicle, fold } as unknown as Delivery
}

function encode(item: StoredItem): Uint8Array {
  return Buffer.from(JSON.stringify(item))
}

/** Newest step of a fold that is known by the node's clock. */
function newestOf({ openedAtMs, targetedAtMs, closedAtMs, shownToldAtMs, reachedAtMs }: DeliveryFold): number {
  return Math.max(openedAtMs, targetedAtMs ?? 0, closedAtMs ?? 0, shownToldAtMs ?? 0, reachedAtMs ?? 0)
}

function readLedger({ chunks }: Kept): AlertLedger {
  return { ...ledgerOf(chunks.flatMap(chunk => chunk.deliveries)), counted: true }
}
