// One alert to many vehicles: its bytes are encoded once, and what differs per vehicle is a tail that is appended at the send.
// Protobuf allows this because a message is the concatenation of its fields: the tail is three more fields of AlertPush.
import { outrider } from '../gen/outrider.js'
import { encodeJson } from './encode-json.js'
import { frameTypes } from './frame-types.js'
import { ProtocolError, protocolErrorCodes } from './protocol-error.js'

const { AlertPush, Priority } = outrider.v1

/** remaining_ms: 1 + 4 (under 2^28) · priority: 1 + 1 · time_to_hazard_ms: 1 + 4. */
export const alertTailBytesMax = 12
/** Longest validity, 24 h; it and any time below fits four bytes of varint. */
const durationMsMax = 86_400_000

/** What an alert push says to one vehicle. */
export interface AlertTail {
  /** Validity left in ms, 0..86400000. */
  readonly remainingMs: number
  /** Priority for this vehicle, a value of the Priority enum. */
  readonly priority: number
  /** Time until it reaches the hazard in ms, 0..86400000; undefined = unknown. Later is sent as 24 h. */
  readonly timeToHazardMs: number | undefined
}

/** A frame without its tail: `bytes` has room for one, and is to be sent up to the end that `appendAlertTail` returns. */
export interface SharedAlertFrame {
  readonly bytes: Uint8Array
  readonly prefixBytes: number
}

/**
 * Encodes an alert once for all its recipients.
 * @throws ProtocolError `frame_too_large`
 */
export function encodeSharedAlert(alert: outrider.v1.Alert.$Properties): SharedAlertFrame {
  const message = AlertPush.encode({ alert }).finish()
  if (message.length + alertTailBytesMax > frameTypes.alert.bytesMax) {
    throw new ProtocolError(protocolErrorCodes.frameTooLarge, `alert of ${message.length} bytes; at most ${frameTypes.alert.bytesMax}`)
  }
  const bytes = new Uint8Array(1 + message.length + alertTailBytesMax)
  bytes[0] = frameTypes.alert.number
  bytes.set(message, 1)
  return { bytes, prefixBytes: 1 + message.length }
}

/**
 * Writes one vehicle's tail behind the shared bytes, over the tail of the vehicle before: send (copy) before the next call.
 * @returns the end of the frame: send `frame.bytes.subarray(0, end)`
 */
export function appendAlertTail(frame: SharedAlertFrame, tail: AlertTail): number {
  const { bytes } = frame
  let at = writeField(bytes, frame.prefixBytes, 2, clampMs(tail.remainingMs))
  at = writeField(bytes, at, 3, tail.priority)
  return tail.timeToHazardMs === undefined ? at : writeField(bytes, at, 4, clampMs(tail.timeToHazardMs))
}

/** The JSON twin's shared part: text up to where the tail begins. */
export function encodeSharedAlertJson(alert: outrider.v1.Alert.$Properties): string {
  return `{"alert":{"alert":${JSON.stringify(encodeJson('Alert', alert))}`
}

/** One vehicle's whole JSON frame. */
export function appendAlertJsonTail(shared: string, tail: AlertTail): string {
  const timeToHazard = tail.timeToHazardMs === undefined ? '' : `,"timeToHazardMs":${clampMs(tail.timeToHazardMs)}`
  return `${shared},"remainingMs":${clampMs(tail.remainingMs)},"priority":"${Priority[tail.priority]}"${timeToHazard}}}`
}

/** Whole ms within 0..24 h; a remainder is rounded down, so that nothing outlives its validity. */
function clampMs(ms: number): number {
  return Math.max(0, Math.min(durationMsMax, Math.floor(ms)))
}

/** Writes a varint field; returns the position behind it. */
function writeField(bytes: Uint8Array, at: number, fieldNumber: number, value: number): number {
  bytes[at++] = fieldNumber << 3
  while (value > 127) {
    bytes[at++] = (value & 127) | 128
    value >>>= 7
  }
  bytes[at++] = value
  return at
}
