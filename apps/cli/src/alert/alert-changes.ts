// What a watch's messages mean for who follows them: each becomes changes, and what was seen is remembered, so that an entry of a snapshot
// that is known already is no news, and what a later snapshot lacks is over. Nothing tells of an expiry: everybody counts down himself.
import { formatAlertKey, type outrider } from '@outrider/protocol'

type WatchMessage = outrider.v1.AlertServiceWatchResponse.$Properties
type WireAlert = outrider.v1.Alert.$Properties
type LiveAlert = outrider.v1.LiveAlert.$Properties

export type AlertNews =
  | { readonly kind: 'active' | 'new' | 'changed' | 'renewed'; readonly id: string; readonly live: LiveAlert }
  | { readonly kind: 'ended'; readonly id: string; readonly alert: WireAlert | undefined; readonly ending: outrider.v1.Ending.$Properties }
  /** Its validity is over, or it ended while nobody listened. */
  | { readonly kind: 'over'; readonly id: string; readonly alert: WireAlert }

export interface AlertChanges {
  /** What a message tells that is news. @param nowMs of the monotonic clock */
  take(message: WatchMessage, nowMs: number): AlertNews[]
  /** What has expired since. */
  expire(nowMs: number): AlertNews[]
}

/** As many as a region keeps active at most: more are not told apart, and are told again. */
const followedMax = 100_000

interface Followed {
  readonly alert: WireAlert
  readonly validUntilMs: number
}

export function createAlertChanges(): AlertChanges {
  const followed = new Map<string, Followed>()
  /** Ids of the snapshot that is being read. */
  let snapshot: Set<string> | undefined
  let isFirst = true

  function takeAlert(live: LiveAlert, isSnapshot: boolean, nowMs: number): AlertNews[] {
    const alert = live.alert ?? {}
    const id = formatAlertKey(alert.id ?? {})
    if (isSnapshot) {
      snapshot ??= new Set()
      snapshot.add(id)
    }
    const before = followed.get(id)
    if (followed.size < followedMax || before !== undefined) followed.set(id, { alert, validUntilMs: nowMs + (live.remainingMs ?? 0) })
    if (before === undefined) return [{ kind: isSnapshot && isFirst ? 'active' : 'new', id, live }]
    if ((before.alert.revision ?? 0) >= (alert.revision ?? 0)) return []
    return [{ kind: alert.renewal ? 'renewed' : 'changed', id, live }]
  }

  function over(isOver: (id: string, each: Followed) => boolean): AlertNews[] {
    const news: AlertNews[] = []
    for (const [id, each] of followed) {
      if (!isOver(id, each)) continue
      followed.delete(id)
      news.push({ kind: 'over', id, alert: each.alert })
    }
    return news
  }

  return {
    take({ alert, end, snapshot: isSnapshot, snapshotComplete }, nowMs) {
      if (alert != null) return takeAlert(alert, isSnapshot ?? false, nowMs)
      if (end?.end != null) {
        const id = formatAlertKey(end.end.alertId ?? {})
        const before = followed.get(id)
        followed.delete(id)
        return [{ kind: 'ended', id, alert: before?.alert, ending: end.end.ending ?? {} }]
      }
      if (snapshotComplete == null) return []
      const held = snapshot ?? new Set()
      snapshot = undefined
      isFirst = false
      return over(id => !held.has(id))
    },
    expire: nowMs => over((_, { validUntilMs }) => validUntilMs <= nowMs),
  }
}
