import { outrider } from '@outrider/protocol'
import type { GapReason } from '@outrider/spool'

const { GapReason: Wire } = outrider.v1

const wireReasons: Readonly<Record<GapReason, outrider.v1.GapReason>> = {
  damaged: Wire.GAP_REASON_DAMAGE,
  torn: Wire.GAP_REASON_TORN,
  capped: Wire.GAP_REASON_CAP,
}

/** Why a range of a spool has no records, as the wire says it. */
export function wireGapReason(reason: GapReason): outrider.v1.GapReason {
  return wireReasons[reason]
}
