/*
 * Telling vehicles which of their reports are durable: of an urgent report as soon as its log is synced, of telemetry together, riding on
 * whatever else is sent, or at the latest every `acknowledgeMs`. Nothing is acknowledged that is not on disk.
 */

import { sendControl } from './send-control.js'
import type { Session } from './session.js'
import type { ZoneState } from './zone-state.js'

/** An urgent report was appended: the acknowledgement goes out with its fsync. */
export function acknowledgeWhenSynced(zone: ZoneState, session: Session): void {
  if (!session.urgentWaits) {
    session.urgentWaits = true
    zone.awaiting.add(session)
  }
  zone.log.awaitSync('urgent')
}

/** The urgent log was synced: tells those who wait for it, and keeps those whose newest reports are not yet in. */
export function acknowledgeUrgent(zone: ZoneState): void {
  for (const session of zone.awaiting) {
    if (session.connected && (!acknowledge(zone, session) || session.numbers.isOpen('urgent'))) continue
    session.urgentWaits = false
    zone.awaiting.delete(session)
  }
}

/** Sends what is to be told now, if anything. False if the socket took nothing: to be tried again. */
export function acknowledge(zone: ZoneState, session: Session): boolean {
  const { numbers, row } = session
  numbers.settle('urgent', zone.log.syncedThrough('urgent'))
  if (!numbers.settle('telemetry', zone.log.syncedThrough('telemetry'))) return true
  if (!session.connected || zone.sockets.bufferedBytes(row) > 0) return false
  const ack = numbers.takeAck()
  session.acknowledgedAtMs = zone.clock.monotonicMs()
  if (ack === undefined || sendControl(zone, session, 'reportAck', ack)) return true
  numbers.reconnected()
  return false
}
