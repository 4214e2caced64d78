/*
 * What a zone knows and thinks of one vehicle right after its report, for `outrider explain` and whoever looks into a node. Reads only, and
 * never from within the alert path.
 */
import { type DetectorName, detectors, type Hazard, historyCount, pastIndex, sourcesNeededOf, type Way } from '@outrider/detection'
import { distanceM, type Frame, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import { isConcerned } from './concerned.js'
import { reckon } from './silent-vehicles.js'
import type { ZoneState } from './zone-state.js'

/** Units stand last in the names; times are monotonic ms, places degrees, unknown values undefined. */
export interface VehicleView {
  readonly connected: boolean
  readonly primary: boolean
  /** Believed samples, the newest first. */
  readonly samples: readonly {
    readonly atMs: number
    readonly latitudeDeg: number
    readonly longitudeDeg: number
    readonly speedMps: number | undefined
    readonly accelMps2: number | undefined
  }[]
  readonly courseDeg: number | undefined
  readonly standingSinceMs: number | undefined
  readonly askedIntervalMs: number
  /** Above `distrustMax` it is no evidence. */
  readonly distrust: number
  readonly distrustMax: number
  readonly detectors: readonly DetectorView[]
  /** Within the distance asked for, the nearest first. */
  readonly hazards: readonly HazardView[]
  readonly alerts: readonly AlertView[]
}

export interface DetectorView {
  readonly name: DetectorName
  /** What it found in the last sample of the last report: cause and sub-cause. */
  readonly findings: readonly { readonly cause: number; readonly subCause: number; readonly alone: boolean }[]
  readonly ways: readonly Way[]
}

export interface HazardView {
  readonly number: number
  readonly cause: number
  readonly subCause: number
  readonly latitudeDeg: number
  readonly longitudeDeg: number
  readonly distanceM: number
  readonly headingDeg: number | undefined
  readonly detectors: readonly DetectorName[]
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Independent vehicles behind it, and how many it takes if none is sure by itself; undefined = vehicles alone do not make it public. */
  readonly sources: number
  readonly sourcesNeeded: number | undefined
  /** True if one of them is sure by itself. */
  readonly isSure: boolean
  /** True if the vehicle is one of them. */
  readonly isSource: boolean
  readonly alertKey: string | undefined
}

export interface AlertView {
  readonly key: string
  readonly revision: number
  readonly cause: number
  readonly subCause: number
  readonly distanceM: number
  /** Whether it concerns the vehicle where it is now, and whether it did when it was looked at last (with some slack to stay so). */
  readonly concerns: boolean
  readonly told: boolean
}

/** @param withinM hazards and alerts further away are left out; undefined = no vehicle has the row, or it never said where it is */
export function viewVehicle(zone: ZoneState, row: number, withinM: number): VehicleView | undefined {
  const { tracks, sessions, detection } = zone
  const session = sessions.at(row)
  if (session === undefined || tracks.samples[row] === 0) return undefined
  return {
    connected: session.connected,
    primary: session.primary,
    samples: samplesOf(zone, row),
    courseDeg: known(tracks.courseDeg[row]!),
    standingSinceMs: known(tracks.standingSinceMs[row]!),
    askedIntervalMs: tracks.intervalMs[row]!,
    distrust: tracks.distrust[row]!,
    distrustMax: detection.distrustMax,
    detectors: detectorsOf(zone, row),
    hazards: hazardsNear(zone, row, withinM),
    alerts: alertsNear(zone, row, withinM),
  }
}

function samplesOf({ tracks, frame }: ZoneState, row: number): VehicleView['samples'] {
  return Array.from({ length: historyCount(tracks, row) }, (_, back) => {
    const at = pastIndex(tracks, row, back)
    return {
      atMs: tracks.pastAtMs[at]!,
      ...degrees(frame, tracks.pastX[at]!, tracks.pastY[at]!),
      speedMps: known(tracks.pastSpeedMps[at]!),
      accelMps2: known(tracks.pastAccelMps2[at]!),
    }
  })
}

/** The zone's report and sighting are still those of the last report, which the caller knows to be this vehicle's. */
function detectorsOf({ surroundings, sighting, found }: ZoneState, row: number): readonly DetectorView[] {
  return detectors.map(({ name, explain }) => ({
    name,
    findings: found.flatMap(({ detector, finding: { cause, subCause, alone } }) => (detector === name ? [{ cause, subCause, alone }] : [])),
    ways: explain?.(surroundings, row, sighting) ?? [],
  }))
}

function hazardsNear({ hazards, tracks, frame }: ZoneState, row: number, withinM: number): readonly HazardView[] {
  const awayM = (hazard: Hazard): number => distanceM(frame, tracks.x[row]!, tracks.y[row]!, hazard.x, hazard.y)
  return [...hazards.all()]
    .map(hazard => ({ hazard, m: awayM(hazard) }))
    .filter(({ m }) => m <= withinM)
    .sort((a, b) => a.m - b.m)
    .map(({ hazard, m }) => ({
      number: hazard.number,
      cause: hazard.cause,
      subCause: hazard.subCause,
      ...degrees(frame, hazard.x, hazard.y),
      distanceM: m,
      headingDeg: known(hazard.headingDeg),
      detectors: [...hazard.detectors],
      firstAtMs: hazard.firstAtMs,
      lastAtMs: hazard.lastAtMs,
      sources: hazards.sourcesOf(hazard),
      sourcesNeeded: sourcesNeededOf(hazard.cause),
      isSure: hazard.sources.some(source => source.alone),
      isSource: hazard.sources.some(source => source.row === row),
      alertKey: hazard.alertKey,
    }))
}

function alertsNear(zone: ZoneState, row: number, withinM: number): readonly AlertView[] {
  const { active, registry, tracks, frame, concerns } = zone
  const { x, y, uncertaintyM } = reckon(zone, row, zone.clock.monotonicMs(), { x: 0, y: 0, uncertaintyM: 0 })
  const views: AlertView[] = []
  for (const entry of registry.entries()) {
    const slot = entry.state === 'active' ? zone.deliveries.slotOf(entry.key) : undefined
    const relevance = slot === undefined ? undefined : active.relevanceOf(slot)
    if (slot === undefined || relevance === undefined) continue
    const told = concerns.has(row, slot)
    const m = distanceM(frame, x, y, relevance.eventX, relevance.eventY)
    if (m > withinM && !told) continue
    const { code = 0, subCause = 0 } = entry.alert?.cause ?? {}
    views.push({
      key: entry.key,
      revision: entry.revision,
      cause: code ?? 0,
      subCause: subCause ?? 0,
      distanceM: m,
      concerns: isConcerned(relevance, x, y, tracks.courseDeg[row]!, uncertaintyM, 0),
      told,
    })
  }
  return views.sort((a, b) => a.distanceM - b.distanceM)
}

function degrees(frame: Frame, x: number, y: number): { readonly latitudeDeg: number; readonly longitudeDeg: number } {
  return { latitudeDeg: toLatitudeE7(frame, y) / 1e7, longitudeDeg: toLongitudeE7(frame, x) / 1e7 }
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
