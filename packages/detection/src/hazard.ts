/*
 * One hazard: what it is, what it learns from evidence, and when it is sure enough to be told. Which hazards there are, and which one evidence
 * belongs to, is the table's.
 */
import { areIndependent } from '@outrider/identity'
import { causes } from '@outrider/protocol'
import { familyOf, isGraver, sourcesNeededOf } from './cause-rules.js'
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
  /** Speed along its heading of a hazard that moves, which its first source leads; NaN = it stays. */
  speedMps: number
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
  publishedHeadingDeg: number
  publishedSpeedMps: number
  publishedAtMs: number
  publishedCause: number
  publishedSubCause: number
  /** True once it was ended from outside or by drivers: it stays as long as evidence comes, so that the same evidence makes no new alert. */
  over: boolean
}

const multiVehicle = 1
/** Three of the usual report intervals. */
const leadMs = 3_000

/** More vehicles do not make a hazard surer; past them only known ones renew it. */
const sourcesMax = 16

/** A new hazard of its first evidence, which has yet to be added as its source. */
export function hazardOf(number: number, evidence: Evidence): Hazard {
  const { cause, subCause, x, y, uncertaintyM, headingDeg, atMs } = evidence
  return {
    number,
    family: familyOf(cause),
    cause,
    subCause,
    x,
    y,
    uncertaintyM,
    headingDeg,
    speedMps: evidence.speedMps ?? Number.NaN,
    firstAtMs: atMs,
    lastAtMs: atMs,
    sources: [],
    against: [],
    detectors: new Set([evidence.detector]),
    alertKey: undefined,
    publishedX: x,
    publishedY: y,
    publishedHeadingDeg: headingDeg,
    publishedSpeedMps: Number.NaN,
    publishedAtMs: atMs,
    publishedCause: 0,
    publishedSubCause: 0,
    over: false,
  }
}

/** True if one of its vehicles is sure by itself, or as many independent ones say so as the cause wants. */
export function isPublic({ sources, cause }: Hazard): boolean {
  if (sources.some(source => source.alone)) return true
  const needed = sourcesNeededOf(cause)
  return needed !== undefined && independentOf(sources) >= needed
}

/** What a hazard learns from evidence: the graver cause, the newest place of its subject, and when it was last seen. */
export function absorb(hazard: Hazard, evidence: Evidence): void {
  hazard.lastAtMs = Math.max(hazard.lastAtMs, evidence.atMs)
  if (!hazard.detectors.has(evidence.detector)) hazard.detectors = new Set([...hazard.detectors, evidence.detector])
  if (isGraver(evidence.cause, hazard.cause)) {
    hazard.cause = evidence.cause
    hazard.subCause = evidence.subCause
  } else if (evidence.cause === hazard.cause && evidence.subCause > hazard.subCause) {
    // Known before unknown, and an automatic eCall before none: in the lists that detectors use the larger number says more.
    hazard.subCause = evidence.subCause
  }
  if (hazard.family === accidentFamily) nameAccident(hazard)
  if (evidence.speedMps !== undefined) {
    follow(hazard, evidence, evidence.speedMps)
    return
  }
  if (Number.isNaN(hazard.headingDeg)) hazard.headingDeg = evidence.headingDeg
  // Weather is where it was seen first: it is wider than the way between two of those who see it, and does not follow them.
  if (hazard.family === 'weather') return
  // A surer place replaces a vaguer one; of places as good as each other the newest holds, so that what moves is followed.
  if (evidence.uncertaintyM > hazard.uncertaintyM * 1.5) return
  hazard.x = evidence.x
  hazard.y = evidence.y
  hazard.uncertaintyM = evidence.uncertaintyM
}

const accidentFamily = familyOf(causes.postCrash.code)

/** Two independent vehicles that crashed at one place are one accident of several vehicles, 2/1; that is the last word. */
function nameAccident(hazard: Hazard): void {
  if (independentOf(hazard.sources.filter(({ alone, subject }) => alone && subject)) < 2) return
  hazard.cause = causes.accident.code
  hazard.subCause = multiVehicle
}

/** What moves is where its first vehicle is: of a column, the others only renew it. One silent for `leadMs` is followed by who speaks. */
function follow(hazard: Hazard, evidence: Evidence, speedMps: number): void {
  const { sources } = hazard
  const own = sources.findIndex(({ vehicle, row }) => row === evidence.row || vehicle === evidence.vehicle)
  if (own > 0) {
    if (evidence.atMs - sources[0]!.lastAtMs <= leadMs) return
    sources.unshift(...sources.splice(own, 1))
  }
  hazard.x = evidence.x
  hazard.y = evidence.y
  hazard.uncertaintyM = evidence.uncertaintyM
  hazard.headingDeg = evidence.headingDeg
  hazard.speedMps = speedMps
}

/**
 * Renews a known vehicle's source or adds one; false if there is no room. Another name of a known enrolment that is neither sure nor the hazard
 * itself renews that one's source: a hundred names would else leave no room for the second vehicle that is waited for.
 */
export function addSource(sources: HazardSource[], from: Pick<Evidence, 'row' | 'vehicle' | 'alone' | 'subject' | 'atMs'>): boolean {
  for (const source of sources) {
    if (!isSameVehicle(source, from)) continue
    if (from.row !== elsewhere) source.row = from.row
    source.alone ||= from.alone
    source.subject ||= from.subject
    source.lastAtMs = Math.max(source.lastAtMs, from.atMs)
    return true
  }
  if (!from.alone && !from.subject) {
    const same = sources.find(source => !areIndependent(source.vehicle, from.vehicle))
    if (same !== undefined) {
      same.lastAtMs = Math.max(same.lastAtMs, from.atMs)
      return true
    }
  }
  if (sources.length >= sourcesMax) return false
  sources.push({ vehicle: from.vehicle, row: from.row, alone: from.alone, subject: from.subject, lastAtMs: from.atMs })
  return true
}

/** The row of a vehicle that another node has, or that is gone. */
export const elsewhere = -1

/** By its row; where one of the two has none here, by a link that both have. */
export function isSameVehicle(a: Pick<HazardSource, 'row' | 'vehicle'>, b: Pick<HazardSource, 'row' | 'vehicle'>): boolean {
  if (a.vehicle === b.vehicle) return true
  if (a.row !== elsewhere && b.row !== elsewhere) return a.row === b.row
  return a.vehicle.links.some(mine => b.vehicle.links.some(theirs => mine.day === theirs.day && mine.link === theirs.link))
}

/** Takes out those for whom `isGone`. */
export function forgetSources(sources: HazardSource[], isGone: (source: HazardSource) => boolean): void {
  for (let at = sources.length - 1; at >= 0; at--) if (isGone(sources[at]!)) sources.splice(at, 1)
}

/** Size of a set of sources that are all independent of each other, taken greedily in order: never more than there are vehicles. */
export function independentOf(sources: readonly HazardSource[]): number {
  const chosen: HazardSource[] = []
  for (const source of sources) if (chosen.every(other => areIndependent(other.vehicle, source.vehicle))) chosen.push(source)
  return chosen.length
}
