// An alert in words, for people at a terminal.
import { causes, formatAlertKey, outrider } from '@outrider/protocol'
import { printable } from '../printable.js'

type LiveAlert = outrider.v1.LiveAlert.$Properties
type WireAlert = outrider.v1.Alert.$Properties

const { AlertStatus, EndReason, IssuerRole, Priority, TrafficDirection } = outrider.v1

const wordsByCode: ReadonlyMap<number, string> = new Map(
  Object.entries(causes).map(([name, { code }]) => [
    code,
    name
      .replace(/^hazardousLocation/, '')
      .replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
      .trim(),
  ]),
)

/** A cause's name, such as `stationary vehicle`. */
export function causeWords(code: number): string {
  return wordsByCode.get(code) ?? `cause ${code}`
}

export function causeOf({ cause }: WireAlert): string {
  const code = cause?.code ?? 0
  return `${causeWords(code)} (${code}${cause?.subCause ? `/${cause.subCause}` : ''})`
}

export function idOf({ id }: WireAlert): string {
  return id == null ? '-' : formatAlertKey(id)
}

/** `active`, `over` (its validity is) or `ended (why)`. */
export function stateOf({ alert, remainingMs }: LiveAlert): string {
  if (alert?.ending != null) return `ended (${endReason(alert.ending)})`
  return (remainingMs ?? 0) > 0 ? 'active' : 'over'
}

export function endReason({ reason }: outrider.v1.Ending.$Properties): string {
  return enumWord(EndReason, reason ?? 0, 'END_REASON_')
}

export function priorityOf({ priority }: WireAlert): string {
  return enumWord(Priority, priority || Priority.PRIORITY_INFORMATION, 'PRIORITY_')
}

export function issuerOf({ issuerRole }: WireAlert): string {
  return enumWord(IssuerRole, issuerRole ?? 0, 'ISSUER_ROLE_')
}

/** Degrees, as maps take them: 53.5500000,9.9900000. */
export function placeOf({ eventPosition }: WireAlert): string {
  const degrees = (e7: number | null | undefined) => ((e7 ?? 0) / 1e7).toFixed(7)
  return `${degrees(eventPosition?.latitudeE7)},${degrees(eventPosition?.longitudeE7)}`
}

function areaOf({ area }: WireAlert): string {
  if (area?.circle != null) return `circle of ${metres(area.circle.radiusCm)}`
  if (area?.corridor != null) return `corridor of ${area.corridor.line?.length ?? 0} points, ${metres(area.corridor.widthCm)} wide`
  if (area?.moving != null) return `moving area, ${metres(area.moving.aheadCm)} ahead, ${metres(area.moving.widthCm)} wide`
  const polygons = area?.polygons?.polygons ?? []
  const corners = polygons.reduce((sum, { outer }) => sum + (outer?.points?.length ?? 0), 0)
  return polygons.length === 0 ? 'none' : `${polygons.length === 1 ? 'polygon' : `${polygons.length} polygons`} of ${corners} points`
}

/** Whom it concerns. */
function concernsOf({ awarenessDistanceM, trafficDirection, referenceHeadingDecideg }: WireAlert): string {
  const direction = enumWord(TrafficDirection, trafficDirection || TrafficDirection.TRAFFIC_DIRECTION_ALL, 'TRAFFIC_DIRECTION_')
  const heading = referenceHeadingDecideg == null ? '' : ` of heading ${referenceHeadingDecideg / 10}°`
  const whose = direction === 'all' ? 'all traffic' : `traffic ${direction === 'opposite' ? 'against' : direction}${heading}`
  return `${whose} within ${awarenessDistanceM ?? 0} m`
}

/** All that is known of an alert, a line each. */
export function alertLines(live: LiveAlert): string[] {
  const alert = live.alert ?? {}
  const rows: (readonly [string, string] | undefined)[] = [
    ['what', `${causeOf(alert)}, ${priorityOf(alert)}`],
    alert.linkedCauses?.length ? ['also', alert.linkedCauses.map(cause => causeOf({ cause })).join(', ')] : undefined,
    ['where', `${placeOf(alert)}, ${areaOf(alert)}`],
    ['concerns', concernsOf(alert)],
    ['status', enumWord(AlertStatus, alert.status ?? 0, 'ALERT_STATUS_')],
    alert.advice ? ['advice', enumWord(outrider.v1.Advice, alert.advice, 'ADVICE_')] : undefined,
    ...(alert.texts ?? []).map(({ language, text }) => [`text ${language}`, text ?? ''] as const),
    [
      'issued by',
      alert.sources == null
        ? issuerOf(alert)
        : `${issuerOf(alert)}, from ${alert.sources} independent ${alert.sources === 1 ? 'vehicle' : 'vehicles'}`,
    ],
    ['since', time(alert.detectionTimeMs)],
    ['written', `${time(alert.referenceTimeMs)} (revision ${alert.revision ?? 0})`],
    alert.ending == null
      ? [
          'valid',
          live.remainingMs
            ? `until ${time(alert.validUntilMs)}, ${duration(live.remainingMs)} left`
            : `was until ${time(alert.validUntilMs)}`,
        ]
      : [
          'ended',
          `${time(alert.ending.endedTimeMs)}, ${endReason(alert.ending)}, by ${issuerOf({ issuerRole: alert.ending.endedBy ?? 0 })}`,
        ],
    alert.ending?.mergedInto ? ['goes on as', formatAlertKey(alert.ending.mergedInto)] : undefined,
    alert.replaces?.length ? ['replaces', alert.replaces.map(formatAlertKey).join(', ')] : undefined,
    ['remembered', `until ${time(alert.keepUntilMs)}`],
  ]
  return rows.filter(row => row !== undefined).map(([name, text]) => `  ${printable(name).padEnd(11)} ${printable(text)}`)
}

/** A duration in its two largest units: `1 h 5 min`, `4 min 59 s`, `12 s`. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  const parts = [
    [Math.floor(s / 3600), 'h'],
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's'],
  ] as const
  const first = Math.max(
    0,
    parts.findIndex(([count]) => count > 0),
  )
  const shown = s === 0 ? parts.slice(2) : parts.slice(first, first + 2).filter(([count], index) => index === 0 || count > 0)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ')
}

/** Wall time in UTC, to the second. */
function time(ms: number | null | undefined): string {
  return ms == null || ms === 0 ? 'unknown' : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function metres(cm: number | null | undefined): string {
  return `${Math.round(cm ?? 0) / 100} m`
}

function enumWord(names: Readonly<Record<string, string | number>>, value: number, prefix: string): string {
  return String(names[value] ?? value)
    .replace(prefix, '')
    .toLowerCase()
    .replaceAll('_', ' ')
}
