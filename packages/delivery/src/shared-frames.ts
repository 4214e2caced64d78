// What all recipients share: an alert's or an end's bytes, made once per revision and subprotocol; the text only if somebody speaks it.
import type { AlertTail, outrider, SharedAlertFrame } from '@outrider/protocol'
import {
  appendAlertJsonTail,
  appendAlertTail,
  encodeFrame,
  encodeJsonFrame,
  encodeSharedAlert,
  encodeSharedAlertJson,
} from '@outrider/protocol'
import type { SendResult, SocketPort } from './socket-port.js'

export interface SharedFrames<Tail> {
  /** Writes the frame with one vehicle's tail to its socket. */
  send(socket: SocketPort, row: number, json: boolean, tail: Tail): SendResult
}

/** @throws ProtocolError `frame_too_large` */
export function createAlertFrames(alert: outrider.v1.Alert.$Properties): SharedFrames<AlertTail> {
  const frame: SharedAlertFrame = encodeSharedAlert(alert)
  let text: string | undefined
  return {
    send(socket, row, json, tail) {
      if (!json) return socket.send(row, frame.bytes.subarray(0, appendAlertTail(frame, tail)))
      text ??= encodeSharedAlertJson(alert)
      return socket.sendText(row, appendAlertJsonTail(text, tail))
    },
  }
}

export function createEndFrames(push: outrider.v1.EndPush.$Properties): SharedFrames<undefined> {
  const bytes = encodeFrame('end', push)
  let text: string | undefined
  return {
    send(socket, row, json) {
      if (!json) return socket.send(row, bytes)
      text ??= encodeJsonFrame('end', push)
      return socket.sendText(row, text)
    },
  }
}
