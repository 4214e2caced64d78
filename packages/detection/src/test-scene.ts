// A street for tests: places in metres east and north of an origin, times in ms; every sample goes through the wire and all steps up to the detectors.
import { createExtent, createFrame, createVehicleGrid, toLatitudeE7, toLongitudeE7, toX, toY } from '@outrider/geo'
import { createReportRecord, decodeReport, type FlagName, flags, outrider } from '@outrider/protocol'
import { createConditionField } from './condition-field.js'
import { createDetectionPolicy, type DetectionPolicy } from './detection-policy.js'
import type { Surroundings } from './detector.js'
import { detectors } from './detectors.js'
import type { Finding, VehicleLinks } from './evidence.js'
import { isOpen } from './explanation.js'
import { countAgainst, type ImplausibleReason, judgeSample } from './plausibility.js'
import { trackSample } from './track-sample.js'
import { createTrackTable } from './track-table.js'
import { createUsualTraffic } from './usual-traffic.js'

export interface SceneSample {
  readonly atMs: number
  readonly eastM: number
  readonly northM: number
  readonly speedMps?: number
  readonly headingDeg?: number
  readonly accelMps2?: number
  readonly accuracyM?: number
  readonly flags?: readonly FlagName[]
  readonly role?: number
  readonly friction?: number
  readonly airTemperatureC?: number
  readonly wiper?: number
  readonly rain?: number
  readonly visibilityM?: number
  readonly roughnessMps2?: number
  /** Wire RoadSurface. */
  readonly roadSurface?: number
  readonly observations?: readonly outrider.v1.Observation.$Properties[]
}

export interface SceneResult {
  readonly reason: ImplausibleReason | undefined
  readonly findings: readonly (Finding & { readonly detector: string })[]
}

export const frame = createFrame(535_500_000, 99_900_000)
const northUnitsPerM = 1e7 / 111_195.08
const eastUnitsPerM = northUnitsPerM / Math.cos((53.55 * Math.PI) / 180)

export function placeAt(eastM: number, northM: number): { readonly x: number; readonly y: number } {
  return { x: Math.round(eastM * eastUnitsPerM), y: Math.round(northM * northUnitsPerM) }
}

export function createScene(given: Partial<DetectionPolicy> = {}) {
  const rows = 64
  const policy = createDetectionPolicy(given)
  const tracks = createTrackTable(rows)
  const usual = createUsualTraffic({ frame, tracks, policy })
  const around = createVehicleGrid({ frame, extent: createExtent(frame, 10_000, 10_000), rows })
  const standing = createVehicleGrid({ frame, extent: createExtent(frame, 10_000, 10_000), rows })
  const conditions = createConditionField({ frame, rows })
  /** All of them independent, unless a test says otherwise. */
  const vehicles: VehicleLinks[] = Array.from({ length: rows }, (_, row) => ({ links: [{ day: 20_000, link: `link ${row}` }] }))
  const surroundings: Surroundings = { tracks, frame, around, standing, conditions, policy, usual, rows: new Int32Array(rows) }
  const record = createReportRecord()
  let number = 0
  return {
    tracks,
    conditions,
    vehicles,
    policy,
    usual,
    /** @param nowMs the node's clock when it comes in; by default the time of the sample */
    drive(row: number, sample: SceneSample, nowMs: number = sample.atMs): SceneResult {
      const outcome = decodeReport(encode(sample, ++number), record)
      if (outcome !== 'ok') throw new Error(`scene: ${outcome} ${record.problemField}`)
      const at = {
        x: toX(frame, Math.round(record.longitudeDeg[0]! * 1e7)),
        y: toY(frame, Math.round(record.latitudeDeg[0]! * 1e7)),
        atMs: sample.atMs,
        speedMps: record.speedMps[0]!,
        accuracyM: record.accuracyM[0]!,
        flags: record.flags[0]!,
      }
      const reason = judgeSample(tracks, row, at, nowMs, frame, policy)
      countAgainst(tracks, row, reason)
      if (reason !== undefined && reason !== 'late') return { reason, findings: [] }
      const current = reason === undefined
      if (current) trackSample(tracks, row, record, 0, at, frame, policy)
      conditions.note(row, vehicles[row]!, record, 0, at.x, at.y, at.atMs)
      const sighting = { report: record, index: 0, flags: at.flags, x: at.x, y: at.y, atMs: at.atMs, current }
      const findings = detectors
        .filter(detector => current || detector.late)
        .flatMap(detector => {
          const found = detector.find(surroundings, row, sighting)
          // Whatever a test drives: what a detector says of itself must not contradict what it does.
          const isExplained = detector.explain?.(surroundings, row, sighting).some(isOpen) ?? found.length > 0
          if (isExplained !== found.length > 0) throw new Error(`scene: ${detector.name} found ${found.length}, and explains otherwise`)
          return found.map(finding => ({ ...finding, detector: detector.name }))
        })
      if (current) usual.learn(row)
      around.place(row, tracks.x[row]!, tracks.y[row]!)
      if (Number.isNaN(tracks.standingSinceMs[row]!)) standing.remove(row)
      else standing.place(row, tracks.x[row]!, tracks.y[row]!)
      return { reason, findings }
    },
  }
}

function encode(sample: SceneSample, number: number): Uint8Array {
  const { x, y } = placeAt(sample.eastM, sample.northM)
  return outrider.v1.Report.encode({
    number,
    timeMs: 100_000_000 + sample.atMs,
    ...(sample.role === undefined ? {} : { role: sample.role }),
    samples: [
      {
        latitudeE7: toLatitudeE7(frame, y),
        longitudeE7: toLongitudeE7(frame, x),
        ...(sample.speedMps === undefined ? {} : { speedCmps: Math.round(sample.speedMps * 100) }),
        ...(sample.headingDeg === undefined ? {} : { headingDecideg: Math.round(sample.headingDeg * 10) }),
        ...(sample.accelMps2 === undefined ? {} : { accelerationLongitudinalCmps2: Math.round(sample.accelMps2 * 100) }),
        ...(sample.accuracyM === undefined ? {} : { horizontalAccuracyDm: Math.round(sample.accuracyM * 10) }),
        ...(sample.friction === undefined ? {} : { frictionPercent: Math.round(sample.friction * 100) }),
        ...(sample.airTemperatureC === undefined ? {} : { airTemperatureDecidegc: Math.round(sample.airTemperatureC * 10) }),
        ...(sample.wiper === undefined ? {} : { wiperLevel: sample.wiper }),
        ...(sample.rain === undefined ? {} : { rainPercent: Math.round(sample.rain * 100) }),
        ...(sample.visibilityM === undefined ? {} : { visibilityM: sample.visibilityM }),
        ...(sample.roughnessMps2 === undefined ? {} : { roughnessCmps2: Math.round(sample.roughnessMps2 * 100) }),
        ...(sample.roadSurface === undefined ? {} : { roadSurface: sample.roadSurface }),
        flags: (sample.flags ?? []).map(name => flags[name]),
        observations: [...(sample.observations ?? [])],
      },
    ],
  }).finish()
}

/** Drives north at constant deceleration, sampled every `stepMs`; all findings on the way. */
export function brake(
  scene: ReturnType<typeof createScene>,
  row: number,
  from: { readonly speedMps: number; readonly decelMps2: number; readonly stepMs: number; readonly forMs: number },
  extra: Partial<SceneSample> = {},
): SceneResult['findings'] {
  const found: SceneResult['findings'][number][] = []
  let northM = 0
  for (let atMs = 0; atMs <= 2_000 + from.forMs; atMs += from.stepMs) {
    // Two seconds of steady driving first.
    const brakingS = Math.max(0, (atMs - 2_000) / 1_000)
    const speedMps = Math.max(0, from.speedMps - from.decelMps2 * brakingS)
    const result = scene.drive(row, { atMs, eastM: 0, northM, speedMps, headingDeg: 0, ...extra })
    found.push(...result.findings)
    const next = Math.max(0, from.speedMps - from.decelMps2 * Math.max(0, (atMs + from.stepMs - 2_000) / 1_000))
    northM += ((speedMps + next) / 2) * (from.stepMs / 1_000)
  }
  return found
}
