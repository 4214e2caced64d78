import { decodeJsonFrame, encodeFrame, frameTypes, ProtocolError } from '@outrider/protocol'

/** A text frame as the binary frame that says the same, so that one path serves both subprotocols. People and partners use text; cost matters less. */
export type TextOutcome =
  | { readonly ok: true; readonly frame: Uint8Array }
  | { readonly ok: false; readonly why: 'unknown' | 'too_large' | 'malformed'; readonly field: string }

const decoder = new TextDecoder('utf-8', { fatal: true })

export function frameFromText(bytes: Uint8Array): TextOutcome {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    // Not UTF-8: which byte it was helps nobody.
    return { ok: false, why: 'malformed', field: '' }
  }
  const outcome = decodeJsonFrame(text, 'vehicle')
  if (outcome.kind === 'frame') {
    try {
      return { ok: true, frame: encodeFrame(outcome.type, outcome.message as never) }
    } catch (error) {
      // A short text can say more than a frame holds: `{},` is an observation.
      if (error instanceof ProtocolError) return { ok: false, why: 'too_large', field: '' }
      throw error
    }
  }
  if (outcome.kind === 'malformed') return { ok: false, why: 'malformed', field: outcome.problem.field }
  return { ok: false, why: outcome.kind === 'unknown' ? 'unknown' : 'too_large', field: '' }
}

/** The number of the type of a text frame without parsing it: canonical text begins with the field's name. 0 = a report no less, but look inside. */
export function peekTextType(bytes: Uint8Array): number {
  if (startsWith(bytes, telemetryHead)) return frameTypes.telemetry.number
  return startsWith(bytes, urgentHead) ? frameTypes.urgent.number : 0
}

/** The number of a report that is not parsed, so that the vehicle can be told it was refused: SDKs write it first. 0 if it is not there. */
export function peekTextNumber(bytes: Uint8Array): number {
  const head = numberHead.exec(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, numberHeadMax)).toString('latin1'))
  const number = Number(head?.[1] ?? 0)
  return number <= 0xffff_ffff ? number : 0
}

const telemetryHead = new TextEncoder().encode('{"telemetry"')
const urgentHead = new TextEncoder().encode('{"urgent"')
const numberHead = /^\{"(?:telemetry|urgent)":\{"number":(\d{1,10})[,}]/
/** As long as the longest text that matches. */
const numberHeadMax = '{"telemetry":{"number":4294967295,'.length

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  for (let at = 0; at < head.length; at++) if (bytes[at] !== head[at]) return false
  return true
}
