import type { outrider } from '@outrider/protocol'
import type { RegionUplinkLimits } from './limits.js'
import type { DownMessage, UplinkTime } from './link.js'
import type { RegionJournal } from './region-journal.js'

/** A stream that was taken. Given to the app for what goes down the urgent lane. */
export interface UplinkSession {
  readonly node: string
  readonly zone: string
  /** Value of the wire's Lane. */
  readonly lane: number
  readonly boot: number
  /** Hands a message down. False: not taken now (the link is full or over); `onWritable` says when it will be. */
  send(message: DownMessage): boolean
}

export type RegionUplinkEvent =
  | {
      readonly event: 'stream_opened'
      readonly node: string
      readonly lane: number
      readonly epoch: number
      readonly fromSequence: number
      readonly waiting: number
    }
  | { readonly event: 'stream_closed'; readonly node: string; readonly lane: number; readonly reason: string }
  | { readonly event: 'stream_refused'; readonly node: string; readonly message: string }

export interface RegionUplinkOptions {
  /** The region's name. */
  readonly region: string
  readonly journal: RegionJournal
  /** Resolves when an acknowledgement may say that all up to this place of the journal is kept; default the journal's `whenDurable`. */
  readonly whenKept?: (place: number) => Promise<void>
  readonly time: UplinkTime
  readonly onEvent: (event: RegionUplinkEvent) => void
  readonly onOpened?: (session: UplinkSession) => void
  readonly onWritable?: (session: UplinkSession) => void
  readonly onClosed?: (session: UplinkSession) => void
  readonly onReply?: (session: UplinkSession, reply: outrider.v1.RevisionReply.$Properties) => void
  readonly limits?: Partial<RegionUplinkLimits>
}
