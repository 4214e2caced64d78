/*
 * What became of every alert, read off the zone's own urgent records, which is what region and central would read: issues, revisions, ends.
 * Only expiry has no record, since everyone counts it down alone: it is looked up in the registry at each tick.
 */
import { formatAlertKey, outrider } from '@outrider/protocol'
import type { Zone } from '@outrider/zone'
import type { AlertRevision, DetectedAlert } from '../scoring/detected-alert.js'

const { EndReason } = outrider.v1
const qualityMax = 7

type Alert = outrider.v1.Alert.$Properties

export interface AlertHistory {
  /** One record of the urgent lane, as it is appended. */
  read(record: Uint8Array): void
  /** After each tick: alerts whose validity ran out. */
  expire(registry: Zone['registry']): void
  /** All alerts so far, in the order of their issue. */
  alerts(): readonly DetectedAlert[]
  readonly size: number
}

interface Story {
  readonly first: Alert
  last: Alert
  readonly issuedAtS: number
  readonly revisions: AlertRevision[]
  renewals: number
  endedAtS: number | null
  endReason: string | null
}

/** @param nowS the time of the trace */
export function createAlertHistory(nowS: () => number): AlertHistory {
  const stories = new Map<string, Story>()
  const active = new Map<string, Story>()

  function tell(alert: Alert): void {
    const key = formatAlertKey(alert.id!)
    const known = stories.get(key)
    const story = known ?? begin(key, alert)
    // An alert that ran out may be revised, and lives again.
    active.set(key, story)
    story.last = alert
    story.endedAtS = null
    story.endReason = null
    if (alert.renewal === true) {
      story.renewals++
      return
    }
    story.revisions.push({ revision: alert.revision ?? 1, atS: nowS(), ...placeOf(alert) })
  }

  function begin(key: string, first: Alert): Story {
    const story = { first, last: first, issuedAtS: nowS(), revisions: [], renewals: 0, endedAtS: null, endReason: null }
    stories.set(key, story)
    return story
  }

  function end(key: string, reason: number): void {
    const story = active.get(key)
    if (story === undefined) return
    active.delete(key)
    story.endedAtS = nowS()
    story.endReason = EndReason[reason]!.replace('END_REASON_', '').toLowerCase()
  }

  return {
    read(record) {
      const { alert, end: ended } = outrider.v1.Record.decode(record)
      if (alert != null) tell(alert)
      else if (ended != null) end(formatAlertKey(ended.alertId!), ended.ending?.reason ?? 0)
    },
    expire(registry) {
      for (const key of active.keys()) if (registry.get(key)?.state !== 'active') end(key, EndReason.END_REASON_EXPIRED)
    },
    alerts: () => [...stories].map(([id, story]) => detectedOf(id, story)),
    get size() {
      return stories.size
    },
  }
}

function detectedOf(id: string, { first, last, issuedAtS, endedAtS, endReason, revisions, renewals }: Story): DetectedAlert {
  const { referenceHeadingDecideg } = first
  return {
    id,
    cause: first.cause?.code ?? 0,
    subCause: first.cause?.subCause ?? 0,
    ...placeOf(first),
    radiusM: (first.area?.circle?.radiusCm ?? 0) / 100,
    headingDeg: referenceHeadingDecideg == null ? null : referenceHeadingDecideg / 10,
    issuedAtS,
    endedAtS,
    endReason,
    revisions,
    renewals,
    confidence: Math.round(((last.informationQuality ?? 0) / qualityMax) * 100) / 100,
    sources: last.sources ?? 0,
  }
}

function placeOf({ eventPosition }: Alert): { lat: number; lon: number } {
  return { lat: (eventPosition?.latitudeE7 ?? 0) / 1e7, lon: (eventPosition?.longitudeE7 ?? 0) / 1e7 }
}
