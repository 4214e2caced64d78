import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'

const { RefusalReason } = outrider.v1

/** Why a node refused a report; all are final. */
export type RefusalName =
  | 'unspecified'
  | 'shed'
  | 'thinned'
  | 'malformed'
  | 'out_of_range'
  | 'implausible'
  | 'stale'
  | 'over_rate'
  | 'standby'
  | 'lost'

/** What a node has decided on a report: durable, or refused for good. */
export type ReportDecision = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly reason: RefusalName }

const accepted: ReportDecision = { kind: 'accepted' }

/** What an acknowledgement says about one report; undefined = nothing yet. */
export function decideReport(ack: wire.v1.ReportAck, number: number): ReportDecision | undefined {
  const covers = (range: wire.v1.NumberRange.$Properties): boolean => (range.first ?? 0) <= number && number <= (range.last ?? 0)
  const refused = ack.except.find(covers)
  if (refused !== undefined) return { kind: 'refused', reason: refusalName(refused.reason ?? 0) }
  return number <= ack.through || ack.ahead.some(covers) ? accepted : undefined
}

/** The wire's reason by its short name; reasons of a newer node are `unspecified`. */
function refusalName(reason: number): RefusalName {
  const name = RefusalReason[reason] ?? 'REFUSAL_REASON_UNSPECIFIED'
  return name.slice('REFUSAL_REASON_'.length).toLowerCase() as RefusalName
}
