// A sample in SI units becomes the wire's integers. The ranges are the protocol's own table, so that what passes here passes at the
// node; what does not is refused by the name the caller used.
import type { outrider as wire } from '@outrider/protocol'
import {
  causes,
  eventFlagMask,
  flagBit,
  flags,
  observationsPerSampleMax,
  outrider,
  parseAlertKey,
  sampleColumns,
  timeMsMax,
  verdictsMax,
} from '@outrider/protocol'
import { readAlertKey } from './alert-id.js'
import { SdkError } from './sdk-error.js'
import type { RoadSurfaceName, SampleObservation, SampleVerdict, VehicleSample, VerdictName } from './vehicle-sample.js'

const { ObservationSource, RoadSurface, VerdictKind } = outrider.v1

/** A sample on its way: wire units, and when it was measured on the vehicle's clock. */
export interface WireSample {
  readonly timeMs: number
  readonly sample: wire.v1.Sample.$Properties
  /** Bits of the event flags that are on. */
  readonly events: number
  /** Whether it brings an observation or a verdict, and so is urgent whatever its flags. */
  readonly isStatement: boolean
  readonly verdicts: readonly wire.v1.Verdict.$Properties[]
}

/** Names in a `VehicleSample` where they differ from the columns of the protocol. */
const publicNames: Readonly<Record<string, string>> = { latitudeDeg: 'latitude', longitudeDeg: 'longitude' }
const columns = sampleColumns
  .filter(column => column.name !== 'offsetMs')
  .map(column => ({ ...column, publicName: (publicNames[column.name] ?? column.name) as keyof VehicleSample }))

const roadSurfaces: Readonly<Record<RoadSurfaceName, wire.v1.RoadSurface>> = {
  dry: RoadSurface.ROAD_SURFACE_DRY,
  wet: RoadSurface.ROAD_SURFACE_WET,
  snow: RoadSurface.ROAD_SURFACE_SNOW,
  ice: RoadSurface.ROAD_SURFACE_ICE,
  slush: RoadSurface.ROAD_SURFACE_SLUSH,
  wet_ice: RoadSurface.ROAD_SURFACE_WET_ICE,
  loose_gravel: RoadSurface.ROAD_SURFACE_LOOSE_GRAVEL,
}
const verdictKinds: Readonly<Record<VerdictName, wire.v1.VerdictKind>> = {
  confirm: VerdictKind.VERDICT_KIND_CONFIRM,
  gone: VerdictKind.VERDICT_KIND_GONE,
  wrong: VerdictKind.VERDICT_KIND_WRONG,
}
const sources = { driver: ObservationSource.OBSERVATION_SOURCE_DRIVER, camera: ObservationSource.OBSERVATION_SOURCE_CAMERA } as const

/**
 * @param nowMs vehicle clock, taken if the sample has no time of its own
 * @throws SdkError `out_of_range` with the field's name
 */
export function toWireSample(given: VehicleSample, nowMs: number): WireSample {
  const timeMs = isMissing(given.timeMs) ? nowMs : given.timeMs
  if (!(timeMs >= 0 && timeMs <= timeMsMax)) throw outOfRange('timeMs', given.timeMs, `0..${timeMsMax}`)
  const sample: Record<string, unknown> = {}
  for (const column of columns) {
    const value = given[column.publicName] as number | null | undefined
    if (!isMissing(value)) sample[column.field] = wireValue(column, value)
  }
  if (isMissing(given.latitude) !== isMissing(given.longitude)) {
    throw outOfRange(isMissing(given.latitude) ? 'latitude' : 'longitude', undefined, 'given with the other coordinate or not at all')
  }
  if (given.roadSurface != null) {
    sample.roadSurface = oneOf('roadSurface', given.roadSurface, roadSurfaces)
  }
  const flagNames = [...new Set(given.flags ?? [])]
  sample.flags = flagNames.map((name, index) => oneOf(`flags[${index}]`, name, flags))
  const mask = flagNames.reduce((bits, name) => bits | flagBit(name), 0)
  const observations = atMost('observations', given.observations, observationsPerSampleMax)
  const verdicts = atMost('verdicts', given.verdicts, verdictsMax)
  sample.observations = observations.map((observation, index) => wireObservation(observation, `observations[${index}]`))
  return {
    timeMs,
    sample: sample as wire.v1.Sample.$Properties,
    events: mask & eventFlagMask,
    isStatement: observations.length > 0 || verdicts.length > 0,
    verdicts: verdicts.map((verdict, index) => wireVerdict(verdict, nowMs, `verdicts[${index}]`)),
  }
}

/** A value in the wire's steps, within its range. */
function wireValue(column: (typeof columns)[number], value: number): number {
  const steps = value * column.perUnit
  // An accuracy that shrinks by rounding would claim what was not measured; the tiny slack takes back the binary error of 0.3 * 10.
  const rounded = column.name === 'accuracyM' ? Math.ceil(steps - 1e-9) : Math.round(steps)
  const wired = column.name === 'headingDeg' && (rounded === 3_600 || value === 360) ? 0 : rounded
  if (typeof value !== 'number' || !(wired >= column.min && wired <= column.max)) {
    throw outOfRange(column.publicName, value, `${column.min / column.perUnit}..${column.max / column.perUnit}`)
  }
  // Minus zero would travel as a negative number.
  return wired === 0 ? 0 : wired
}

function wireObservation(observation: SampleObservation, path: string): wire.v1.Observation.$Properties {
  const { cause, subCause, distanceM, source } = observation
  const code = typeof cause === 'number' ? cause : oneOf(`${path}.cause`, cause, causes).code
  const distanceDm = isMissing(distanceM) ? undefined : Math.round(distanceM * 10)
  if (!isInteger(code, 1, 255)) throw outOfRange(`${path}.cause`, cause, 'a cause’s name or code 1..255')
  if (!isMissing(subCause) && !isInteger(subCause, 0, 255)) throw outOfRange(`${path}.subCause`, subCause, '0..255')
  if (distanceDm !== undefined && !isInteger(distanceDm, 0, 10_000)) throw outOfRange(`${path}.distanceM`, distanceM, '0..1000')
  return {
    cause: code,
    subCause: subCause ?? 0,
    source: oneOf(`${path}.source`, source, sources),
    ...(distanceDm === undefined ? {} : { distanceDm }),
  }
}

function wireVerdict({ alert, verdict }: SampleVerdict, nowMs: number, path: string): wire.v1.Verdict.$Properties {
  const alertId = parseAlertKey(alert.id)
  if (readAlertKey(alertId) === undefined) throw outOfRange(`${path}.alert`, alert.id, 'an alert as it came from alerts()')
  if (!isInteger(alert.revision, 1, 0xffff_ffff)) throw outOfRange(`${path}.alert`, alert.revision, 'a revision from 1')
  return { alertId: alertId!, revision: alert.revision, kind: oneOf(`${path}.verdict`, verdict, verdictKinds), timeMs: nowMs }
}

function isMissing(value: number | null | undefined): value is null | undefined {
  return value === undefined || value === null || Number.isNaN(value)
}

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

function atMost<Item>(field: string, list: readonly Item[] | null | undefined, max: number): readonly Item[] {
  if (list == null) return []
  if (list.length > max) throw outOfRange(field, list.length, `at most ${max}`)
  return list
}

function oneOf<Value>(field: string, name: string, table: Readonly<Record<string, Value>>): Value {
  if (!Object.hasOwn(table, name)) throw outOfRange(field, name, `one of ${Object.keys(table).join(', ')}`)
  return table[name]!
}

function outOfRange(field: string, value: unknown, allowed: string): SdkError {
  const said = value === undefined ? 'missing' : JSON.stringify(value)
  return new SdkError('out_of_range', `${field} is ${said}; allowed: ${allowed}`, { field })
}
