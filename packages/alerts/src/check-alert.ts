// Everything an alert from outside must be before a registry takes it. The first thing wrong is named by the path of its field.
import { findCause, frameTypes, outrider } from '@outrider/protocol'
import type { Alert } from './alert-entry.js'
import type { AlertProblem, CompileArea } from './alert-problem.js'

const { Alert: AlertMessage, AlertStatus, IssuerRole, TrafficDirection } = outrider.v1

type Position = outrider.v1.Position.$Properties
type Cause = outrider.v1.Cause.$Properties

/** Where an alert comes from: who issues one here must name a cause we know, in plain text; links also carry what other releases let in. */
export type AlertSource = 'issuer' | 'link'

export type CheckedAlert<Area> = { readonly ok: true; readonly area: Area } | { readonly ok: false; readonly problem: AlertProblem }

const healthCause = 93
const historyMax = 23
const linkedCausesMax = 8
const textsMax = 8
const replacesMax = 8
const textCharactersMax = 500
/**
 * What moves a cursor or turns the reading direction: Cc, line and paragraph separators, bidirectional controls. A partner's text stands on
 * operators' terminals and in vehicles; with these it could say there what it is not.
 */
const notText = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u

/**
 * What an alert leaves free in its frame. Link: tag and length 4, tail 12. Issuer: also what the registry writes, id 79, eight replaced
 * of 79, times and revision 50, together 761; rounded up, so that what was taken at the door fits at every node.
 */
const frameRoomBytes = { link: 16, issuer: 1_024 } as const satisfies Record<AlertSource, number>

/** Whole numbers and their ranges; missing is allowed, and is 0 where the field has no presence. */
const ranges = [
  ['status', AlertStatus.ALERT_STATUS_ACTUAL, AlertStatus.ALERT_STATUS_TEST],
  ['referenceHeadingDecideg', 0, 3_599],
  ['lanePosition', -1, 14],
  ['awarenessDistanceM', 0, 10_000],
  ['trafficDirection', 0, TrafficDirection.TRAFFIC_DIRECTION_OPPOSITE],
  ['informationQuality', 0, 7],
  ['priority', 0, 3],
  ['advice', 0, 9],
  ['advisedSpeedCmps', 0, 16_382],
  ['issuerRole', IssuerRole.ISSUER_ROLE_DETECTED, IssuerRole.ISSUER_ROLE_PARTNER],
  ['sources', 1, 65_535],
  ['eventSpeedCmps', 0, 16_382],
] as const satisfies readonly (readonly [keyof Alert, number, number])[]
const needed: ReadonlySet<string> = new Set(['status', 'issuerRole'])

/** Checks content and area; identity, revision and times are the registry's to write or check. */
export function checkAlert<Area>(alert: Alert, compileArea: CompileArea<Area>, source: AlertSource): CheckedAlert<Area> {
  const problem = checkContent(alert, source)
  if (problem !== undefined) return { ok: false, problem }
  if (alert.area == null) return { ok: false, problem: { field: 'area', message: 'is needed: without an area nobody is warned' } }
  const compiled = compileArea(alert.area)
  if (!compiled.ok) return { ok: false, problem: { ...compiled.problem, field: `area${join(compiled.problem.field)}` } }
  const bytesMax = frameTypes.alert.bytesMax - frameRoomBytes[source]
  const bytes = AlertMessage.encode(alert).finish().length
  if (bytes <= bytesMax) return compiled
  return { ok: false, problem: { field: 'area', message: `is too long to be sent: the alert has ${bytes} bytes, at most ${bytesMax} fit` } }
}

function checkContent(alert: Alert, source: AlertSource): AlertProblem | undefined {
  for (const [field, min, max] of ranges) {
    const value = alert[field] ?? (needed.has(field) ? 0 : undefined)
    if (value !== undefined && !isWhole(value, min, max)) return { field, message: `must be a whole number from ${min} to ${max}` }
  }
  const direction = alert.trafficDirection ?? 0
  if (direction >= TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM && alert.referenceHeadingDecideg == null) {
    return { field: 'referenceHeadingDecideg', message: 'is needed where the traffic direction is not all' }
  }
  return (
    checkCause(alert.cause, 'cause', source) ??
    checkPosition(alert.eventPosition, 'eventPosition') ??
    checkList(alert.history, 'history', historyMax, (point, path) => checkPosition(point.position, `${path}.position`)) ??
    checkList(alert.linkedCauses, 'linkedCauses', linkedCausesMax, (cause, path) => checkCause(cause, path, source)) ??
    checkList(alert.texts, 'texts', textsMax, (text, path) => checkText(text, path, source)) ??
    checkList(alert.replaces, 'replaces', replacesMax, checkId)
  )
}

/** An alert's identity: 1..64 bytes of node without a slash, so that keys stay apart; counted from 1. */
export function checkId(id: outrider.v1.AlertId.$Properties | null | undefined, path: string): AlertProblem | undefined {
  const node = id?.node ?? ''
  if (node === '' || node.includes('/') || Buffer.byteLength(node) > 64) {
    return { field: `${path}.node`, message: 'must have 1 to 64 bytes and no slash' }
  }
  if (!isWhole(id?.boot ?? 0, 0, 0xffff_ffff)) return { field: `${path}.boot`, message: 'must be a whole number of 32 bits' }
  return isWhole(id?.sequence, 1, 0xffff_ffff)
    ? undefined
    : { field: `${path}.sequence`, message: 'must be a whole number from 1 to 4294967295' }
}

function checkCause(cause: Cause | null | undefined, path: string, source: AlertSource): AlertProblem | undefined {
  const code = cause?.code
  if (code === healthCause) return { field: `${path}.code`, message: 'health (93) is published as 91 or 94' }
  if (!isWhole(code, 1, 255) || (source === 'issuer' && findCause(code) === undefined)) {
    return { field: `${path}.code`, message: 'must be a cause code of ETSI TS 102 894-2' }
  }
  return isWhole(cause?.subCause ?? 0, 0, 255) ? undefined : { field: `${path}.subCause`, message: 'must be a whole number from 0 to 255' }
}

function checkPosition(position: Position | null | undefined, path: string): AlertProblem | undefined {
  if (!isWhole(position?.latitudeE7, -900_000_000, 900_000_000)) {
    return { field: `${path}.latitudeE7`, message: 'is needed, -900000000 to 900000000' }
  }
  return isWhole(position?.longitudeE7, -1_800_000_000, 1_800_000_000)
    ? undefined
    : { field: `${path}.longitudeE7`, message: 'is needed, -1800000000 to 1800000000' }
}

function checkText(text: outrider.v1.OperatorText.$Properties, path: string, source: AlertSource): AlertProblem | undefined {
  const language = text.language ?? ''
  const isTag = source === 'link' || /^[A-Za-z0-9-]*$/.test(language)
  if (!isTag || language.length < 2 || language.length > 35) {
    return { field: `${path}.language`, message: 'must be a BCP 47 tag of 2 to 35 bytes' }
  }
  const characters = [...(text.text ?? '')].length
  if (source === 'issuer' && notText.test(text.text ?? '')) {
    return { field: `${path}.text`, message: 'must be one line without control characters' }
  }
  return characters >= 1 && characters <= textCharactersMax
    ? undefined
    : { field: `${path}.text`, message: `must have 1 to ${textCharactersMax} characters` }
}

function checkList<Item>(
  items: readonly Item[] | null | undefined,
  path: string,
  itemsMax: number,
  check: (item: Item, path: string) => AlertProblem | undefined,
): AlertProblem | undefined {
  if (items == null) return undefined
  if (items.length > itemsMax) return { field: path, message: `must have at most ${itemsMax} entries` }
  for (const [index, item] of items.entries()) {
    const problem = check(item, `${path}[${index}]`)
    if (problem !== undefined) return problem
  }
  return undefined
}

export function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}

/** A path below another one: `.circle.radiusCm`, `[3]`, or nothing. */
function join(path: string): string {
  return path === '' || path.startsWith('[') ? path : `.${path}`
}
