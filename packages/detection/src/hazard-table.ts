/*
 * Evidence becomes hazards here. Evidence joins a hazard of the same family, place and direction; a hazard is public when one of its
 * vehicles is sure by itself, or when enough independent vehicles say so; one that repeats itself adds nothing, nor do several names of
 * one enrolment (links tell, without a name). It ends when its subject moves on, or when two independent drivers say that it is gone;
 * if nobody says anything it runs out with the validity of its alert.
 */
import { distanceM, eastMPerUnit, type Frame, headingDifferenceDeg, northMPerUnit } from '@outrider/geo'
import { evidenceLastsMs, familyOf } from './cause-rules.js'
import type { DetectionPolicy } from './detection-policy.js'
import type { Evidence, VehicleLinks } from './evidence.js'
import { absorb, addSource, elsewhere, forgetSources, type Hazard, hazardOf, independentOf, isPublic, isSameVehicle } from './hazard.js'

/** What a piece of evidence did. */
export type HazardChange =
  /** It belongs to no hazard, or there is no room for one. */
  | { readonly kind: 'none' }
  /** Not sure enough, or nothing that matters changed. */
  | { readonly kind: 'joined'; readonly hazard: Hazard }
  /** Public for the first time: to be issued. */
  | { readonly kind: 'public'; readonly hazard: Hazard }
  /** Public, and changed enough to be told again. */
  | { readonly kind: 'changed'; readonly hazard: Hazard }
  /** Over, by the vehicles' own evidence: its alert is to be ended. */
  | { readonly kind: 'over'; readonly hazard: Hazard; readonly alertKey: string }

export interface HazardCounts {
  readonly hazards: number
  readonly public: number
  /** Evidence of a new hazard that found the table full of hazards that live. */
  readonly refusedFull: number
  /** Evidence of a vehicle beyond `sourcesMax` of one hazard. */
  readonly sourcesFull: number
}

export interface HazardTable {
  /** @param likely number of the hazard the vehicle's last evidence joined, 0 = none: looked at first, so that renewing costs no search */
  add(evidence: Evidence, likely: number): HazardChange
  /** A driver's verdict on the hazard of an alert. Unknown alerts change nothing. */
  judge(alertKey: string, row: number, vehicle: VehicleLinks, confirms: boolean, atMs: number): HazardChange
  /** The vehicle that was the hazard drives at (x, y), and says so no more: if that is away from the place, the hazard has lost it. */
  movedOn(hazardNumber: number, row: number, x: number, y: number): HazardChange
  /** The hazard was published under this key, as it is now. */
  published(hazard: Hazard, alertKey: string): void
  /** Its alert ended from outside (`over`), or ran out: without evidence it is forgotten. */
  closed(alertKey: string, over: boolean): void
  /** An alert took the place of another one. */
  rekey(fromKey: string, toKey: string): void
  ofAlert(alertKey: string): Hazard | undefined
  /** Those that have an alert. */
  publicOnes(): IterableIterator<Hazard>
  /** All of them, public or not, in order of number. */
  all(): IterableIterator<Hazard>
  /** A row was given to another vehicle. */
  forgetRow(row: number): void
  /** Forgets what nobody has spoken of for its validity. Call about once a second. */
  tick(nowMs: number): void
  /** Independent vehicles behind a hazard. */
  sourcesOf(hazard: Hazard): number
  counts(): HazardCounts
}

export interface HazardTableOptions {
  readonly frame: Frame
  readonly policy: DetectionPolicy
  /** Hazards at once, 1..65536; default 4096: every twentieth of 80,000 vehicles. When full, the oldest not public one makes room. */
  readonly hazardsMax?: number
}

/**
 * Hazards one vehicle may have begun that nobody else speaks of; of more, its own oldest goes. Nobody meets so many within a minute, and who
 * makes them up must not push out of the table what others wait to have seconded.
 */
const begunMax = 8
const unchanged: HazardChange = Object.freeze({ kind: 'none' })

export function createHazardTable({ frame, policy, hazardsMax = 4_096 }: HazardTableOptions): HazardTable {
  /** In order of number, so that ties are broken alike in every replay. */
  const hazards = new Map<number, Hazard>()
  const byAlert = new Map<string, Hazard>()
  /** By row, or by the link of a vehicle that another node has: what it began that nobody has made public, at most `begunMax` each. */
  const begunBy = new Map<number | string, readonly Hazard[]>()
  let lastNumber = 0
  let refusedFull = 0
  let sourcesFull = 0

  const forget = (hazard: Hazard): void => {
    hazards.delete(hazard.number)
    if (hazard.alertKey !== undefined) byAlert.delete(hazard.alertKey)
  }

  /** How far evidence is from a hazard it could belong to, m; Infinity if it cannot. */
  const awayM = (hazard: Hazard, evidence: Evidence, family: string | number): number => {
    if (hazard.family !== family) return Number.POSITIVE_INFINITY
    // NaN fails the comparison, so that evidence without a course joins any.
    if (headingDifferenceDeg(hazard.headingDeg, evidence.headingDeg) > policy.joinDeg) return Number.POSITIVE_INFINITY
    const m = distanceM(frame, hazard.x, hazard.y, evidence.x, evidence.y)
    const blurM = Math.min(policy.joinBlurMMax, hazard.uncertaintyM + evidence.uncertaintyM)
    return m > (family === 'weather' ? policy.joinWeatherM : policy.joinM) + blurM ? Number.POSITIVE_INFINITY : m
  }

  /** The likely hazard, or else the nearest one the evidence belongs to. */
  const find = (evidence: Evidence, likely: number): Hazard | undefined => {
    const family = familyOf(evidence.cause)
    const known = hazards.get(likely)
    if (known !== undefined && awayM(known, evidence, family) < Number.POSITIVE_INFINITY) return known
    let nearest: Hazard | undefined
    let nearestM = Number.POSITIVE_INFINITY
    for (const hazard of hazards.values()) {
      const m = awayM(hazard, evidence, family)
      if (m >= nearestM) continue
      nearest = hazard
      nearestM = m
    }
    return nearest
  }

  const isUnseconded = (hazard: Hazard) => hazards.has(hazard.number) && hazard.alertKey === undefined && hazard.sources.length === 1

  const begin = (evidence: Evidence): Hazard | undefined => {
    const by = evidence.row === elsewhere ? (evidence.vehicle.links[0]?.link ?? '') : evidence.row
    const own = (begunBy.get(by) ?? []).filter(isUnseconded)
    if (own.length >= begunMax) forget(own.shift()!)
    if (hazards.size >= hazardsMax) {
      const candidate = [...hazards.values()].find(hazard => hazard.alertKey === undefined)
      if (candidate === undefined) {
        refusedFull++
        return undefined
      }
      forget(candidate)
    }
    const hazard = hazardOf(++lastNumber, evidence)
    hazards.set(hazard.number, hazard)
    begunBy.set(by, [...own, hazard])
    return hazard
  }

  const isChanged = (hazard: Hazard): boolean =>
    hazard.cause !== hazard.publishedCause ||
    hazard.subCause !== hazard.publishedSubCause ||
    (Number.isNaN(hazard.speedMps)
      ? distanceM(frame, hazard.x, hazard.y, hazard.publishedX, hazard.publishedY) > policy.revisionMoveM
      : isOffReckoning(hazard))

  /** Its alert's area travels on by itself; told again is what turned or changed its speed, and what has left the alert's position behind. */
  const isOffReckoning = (hazard: Hazard): boolean => {
    const { publishedX, publishedY, publishedHeadingDeg, publishedSpeedMps, publishedAtMs, x, y, headingDeg, lastAtMs } = hazard
    if (distanceM(frame, publishedX, publishedY, x, y) > policy.revisionWayM) return true
    if (headingDifferenceDeg(headingDeg, publishedHeadingDeg) > policy.revisionTurnDeg) return true
    const wayM = (publishedSpeedMps * (lastAtMs - publishedAtMs)) / 1_000
    const rad = (publishedHeadingDeg * Math.PI) / 180
    const reckonedX = publishedX + (Math.sin(rad) * wayM) / eastMPerUnit(frame, publishedY)
    const reckonedY = publishedY + (Math.cos(rad) * wayM) / northMPerUnit
    return distanceM(frame, reckonedX, reckonedY, x, y) > policy.revisionMoveM
  }

  const end = (hazard: Hazard): HazardChange => {
    const { alertKey } = hazard
    forget(hazard)
    return alertKey === undefined ? unchanged : { kind: 'over', hazard, alertKey }
  }

  return {
    add(evidence, likely) {
      const hazard = find(evidence, likely) ?? begin(evidence)
      if (hazard === undefined) return unchanged
      if (!addSource(hazard.sources, evidence)) sourcesFull++
      absorb(hazard, evidence)
      if (hazard.over || !isPublic(hazard)) return { kind: 'joined', hazard }
      if (hazard.alertKey === undefined) return { kind: 'public', hazard }
      return { kind: isChanged(hazard) ? 'changed' : 'joined', hazard }
    },
    judge(alertKey, row, vehicle, confirms, atMs) {
      const hazard = byAlert.get(alertKey)
      if (hazard === undefined) return unchanged
      // Who said otherwise before has changed his mind; what was said longer ago than the hazard would last is of another moment.
      forgetSources(
        hazard.against,
        source => isSameVehicle(source, { row, vehicle }) || source.lastAtMs < atMs - evidenceLastsMs(hazard.cause),
      )
      const side = confirms ? hazard.sources : hazard.against
      addSource(side, { row, vehicle, alone: false, subject: false, atMs })
      if (confirms) {
        hazard.lastAtMs = Math.max(hazard.lastAtMs, atMs)
        return unchanged
      }
      if (independentOf(hazard.against) < policy.againstMin) return unchanged
      hazard.over = true
      hazard.alertKey = undefined
      byAlert.delete(alertKey)
      return { kind: 'over', hazard, alertKey }
    },
    movedOn(hazardNumber, row, x, y) {
      const hazard = hazards.get(hazardNumber)
      if (hazard === undefined || distanceM(frame, hazard.x, hazard.y, x, y) <= policy.movedOnM) return unchanged
      const at = hazard.sources.findIndex(source => source.row === row)
      if (at >= 0) hazard.sources.splice(at, 1)
      return hazard.sources.some(source => source.subject) || independentOf(hazard.sources) >= 2 ? unchanged : end(hazard)
    },
    published(hazard, alertKey) {
      hazard.alertKey = alertKey
      hazard.publishedX = hazard.x
      hazard.publishedY = hazard.y
      hazard.publishedHeadingDeg = hazard.headingDeg
      hazard.publishedSpeedMps = hazard.speedMps
      hazard.publishedAtMs = hazard.lastAtMs
      hazard.publishedCause = hazard.cause
      hazard.publishedSubCause = hazard.subCause
      byAlert.set(alertKey, hazard)
    },
    closed(alertKey, over) {
      const hazard = byAlert.get(alertKey)
      if (hazard === undefined) return
      byAlert.delete(alertKey)
      hazard.alertKey = undefined
      hazard.over = over
      if (!over) hazards.delete(hazard.number)
    },
    rekey(fromKey, toKey) {
      const hazard = byAlert.get(fromKey)
      if (hazard === undefined) return
      byAlert.delete(fromKey)
      hazard.alertKey = toKey
      byAlert.set(toKey, hazard)
    },
    ofAlert: alertKey => byAlert.get(alertKey),
    publicOnes: () => byAlert.values(),
    all: () => hazards.values(),
    forgetRow(row) {
      begunBy.delete(row)
      for (const hazard of hazards.values()) {
        for (const source of hazard.sources) if (source.row === row) source.row = elsewhere
        for (const source of hazard.against) if (source.row === row) source.row = elsewhere
      }
    },
    tick(nowMs) {
      for (const hazard of hazards.values()) {
        if (hazard.alertKey === undefined && nowMs - hazard.lastAtMs > evidenceLastsMs(hazard.cause)) forget(hazard)
      }
      for (const [by, begun] of begunBy) if (!begun.some(isUnseconded)) begunBy.delete(by)
    },
    sourcesOf: hazard => Math.max(1, independentOf(hazard.sources)),
    counts: () => ({ hazards: hazards.size, public: byAlert.size, refusedFull, sourcesFull }),
  }
}
