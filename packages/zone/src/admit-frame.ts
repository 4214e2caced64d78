/*
 * Step 1 of the path: from a message to a frame that may come in, of a type that a vehicle may send now. The first byte (of text, its first field)
 * says what it is; what is shed is not looked into. What is not taken is counted, and its sender is told.
 */
import { frameName, frameTypes, reportOutcomes } from '@outrider/protocol'
import { admit, isReportType, peekReportNumber } from './admission.js'
import { frameFromText, peekTextNumber, peekTextType } from './json-frames.js'
import { refuseFrame, refuseReport, refuseShed } from './refuse.js'
import type { Session } from './session.js'
import { count, frameRefusals } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

/** The frame's type and message, binary whichever way it came; undefined = not taken. */
export function admitFrame(zone: ZoneState, session: Session, bytes: Uint8Array, isText: boolean, nowMs: number): Uint8Array | undefined {
  const type = isText ? peekTextType(bytes) : (bytes[0] ?? -1)
  if (type === -1) {
    refuseFrame(zone, session, frameRefusals.empty)
    return undefined
  }
  if (isShed(zone, session, type, bytes, isText, nowMs)) return undefined
  const frame = isText ? openText(zone, session, type, bytes) : bytes
  if (frame === undefined) return undefined
  // Text that hides a report behind spaces or an unknown field is admitted by what it turned out to be.
  if (type === 0 && isShed(zone, session, frame[0]!, frame, false, nowMs)) return undefined
  const name = frameName(frame[0]!)
  if (name === undefined) {
    count(zone.counts.framesRefused, frameRefusals.unknownType)
    return undefined
  }
  count(zone.counts.frames, name)
  const refusal =
    frameTypes[name].sentBy === 'edge'
      ? frameRefusals.wrongDirection
      : frame.length - 1 > frameTypes[name].bytesMax
        ? frameRefusals.tooLarge
        : !session.greeted && name !== 'hello'
          ? frameRefusals.helloExpected
          : undefined
  if (refusal === undefined) return frame
  refuseFrame(zone, session, refusal)
  return undefined
}

function isShed(zone: ZoneState, session: Session, type: number, bytes: Uint8Array, isText: boolean, nowMs: number): boolean {
  const shed = admit(session, type, zone.overload, zone.concerns.countOf(session.row) > 0, nowMs)
  if (shed === undefined) return false
  refuseShed(zone, session, isText ? peekTextNumber(bytes) : peekReportNumber(bytes.subarray(1)), shed)
  return true
}

function openText(zone: ZoneState, session: Session, type: number, bytes: Uint8Array): Uint8Array | undefined {
  const text = frameFromText(bytes)
  if (text.ok) return text.frame
  if (text.why === 'malformed' && isReportType(type) && session.greeted) {
    count(zone.counts.reports, reportOutcomes.malformed)
    refuseReport(zone, session, reportOutcomes.malformed, peekTextNumber(bytes), text.field)
    return undefined
  }
  refuseFrame(zone, session, refusalOf[text.why], text.field)
  return undefined
}

const refusalOf = {
  unknown: frameRefusals.unknownType,
  too_large: frameRefusals.tooLarge,
  malformed: frameRefusals.malformed,
} as const
