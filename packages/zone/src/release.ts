import { clearTrack } from '@outrider/detection'
import { outrider } from '@outrider/protocol'
import type { Session } from './session.js'
import { count } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

const { DropReason } = outrider.v1

/**
 * Gives a vehicle up that did not come back: what it was still to get is dropped, and its row is another's. One that had told that this link
 * is its standby is with another node, which it did not name.
 */
export function release(zone: ZoneState, session: Session, nowMs: number): void {
  const { row } = session
  const dropReason = session.stalled ? DropReason.DROP_REASON_UNACKNOWLEDGED : DropReason.DROP_REASON_DISCONNECTED
  // What a standby was still to get its primary node sees to.
  if (!session.primary) zone.deliveries.moved(row, undefined, nowMs)
  zone.deliveries.release(row, dropReason, nowMs)
  zone.grid.remove(row)
  zone.standing.remove(row)
  zone.concerns.clear(row)
  zone.hazards.forgetRow(row)
  zone.surroundings.usual.forgetRow(row)
  zone.surroundings.conditions.forgetRow(row)
  clearTrack(zone.tracks, row)
  zone.awaiting.delete(session)
  zone.sessions.free(session)
  count(zone.counts.sessions, 'released')
}
