import type { outrider } from '@outrider/protocol'
import type { Spool } from '@outrider/spool'
import type { NodeUplinkLimits } from './limits.js'
import type { OpenLink, UplinkTime } from './link.js'

/** What the region hands down on the urgent lane, for the node to take over. Remainders run from the moment it is called. */
export type Handed =
  | { readonly kind: 'alert'; readonly alert: outrider.v1.LiveAlert.$Properties }
  | { readonly kind: 'end'; readonly end: outrider.v1.LiveEnd.$Properties }
  | { readonly kind: 'policy'; readonly policy: outrider.v1.Policy.$Properties }
  | { readonly kind: 'zoneTable'; readonly zoneTable: outrider.v1.ZoneTable.$Properties }
  /** To be answered by `reply`, within five seconds to be of use. */
  | { readonly kind: 'request'; readonly request: outrider.v1.RevisionRequest.$Properties }

/** What a node's end reports, for log and metrics. */
export type NodeUplinkEvent =
  | { readonly event: 'uplink_opened'; readonly region: string; readonly fromSequence: number; readonly waiting: number }
  | { readonly event: 'uplink_closed'; readonly reason: string; readonly retryMs: number }
  | { readonly event: 'uplink_refused'; readonly message: string; readonly afterMs: number }
  /** The region asks for records this log has not written: it knows an older life of the same epoch. Nothing is sent. */
  | { readonly event: 'uplink_region_ahead'; readonly fromSequence: number; readonly nextSequence: number }
  | { readonly event: 'uplink_read_failed'; readonly cause: unknown }
  | { readonly event: 'uplink_cursor_failed'; readonly cause: unknown }
  | { readonly event: 'uplink_message_ignored'; readonly body: string }

/** What is needed of a spool. */
export type UplinkLog = Pick<Spool, 'follow' | 'commitCursor' | 'firstSequence' | 'appendedThrough' | 'cursor'>

export interface NodeUplinkOptions {
  readonly node: string
  readonly zone: string
  /** Value of the wire's Lane. */
  readonly lane: number
  /** Random uint32 of this process. */
  readonly boot: number
  readonly log: UplinkLog
  /** The log's epoch, as its opening said. */
  readonly epoch: number
  readonly openLink: OpenLink
  readonly time: UplinkTime
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly onHanded: (handed: Handed) => void
  readonly onEvent: (event: NodeUplinkEvent) => void
  readonly limits?: Partial<NodeUplinkLimits>
}
