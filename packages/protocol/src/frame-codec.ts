import type { FrameContent, FrameMessage, FrameName } from './frame-types.js'
import { frameMessages, frameName, frameTypes } from './frame-types.js'
import { ProtocolError, protocolErrorCodes } from './protocol-error.js'

/** A frame that was read: `type` says which message `message` is. */
export type DecodedFrame = {
  readonly [Name in FrameName]: { readonly kind: 'frame'; readonly type: Name; readonly message: FrameMessage<Name> }
}[FrameName]

/**
 * What became of bytes from a peer. `unknown` is a frame type of a newer peer: to be ignored and counted, never a reason to close.
 * The others count against the sender; `why` is for logs.
 */
export type FrameOutcome =
  | DecodedFrame
  | { readonly kind: 'unknown'; readonly number: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'tooLarge'; readonly type: FrameName; readonly bytes: number; readonly bytesMax: number }
  | { readonly kind: 'malformed'; readonly type: FrameName; readonly why: string }

/**
 * A binary frame: one byte with the number of the frame type, then the message.
 * @throws ProtocolError `frame_too_large` if the message is over its type's limit: nothing of that kind may be sent.
 */
export function encodeFrame<Name extends FrameName>(type: Name, content: FrameContent<Name>): Uint8Array {
  const { number, bytesMax } = frameTypes[type]
  const writer = frameMessages[type].encode(content as never)
  if (writer.len > bytesMax) {
    throw new ProtocolError(protocolErrorCodes.frameTooLarge, `${type} frame of ${writer.len} bytes; at most ${bytesMax}`)
  }
  const message = writer.finish()
  const frame = new Uint8Array(1 + message.length)
  frame[0] = number
  frame.set(message, 1)
  return frame
}

/**
 * Reads a binary frame with the generated decoder. Reports on the alert path go through `decodeReport` instead.
 * `bytes` may be reused once this has returned: what is kept is copied.
 */
export function decodeFrame(bytes: Uint8Array): FrameOutcome {
  const number = bytes[0]
  if (number === undefined) return { kind: 'empty' }
  const type = frameName(number)
  if (type === undefined) return { kind: 'unknown', number }
  const { bytesMax } = frameTypes[type]
  if (bytes.length - 1 > bytesMax) return { kind: 'tooLarge', type, bytes: bytes.length - 1, bytesMax }
  try {
    // No frame message has a bytes field, so that nothing decoded points into `bytes`.
    return { kind: 'frame', type, message: frameMessages[type].decode(bytes.subarray(1)) } as DecodedFrame
  } catch (error) {
    return { kind: 'malformed', type, why: (error as Error).message }
  }
}
