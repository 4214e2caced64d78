import { decodeJsonFrame, encodeFrame, ProtocolError } from '@outrider/protocol'

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

/** The type of a text frame without parsing it, for shedding: canonical text begins with the field's name. Undefined = look inside. */
export function peekTextType(bytes: Uint8Array): 'telemetry' | undefined {
  for (let at = 0; at < telemetryHead.length; at++) if (bytes[at] !== telemetryHead[at]) return undefined
  return 'telemetry'
}

const telemetryHead = new TextEncoder().encode('{"telemetry"')
