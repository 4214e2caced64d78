import { sendResults } from '@outrider/delivery'
import { type CloseCodeName, closeCodes, encodeFrame, encodeJsonFrame, type FrameContent, type FrameName } from '@outrider/protocol'
import type { Session } from './session.js'
import { count } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

/**
 * Sends a frame that is not an alert, in the session's subprotocol. Nothing is put behind bytes that still wait: false if the socket is busy
 * or gone, counted; what matters is made anew from state later (acknowledgements, intervals), the rest (errors, time) is worth nothing late.
 */
export function sendControl<Name extends FrameName>(zone: ZoneState, session: Session, type: Name, content: FrameContent<Name>): boolean {
  const { sockets, counts } = zone
  if (session.connected && sockets.bufferedBytes(session.row) === 0) {
    const result = session.json
      ? sockets.sendText(session.row, encodeJsonFrame(type, content))
      : sockets.send(session.row, encodeFrame(type, content))
    if (result !== sendResults.dropped) return true
  }
  counts.controlUnsent++
  return false
}

/** Closes a session with one of the table's codes, which say whether, where and when to come back. */
export function closeSession(zone: ZoneState, session: Session, name: CloseCodeName): void {
  if (!session.connected) return
  count(zone.counts.closed, name)
  session.stalled = name === 'stalled'
  const { code, meaning } = closeCodes[name]
  zone.sockets.close(session.row, code, meaning)
  disconnect(zone, session)
}

/** The socket is gone: the vehicle is no longer targeted, and remembered until it comes back or is given up. */
export function disconnect(zone: ZoneState, session: Session): void {
  if (!session.connected) return
  session.connected = false
  session.greeted = false
  session.goneAtMs = zone.clock.monotonicMs()
  zone.grid.remove(session.row)
  zone.standing.remove(session.row)
  zone.unheard.forgetRow(session.row)
  zone.deliveries.disconnect(session.row)
}
