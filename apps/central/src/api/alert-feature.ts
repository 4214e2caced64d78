// An alert as the public sees it, as a GeoJSON feature. No vehicle is in it: the alert has none, and of reports and deliveries nothing
// is read here.
import { causes, formatAlertKey, outrider } from '@outrider/protocol'
import { toDegrees } from '../area-extent.js'
import { areaGeometry, type Geometry } from './area-geometry.js'
import { subCauseName } from './sub-causes.js'

const { Advice, Alert, AlertStatus, Ending, EndReason, IssuerRole, Priority, TrafficDirection } = outrider.v1

/** Columns of an alert that a feature is made of. */
export interface AlertColumns {
  readonly key: string
  readonly revision: number
  readonly content: Uint8Array | null
  readonly ending: Uint8Array | null
}

export interface AlertFeature {
  readonly type: 'Feature'
  readonly id: string
  readonly geometry: Geometry | null
  readonly properties: Readonly<Record<string, unknown>>
}

const causeNames = new Map(Object.entries(causes).map(([name, { code }]) => [code as number, name]))

/** `active`: not ended, and its validity runs. `expired`: it ran out. `ended`: somebody ended it. */
type State = 'active' | 'expired' | 'ended'

export function alertFeature({ key, revision, content, ending: endingBytes }: AlertColumns, nowMs: number): AlertFeature {
  const ending = endingBytes === null ? undefined : Ending.decode(endingBytes)
  // The end came before the alert: all there is to say is that it is over.
  if (content === null)
    return { type: 'Feature', id: key, geometry: null, properties: { state: 'ended', revision, ending: endingOf(ending) } }
  const alert = Alert.decode(content)
  const { geometry, area } = areaGeometry(alert.area!)
  const { latitudeDeg, longitudeDeg } = toDegrees(alert.eventPosition!)
  const state: State = ending !== undefined ? 'ended' : alert.validUntilMs > nowMs ? 'active' : 'expired'
  const heading = alert.referenceHeadingDecideg
  return {
    type: 'Feature',
    id: key,
    geometry,
    properties: {
      state,
      revision,
      status: nameIn(AlertStatus, alert.status, 'ALERT_STATUS_'),
      cause: causeOf(alert.cause),
      linkedCauses: alert.linkedCauses.map(causeOf),
      priority: nameIn(Priority, alert.priority || Priority.PRIORITY_INFORMATION, 'PRIORITY_'),
      eventPosition: [longitudeDeg, latitudeDeg],
      ...(heading != null && { referenceHeadingDeg: heading / 10 }),
      trafficDirection: nameIn(TrafficDirection, alert.trafficDirection || TrafficDirection.TRAFFIC_DIRECTION_ALL, 'TRAFFIC_DIRECTION_'),
      awarenessDistanceM: alert.awarenessDistanceM ?? 0,
      area,
      informationQuality: alert.informationQuality,
      advice: nameIn(Advice, alert.advice || Advice.ADVICE_NONE, 'ADVICE_'),
      ...(alert.advisedSpeedCmps != null && { advisedSpeedMps: alert.advisedSpeedCmps / 100 }),
      ...(alert.eventSpeedCmps != null && { eventSpeedMps: alert.eventSpeedCmps / 100 }),
      issuerRole: nameIn(IssuerRole, alert.issuerRole, 'ISSUER_ROLE_'),
      ...(alert.sources != null && { sources: alert.sources }),
      texts: Object.fromEntries(alert.texts.map(({ language, text }) => [language, text])),
      detectedAt: isoTime(alert.detectionTimeMs),
      revisedAt: isoTime(alert.referenceTimeMs),
      validUntil: isoTime(alert.validUntilMs),
      replaces: alert.replaces.map(id => formatAlertKey(id)),
      ...(ending !== undefined && { ending: endingOf(ending) }),
    },
  }
}

function endingOf(ending: outrider.v1.Ending | undefined) {
  return {
    reason: nameIn(EndReason, ending?.reason ?? 0, 'END_REASON_'),
    endedAt: isoTime(ending?.endedTimeMs ?? 0),
    endedBy: nameIn(IssuerRole, ending?.endedBy ?? 0, 'ISSUER_ROLE_'),
    ...(ending?.mergedInto != null && { mergedInto: formatAlertKey(ending.mergedInto) }),
  }
}

function causeOf(cause: outrider.v1.Cause.$Properties | null | undefined) {
  const code = cause?.code ?? 0
  const subCause = cause?.subCause ?? 0
  const name = causeNames.get(code)
  const subCauseText = subCauseName(code, subCause)
  return { code, ...(name !== undefined && { name }), subCause, ...(subCauseText !== undefined && { subCauseName: subCauseText }) }
}

/** `ALERT_STATUS_ACTUAL` → `actual`; a number of a later release stays one. */
function nameIn(table: Readonly<Record<number, string>>, value: number, prefix: string): string {
  return table[value]?.slice(prefix.length).toLowerCase().replaceAll('_', '-') ?? String(value)
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
