/*
 * After a crash: the deliveries that the process before left open are open again, each with the row of its vehicle, which is taken as gone
 * just now. It comes back within `resumeMs` and says what it holds, or is given up as any other. An alert that the registry does not come
 * to know (from peers or region; this process is a new origin) ends for the ledger when its recorded validity does.
 */
import { formatAlertKey } from '@outrider/protocol'
import type { OpenDelivery } from './open-deliveries.js'
import { release } from './release.js'
import { count } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

/** What became of the open deliveries of before. */
export interface Recovery {
  readonly reopened: number
  /** No row, slot or room was left for them: open in the records for good, which central sees by their age. */
  readonly leftOpen: number
}

export function recoverDeliveries(zone: ZoneState, open: readonly OpenDelivery[]): Recovery {
  const nowMs = zone.clock.monotonicMs()
  const wallMs = zone.clock.wallMs()
  const before = zone.deliveries.totals().targeted
  for (const delivery of open) {
    const { authority, vehicle: pseudonym, alertId: id, revision, validUntilWallMs } = delivery
    const untilMs = validUntilWallMs === undefined ? nowMs + zone.policy.recoveredMs : nowMs + Math.max(0, validUntilWallMs - wallMs)
    const slot = openSlot(zone, delivery, untilMs)
    if (slot === undefined) continue
    const identity = { authority, pseudonym, role: 'default', links: [], issuedAtMs: 0, validFromMs: 0, expiresAtMs: 0, keyId: '' } as const
    const session = zone.sessions.take(identity, gone => release(zone, gone, nowMs))
    if (session === undefined) continue
    if (!session.connected) session.goneAtMs = nowMs
    zone.deliveries.reopen(session.row, slot, revision, nowMs)
    // It concerned him before the crash; whether it still does, his next report tells.
    zone.concerns.add(session.row, slot, 0)
    zone.recovered.set(slot, { key: formatAlertKey(id), untilMs })
  }
  const reopened = zone.deliveries.totals().targeted - before
  return { reopened, leftOpen: open.length - reopened }
}

/** An alert known from records only: nothing of it is sent until the registry confirms it. */
function openSlot(zone: ZoneState, { alertId: id, revision }: OpenDelivery, untilMs: number): number | undefined {
  if (zone.deliveries.slotOf(formatAlertKey(id)) === undefined && zone.recovered.size >= zone.policy.alertsMax / 2) return undefined
  return zone.deliveries.publish({ id, revision, alert: undefined, validUntilMs: untilMs })
}

/** Lets go of alerts that are the registry's by now, and closes what nobody has confirmed in time. */
export function watchRecovered(zone: ZoneState, nowMs: number): void {
  const { recovered, registry, deliveries } = zone
  for (const [slot, { key, untilMs }] of recovered) {
    const entry = registry.get(key)
    if (entry === undefined && nowMs < untilMs) continue
    recovered.delete(slot)
    if (entry?.state === 'active') continue
    deliveries.expire(slot, nowMs)
    if (entry === undefined) deliveries.forget(slot, nowMs)
    count(zone.counts.alerts, 'unconfirmed')
  }
}
