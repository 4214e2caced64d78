/*
 * A vehicle whose link was primary has said that it is standby: another node has it now. What it may still get is moved there, and the link
 * is closed once its reports are acknowledged. The session stays as of any vehicle that went, so that repeats of its reports are known.
 */
import { acknowledge } from './acknowledge.js'
import { closeSession } from './send-control.js'
import type { Session } from './session.js'
import type { ZoneState } from './zone-state.js'

/** Longest wait for the fsync of its last reports: the vehicle itself leaves after a second. */
const settleMs = 500

/** @param at where it is, 1e-7 degrees, if it says so */
export function vehicleMoved(
  zone: ZoneState,
  session: Session,
  at: { readonly latitudeE7?: number | null; readonly longitudeE7?: number | null } | null | undefined,
  nowMs: number,
): void {
  const owner = at?.latitudeE7 == null || at.longitudeE7 == null ? undefined : zone.ownerOf(at.latitudeE7, at.longitudeE7)
  // Within the own footprint it went for another reason, and where to it did not say.
  session.moved = { to: owner === zone.node ? undefined : owner, atMs: nowMs }
  closeMoved(zone, session, nowMs)
}

/** Closes the link if nothing is open any more, or has been for too long. */
export function closeMoved(zone: ZoneState, session: Session, nowMs: number): void {
  const { moved, numbers, row } = session
  if (moved === undefined) return
  const isTold = acknowledge(zone, session) && !numbers.isOpen('urgent') && !numbers.isOpen('telemetry')
  if (!isTold && nowMs - moved.atMs < settleMs) return
  closeSession(zone, session, 'moved')
  zone.deliveries.moved(row, moved.to, nowMs)
  // It concerns him elsewhere now; if he comes back, his report tells anew.
  zone.concerns.clear(row)
}
