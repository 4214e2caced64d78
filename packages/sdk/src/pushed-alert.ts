import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { readAlertKey } from './alert-id.js'
import type { AckSubject } from './delivery-acks.js'
import type { Urgency } from './urgency.js'

const { AlertStatus } = outrider.v1

/** An alert as it arrived, with its times on our monotonic clock. */
export interface PushedAlert extends AckSubject, Urgency {
  /** `formatAlertKey` of its identity. */
  readonly key: string
  readonly alert: wire.v1.Alert.$Properties
  readonly status: 'actual' | 'exercise' | 'test'
  priority: number
  hazardAtMs: number
  readonly validUntilMs: number
  readonly receivedAtMs: number
  /** Keys of the alerts it takes the place of. */
  readonly replaces: readonly string[]
}

/** Longest validity there is (frame.proto, AlertPush.remaining_ms). */
const remainingMsMax = 86_400_000

/** `subject` is missing if not even that could be read, so that nothing can be acknowledged. */
export type PushReading =
  | { readonly kind: 'alert'; readonly pushed: PushedAlert }
  | { readonly kind: 'unreadable'; readonly subject: AckSubject | undefined }

const statuses: ReadonlyMap<number, 'actual' | 'exercise' | 'test'> = new Map([
  [AlertStatus.ALERT_STATUS_ACTUAL, 'actual'],
  [AlertStatus.ALERT_STATUS_EXERCISE, 'exercise'],
  [AlertStatus.ALERT_STATUS_TEST, 'test'],
])

/**
 * @param nowMs our monotonic clock
 * @param nodeTimeMs the node's clock now, ms since 1970-01-01 UTC, for alerts that come without a remainder
 */
export function readAlertPush(push: wire.v1.AlertPush, nowMs: number, nodeTimeMs: number, order: number): PushReading {
  const { alert } = push
  const key = readAlertKey(alert?.id)
  if (alert?.id == null || key === undefined || !((alert.revision ?? 0) >= 1)) return { kind: 'unreadable', subject: undefined }
  const subject = { id: alert.id, revision: alert.revision ?? 0 }
  const status = statuses.get(alert.status ?? 0)
  if (status === undefined || !alert.cause?.code) return { kind: 'unreadable', subject }
  const remainingMs = Math.min(remainingMsMax, push.remainingMs ?? (alert.validUntilMs ?? 0) - nodeTimeMs)
  // A node may have said NaN: an alert without an end would never expire.
  if (Number.isNaN(remainingMs)) return { kind: 'unreadable', subject }
  return {
    kind: 'alert',
    pushed: {
      ...subject,
      key,
      alert,
      status,
      priority: push.priority || (alert.priority ?? 0),
      hazardAtMs: push.timeToHazardMs == null ? Number.POSITIVE_INFINITY : nowMs + push.timeToHazardMs,
      validUntilMs: nowMs + remainingMs,
      receivedAtMs: nowMs,
      replaces: (alert.replaces ?? []).map(readAlertKey).filter(replaced => replaced !== undefined),
      order,
    },
  }
}
