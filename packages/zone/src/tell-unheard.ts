/*
 * Alerts that vehicles say they hold and that this node has not heard of: on their way here from another node, or of before a restart. Peers
 * and region say within seconds what they have. Until then the vehicle is told nothing, since it would drop an alert that stands; afterwards
 * it is told that nobody here knows it. Whenever the alert comes, its holders are known: it is not sent to them again, and they are told when
 * it ends or no longer concerns them.
 */
import type { EndedAlert } from '@outrider/alerts'
import type { Held } from '@outrider/delivery'
import type { CompiledArea } from '@outrider/geo'
import { formatAlertKey, outrider } from '@outrider/protocol'
import { sendControl } from './send-control.js'
import type { Session } from './session.js'
import type { Unheard } from './unheard-alerts.js'
import type { ZoneState } from './zone-state.js'

const { EndScope } = outrider.v1

/** What a primary hello named and delivery does not know; what an earlier one named counts no more. */
export function noteUnheard(zone: ZoneState, session: Session, held: readonly Held[], nowMs: number): void {
  const { row } = session
  zone.unheard.forgetRow(row)
  for (const { id, revision } of held) {
    const key = formatAlertKey(id)
    // Of an end without the alert delivery knows nothing, the registry does.
    const isOver = zone.registry.get(key)?.state === 'ended'
    const entry = { row, key, id, revision, dueAtMs: nowMs + zone.policy.unheardMs }
    if (isOver && tell(zone, entry)) continue
    if (!zone.unheard.add(entry)) tell(zone, entry)
  }
}

/** The alert has come, under this slot: whoever holds it is its holder here as well. Whether it concerns him his next report tells. */
export function adoptHolders(zone: ZoneState, key: string, slot: number, nowMs: number): void {
  for (const entry of zone.unheard.take(key)) {
    const { row } = entry
    zone.deliveries.changeRole(row, true, [entry], nowMs)
    if (!zone.concerns.has(row, slot)) zone.concerns.add(row, slot, 0)
  }
}

/** One of them, whom it concerns: before he is targeted, so that he is not sent what he has. */
export function adoptHolder(zone: ZoneState, row: number, slot: number, nowMs: number): void {
  const entry = zone.unheard.takeOf(row, zone.active.keyOf(slot)!)
  if (entry !== undefined) zone.deliveries.changeRole(row, true, [entry], nowMs)
}

/** It has ended, and nothing else was ever heard of it. */
export function tellHolders(zone: ZoneState, { key }: EndedAlert<CompiledArea>): void {
  for (const entry of zone.unheard.take(key)) {
    // A socket that takes nothing now is tried again with the next tick.
    if (!tell(zone, entry) && zone.unheard.add(entry)) zone.unheard.putBack(entry)
  }
}

/** Tells what nobody has named in time. */
export function tellUnheard(zone: ZoneState, nowMs: number): void {
  for (const entry of zone.unheard.due(nowMs)) {
    if (!tell(zone, entry)) zone.unheard.putBack(entry)
    // Of this node's own alert its word counts, and an end counts whoever's it is: the vehicle does not hold it any more. Of another node's
    // it keeps what is only unknown for as long as it is valid.
    else if (entry.id.node === zone.node || zone.registry.get(entry.key)?.state === 'ended') zone.unheard.forget(entry)
  }
}

/** False if it could not be told now. */
function tell(zone: ZoneState, { row, key, id }: Unheard): boolean {
  const session = zone.sessions.at(row)
  const entry = zone.registry.get(key)
  // Expired, or known and without room for it: nobody says that it is over, the vehicle counts its validity down.
  if (session === undefined || (entry !== undefined && entry.state !== 'ended')) return true
  if (entry === undefined) return sendControl(zone, session, 'end', { alertId: id, scope: EndScope.END_SCOPE_UNKNOWN })
  const { reason = null, mergedInto = null } = entry.ending
  return sendControl(zone, session, 'end', { alertId: id, scope: EndScope.END_SCOPE_ENDED, reason, mergedInto })
}
