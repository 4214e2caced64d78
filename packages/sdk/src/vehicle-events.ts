import type { AlertEndReason } from './alert-end.js'
import type { PushOutcome } from './alert-store.js'
import type { UrgentOutcome } from './urgent-queue.js'

/** What became of a report that was sent. `unacknowledged`: its link broke first; it may be durable, and is never sent again. */
export type ReportOutcome = UrgentOutcome | { readonly kind: 'unacknowledged' }

/** What happens inside, for logs and measurements; `atMs` is the monotonic clock of the SDK. No event holds a token. */
export type VehicleEvent = { readonly atMs: number } & (
  | { readonly event: 'link_opened'; readonly url: string }
  | { readonly event: 'link_welcomed'; readonly url: string; readonly zone: string; readonly node: string; readonly session: string }
  | {
      readonly event: 'link_ended'
      readonly url: string
      readonly code: number
      readonly httpStatus: number | undefined
      readonly reason: string
    }
  | { readonly event: 'reconnect_planned'; readonly where: string; readonly waitMs: number; readonly failures: number }
  | { readonly event: 'link_moving'; readonly why: 'drain' | 'border' | 'token'; readonly waitMs: number }
  | { readonly event: 'token_failed'; readonly reason: string }
  | { readonly event: 'report_sent'; readonly number: number; readonly isUrgent: boolean; readonly isRepeat: boolean }
  | { readonly event: 'report_decided'; readonly number: number; readonly isUrgent: boolean; readonly outcome: ReportOutcome }
  | { readonly event: 'interval_changed'; readonly intervalMs: number }
  | {
      readonly event: 'alert_pushed'
      readonly id: string
      readonly revision: number
      readonly outcome: PushOutcome
      readonly isRenewal: boolean
    }
  | {
      readonly event: 'alert_told'
      readonly id: string
      readonly revision: number
      readonly why: 'new' | 'priority_rose'
      readonly isAudible: boolean
    }
  | { readonly event: 'alert_unreadable' }
  | { readonly event: 'alert_dropped'; readonly id: string; readonly revision: number; readonly reason: 'queue_full' | 'too_late' }
  | { readonly event: 'alert_ended'; readonly id: string; readonly reason: AlertEndReason }
  | { readonly event: 'error_received'; readonly code: number; readonly field: string; readonly message: string }
  | { readonly event: 'frame_ignored'; readonly why: string }
)

/** An event as it is made, before its time is added. */
export type VehicleEventBody = VehicleEvent extends infer Event
  ? Event extends { readonly atMs: number }
    ? Omit<Event, 'atMs'>
    : never
  : never

/** What has happened so far; all count up, `waiting` values aside. */
export interface VehicleStats {
  /** Samples taken by `report`. */
  readonly samples: number
  /** Of them not sent: thinned to the zone's interval, or too old by the time there was a link. */
  readonly samplesGivenUp: number
  readonly telemetrySent: number
  readonly urgentSent: number
  /** Repeats of urgent reports, counted apart. */
  readonly urgentRepeated: number
  /** Reports acknowledged as durable. */
  readonly accepted: number
  /** Reports refused for good, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Telemetry whose link broke before the acknowledgement. */
  readonly unacknowledged: number
  /** Urgent reports given up after 60 s, or open at the close. */
  readonly urgentExpired: number
  /** Alerts by what their push came to. */
  readonly pushes: Readonly<Record<string, number>>
  /** Alerts dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** Alerts handed over. */
  readonly taken: number
  /** Of them again, because their priority rose. */
  readonly raised: number
  readonly shown: number
  readonly linksWelcomed: number
  readonly linksEnded: number
  readonly framesIgnored: number
}
