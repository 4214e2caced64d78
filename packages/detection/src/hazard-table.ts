/*
 * Evidence becomes hazards here. Evidence joins a hazard of the same family, place and direction; a hazard is public when one of its
 * vehicles is sure by itself, or when enough independent vehicles say so; one that repeats itself adds nothing, nor do several names of
 * one enrolment (links tell, without a name). It ends when its subject moves on, or when two independent drivers say that it is gone;
 * if nobody says anything it runs out with the validity of its alert.
 */
import { distanceM, type Frame, headingDifferenceDeg } from '@outrider/geo'
import { areIndependent } from '@outrider/identity'
import { evidenceLastsMs, familyOf, isGraver, sourcesNeededOf } from './cause-rules.js'
import type { DetectionPolicy } from './detection-policy.js'
import type { DetectorName, Evidence, VehicleLinks } from './evidence.js'

/** A vehicle behind a hazard. */
export interface HazardSource {
  readonly vehicle: VehicleLinks
  row: number
  alone: boolean
  subject: boolean
  lastAtMs: number
}

export interface Hazard {
  /** Counted from 1; never used twice. */
  readonly number: number
  readonly family: string | number
  cause: number
  subCause: number
  x: number
  y: number
  uncertaintyM: number
  /** NaN = no direction applies. */
  headingDeg: number
  readonly firstAtMs: number
  lastAtMs: number
  readonly sources: HazardSource[]
  /** Drivers who say it is gone or never was. */
  readonly against: HazardSource[]
  detectors: ReadonlySet<DetectorName>
  /** Key of its alert; undefined = not public. */
  alertKey: string | undefined
  /** Where and as what it was last published. */
  publishedX: number
  publishedY: number
  publishedCause: number
  publishedSubCause: number
  /** True once it was ended from outside or by drivers: it stays as long as evidence comes, so that the same evidence makes no new alert. */
  over: boolean
}

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

/** More vehicles do not make a hazard surer; past them only known ones renew it. */
const sourcesMax = 16
const unchanged: HazardChange = Object.freeze({ kind: 'none' })

export function createHazardTable({ frame, policy, hazardsMax = 4_096 }: HazardTableOptions): HazardTable {
  /** In order of number, so that ties are broken alike in every replay. */
  const hazards = new Map<number, Hazard>()
  const byAlert = new Map<string, Hazard>()
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
    return m > policy.joinM + hazard.uncertaintyM + evidence.uncertaintyM ? Number.POSITIVE_INFINITY : m
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

  const begin = (evidence: Evidence): Hazard | undefined => {
    if (hazards.size >= hazardsMax) {
      const candidate = [...hazards.values()].find(hazard => hazard.alertKey === undefined)
      if (candidate === undefined) {
        refusedFull++
        return undefined
      }
      forget(candidate)
    }
    const { cause, subCause, x, y, uncertaintyM, headingDeg, atMs } = evidence
    const hazard: Hazard = {
      number: ++lastNumber,
      family: familyOf(cause),
      cause,
      subCause,
      x,
      y,
      uncertaintyM,
      headingDeg,
      firstAtMs: atMs,
      lastAtMs: atMs,
      sources: [],
      against: [],
      detectors: new Set([evidence.detector]),
      alertKey: undefined,
      publishedX: x,
      publishedY: y,
      publishedCause: 0,
      publishedSubCause: 0,
      over: false,
    }
    hazards.set(hazard.number, hazard)
    return hazard
  }

  const isPublic = (hazard: Hazard): boolean => {
    if (hazard.sources.some(source => source.alone)) return true
    const needed = sourcesNeededOf(hazard.cause)
    return needed !== undefined && independentOf(hazard.sources) >= needed
  }

  const isChanged = (hazard: Hazard): boolean =>
    hazard.cause !== hazard.publishedCause ||
    hazard.subCause !== hazard.publishedSubCause ||
    distanceM(frame, hazard.x, hazard.y, hazard.publishedX, hazard.publishedY) > policy.revisionMoveM

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
      return hazard.sources.some(source => source.subject) || hazard.sources.length >= 2 ? unchanged : end(hazard)
    },
    published(hazard, alertKey) {
      hazard.alertKey = alertKey
      hazard.publishedX = hazard.x
      hazard.publishedY = hazard.y
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
    all: () => hazards.values(),
    forgetRow(row) {
      for (const hazard of hazards.values()) {
        for (const source of hazard.sources) if (source.row === row) source.row = -1
        for (const source of hazard.against) if (source.row === row) source.row = -1
      }
    },
    tick(nowMs) {
      for (const hazard of hazards.values()) {
        if (hazard.alertKey === undefined && nowMs - hazard.lastAtMs > evidenceLastsMs(hazard.cause)) forget(hazard)
      }
    },
    sourcesOf: hazard => Math.max(1, independentOf(hazard.sources)),
    counts: () => ({ hazards: hazards.size, public: byAlert.size, refusedFull, sourcesFull }),
  }
}

/** What a hazard learns from evidence: the graver cause, the newest place of its subject, and when it was last seen. */
function absorb(hazard: Hazard, evidence: Evidence): void {
  hazard.lastAtMs = Math.max(hazard.lastAtMs, evidence.atMs)
  if (!hazard.detectors.has(evidence.detector)) hazard.detectors = new Set([...hazard.detectors, evidence.detector])
  if (isGraver(evidence.cause, hazard.cause)) {
    hazard.cause = evidence.cause
    hazard.subCause = evidence.subCause
  } else if (evidence.cause === hazard.cause && evidence.subCause > hazard.subCause) {
    // Known before unknown, and an automatic eCall before none: in the lists that detectors use the larger number says more.
    hazard.subCause = evidence.subCause
  }
  if (Number.isNaN(hazard.headingDeg)) hazard.headingDeg = evidence.headingDeg
  // A surer place replaces a vaguer one; of places as good as each other the newest holds, so that what moves is followed.
  if (evidence.uncertaintyM > hazard.uncertaintyM * 1.5) return
  hazard.x = evidence.x
  hazard.y = evidence.y
  hazard.uncertaintyM = evidence.uncertaintyM
}

/** Renews a known vehicle's source or adds one; false if there is no room. */
function addSource(sources: HazardSource[], from: Pick<Evidence, 'row' | 'vehicle' | 'alone' | 'subject' | 'atMs'>): boolean {
  for (const source of sources) {
    if (source.row !== from.row && source.vehicle !== from.vehicle) continue
    source.row = from.row
    source.alone ||= from.alone
    source.subject ||= from.subject
    source.lastAtMs = Math.max(source.lastAtMs, from.atMs)
    return true
  }
  if (sources.length >= sourcesMax) return false
  sources.push({ vehicle: from.vehicle, row: from.row, alone: from.alone, subject: from.subject, lastAtMs: from.atMs })
  return true
}

/** Size of a set of sources that are all independent of each other, taken greedily in order: never more than there are vehicles. */
function independentOf(sources: readonly HazardSource[]): number {
  const chosen: HazardSource[] = []
  for (const source of sources) if (chosen.every(other => areIndependent(other.vehicle, source.vehicle))) chosen.push(source)
  return chosen.length
}
