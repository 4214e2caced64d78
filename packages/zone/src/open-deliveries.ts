/*
 * What the urgent lane's records say was still open when the node's process ended: targeted, and without an outcome. Records are read in the
 * order they were written, those of all processes of the node one after the other; a delivery reopened by the one before is still open.
 * Only deliveries are taken from there. Records are history and never make an alert live again (design, invariant 4): until the registry
 * confirms the alert, a reopened delivery waits, and at the end of the validity that was recorded it expires.
 */
import { formatAlertKey, outrider } from '@outrider/protocol'

const { DeliveryState, DeliveryStage, Record: RecordMessage } = outrider.v1

/** As many as one vehicle's outbox and 65,536 vehicles make; at about 200 bytes 200 MB. Above, the oldest is left out and counted. */
const openMax = 1_048_576
/** Alerts whose validity is remembered: as many as a registry holds. Above, the oldest is forgotten, and counts as one of another node. */
const alertsMax = 16_384

export interface OpenDelivery {
  readonly authority: string
  /** Pseudonym. */
  readonly vehicle: string
  readonly alertId: outrider.v1.AlertId.$Properties
  readonly revision: number
  /** End of the alert's validity, ms since 1970-01-01 UTC; undefined = another node's alert, whose validity is not recorded here. */
  readonly validUntilWallMs: number | undefined
}

export interface OpenDeliveries {
  /** The next record of the lane. */
  read(record: Uint8Array): void
  list(): OpenDelivery[]
  /** Records that were none. */
  readonly unreadable: number
  /** Open deliveries that were left out because there were too many. */
  readonly leftOut: number
}

export function createOpenDeliveries(): OpenDeliveries {
  const open = new Map<string, Omit<OpenDelivery, 'validUntilWallMs'>>()
  const validUntilWallMs = new Map<string, number>()
  let unreadable = 0
  let leftOut = 0

  function step(authority: string, delivery: outrider.v1.DeliveryTransition.$Properties): void {
    const { alertId, revision = 0, vehicle = '', state, stage = DeliveryStage.DELIVERY_STAGE_UNSPECIFIED, reachedTimeMs } = delivery
    if (alertId == null || revision === null || vehicle === null || reachedTimeMs != null) return
    const name = `${authority}\n${vehicle}\n${formatAlertKey(alertId)} ${revision}`
    if (state !== DeliveryState.DELIVERY_STATE_TARGETED) open.delete(name)
    else if (stage === DeliveryStage.DELIVERY_STAGE_UNSPECIFIED) open.set(name, { authority, vehicle, alertId, revision })
    if (open.size <= openMax) return
    open.delete(open.keys().next().value!)
    leftOut++
  }

  function standsUntil(id: outrider.v1.AlertId.$Properties, wallMs: number): void {
    const key = formatAlertKey(id)
    validUntilWallMs.delete(key)
    validUntilWallMs.set(key, wallMs)
    if (validUntilWallMs.size > alertsMax) validUntilWallMs.delete(validUntilWallMs.keys().next().value!)
  }

  return {
    read(bytes) {
      const record = decode(bytes)
      if (record === undefined) {
        unreadable++
        return
      }
      const { alert, end, delivery, authority } = record
      if (delivery != null) step(authority, delivery)
      else if (alert?.id != null) standsUntil(alert.id, alert.validUntilMs ?? 0)
      else if (end?.alertId != null) standsUntil(end.alertId, 0)
    },
    list() {
      return [...open.values()].map(delivery => ({ ...delivery, validUntilWallMs: validUntilWallMs.get(formatAlertKey(delivery.alertId)) }))
    },
    get unreadable() {
      return unreadable
    },
    get leftOut() {
      return leftOut
    },
  }
}

function decode(bytes: Uint8Array): outrider.v1.Record | undefined {
  try {
    return RecordMessage.decode(bytes)
  } catch {
    // The decoder throws for bytes that are no message, and for nothing else: counted, and the next record is another one.
    return undefined
  }
}
