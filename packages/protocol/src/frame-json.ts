import type { JsonProblem } from './decode-json.js'
import { decodeJson } from './decode-json.js'
import { encodeJson } from './encode-json.js'
import type { DecodedFrame } from './frame-codec.js'
import type { FrameContent, FrameName } from './frame-types.js'
import { frameBytesMax, frameTypes, jsonBytesFactor } from './frame-types.js'
import { messageSchema } from './message-schema.js'
import { ProtocolError, protocolErrorCodes } from './protocol-error.js'

/** As `FrameOutcome`, for text frames. `unknown`: no field of it is a frame type we know. */
export type JsonFrameOutcome =
  | (DecodedFrame & { readonly ignored: number })
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tooLarge'; readonly length: number; readonly lengthMax: number }
  | { readonly kind: 'malformed'; readonly problem: JsonProblem }

/** Message of each frame's field, from the Frame oneof itself. */
const messageOfFrame = new Map(messageSchema('Frame').fields.map(field => [field.name, field.typeName]))

/**
 * A text frame, `{"telemetry":{…}}`: the Frame message in canonical proto3 JSON.
 * @throws ProtocolError `frame_too_large`
 */
export function encodeJsonFrame<Name extends FrameName>(type: Name, content: FrameContent<Name>): string {
  const text = JSON.stringify({ [type]: encodeJson(messageOfFrame.get(type) as 'Frame', content as never) })
  const lengthMax = frameTypes[type].bytesMax * jsonBytesFactor
  if (text.length > lengthMax) {
    throw new ProtocolError(protocolErrorCodes.frameTooLarge, `${type} frame of ${text.length} characters; at most ${lengthMax}`)
  }
  return text
}

/** Reads a text frame of one side; texts longer than any frame of that side are refused before they are parsed. */
export function decodeJsonFrame(text: string, sender: keyof typeof frameBytesMax): JsonFrameOutcome {
  const longest = frameBytesMax[sender] * jsonBytesFactor
  if (text.length > longest) return { kind: 'tooLarge', length: text.length, lengthMax: longest }
  const json = parse(text)
  if (json === undefined) return { kind: 'malformed', problem: { field: '', allowed: 'JSON' } }
  const frame = decodeJson('Frame', json)
  if (!frame.ok) return { kind: 'malformed', problem: frame.problem }
  for (const type of Object.keys(frameTypes) as FrameName[]) {
    const message = frame.message[type]
    if (message === undefined || message === null) continue
    const lengthMax = frameTypes[type].bytesMax * jsonBytesFactor
    if (text.length > lengthMax) return { kind: 'tooLarge', length: text.length, lengthMax }
    return { kind: 'frame', type, message, ignored: frame.ignored } as DecodedFrame & { readonly ignored: number }
  }
  return { kind: 'unknown' }
}

/** Undefined if the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Where the text breaks is of no use to the node; the sender gets "must be JSON".
    return undefined
  }
}
