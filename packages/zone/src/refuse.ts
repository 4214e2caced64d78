/*
 * What happens to what cannot be used: it is counted, its sender is told what was wrong, and it costs nobody else anything. A report's
 * number is settled as refused, so that the vehicle does not send it again.
 */
import { closeCodes, outrider, type ReportOutcome, reportOutcomes } from '@outrider/protocol'
import { overloadLevels } from './admission.js'
import { closeSession, sendControl } from './send-control.js'
import type { Session } from './session.js'
import { count, type FrameRefusal, frameRefusals, type ShedReason, shedReasons } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

const { RefusalReason } = outrider.v1

/** Over its rate, or shed under overload. @param number the report's; 0 = not known */
export function refuseShed(zone: ZoneState, session: Session, number: number, reason: ShedReason): void {
  count(zone.counts.shed, reason)
  const isOverRate = reason === shedReasons.overRate
  refuseNumber(session, number, isOverRate ? RefusalReason.REFUSAL_REASON_OVER_RATE : RefusalReason.REFUSAL_REASON_SHED)
  if (isOverRate && zone.overload >= overloadLevels.overRateSessions) closeSession(zone, session, 'overRate')
}

/** A frame that cannot be used. Unknown types are a newer SDK's and only counted; the others count against the session. */
export function refuseFrame(zone: ZoneState, session: Session, reason: FrameRefusal, field = ''): void {
  count(zone.counts.framesRefused, reason)
  if (reason === frameRefusals.unknownType) return
  if (reason === frameRefusals.helloExpected || reason === frameRefusals.helloInvalid) {
    closeSession(zone, session, 'helloExpected')
    return
  }
  if (reason === frameRefusals.tooLarge) {
    closeSession(zone, session, 'tooLarge')
    return
  }
  if (++session.malformed >= zone.policy.malformedMax) {
    closeSession(zone, session, 'malformed')
    return
  }
  sendControl(zone, session, 'error', { code: closeCodes.malformed.code, field, message: `frame refused: ${reason}` })
}

/** A report that could not be read, or has a value outside its range: named to its sender. @param number 0 = not known */
export function refuseReport(zone: ZoneState, session: Session, outcome: ReportOutcome, number: number, field: string): void {
  const isMalformed = outcome === reportOutcomes.malformed
  refuseNumber(session, number, isMalformed ? RefusalReason.REFUSAL_REASON_MALFORMED : RefusalReason.REFUSAL_REASON_OUT_OF_RANGE)
  refuseFrame(zone, session, frameRefusals.malformed, field)
}

function refuseNumber({ numbers }: Session, number: number, reason: outrider.v1.RefusalReason): void {
  if (number > 0 && !numbers.isKnown(number)) numbers.refuse(number, reason)
}
