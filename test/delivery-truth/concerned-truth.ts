// Whom a revision concerns, straight from the words of evaluation.md ("mechanical truth"). Part of the scorer.
import { around, metresInside, segmentCourses, type TrueArea } from './area-truth.js'
import { bearingOf, degreesBetween, metresBetween, type Place, placeAlong } from './earth.js'

export interface TrueRevision {
  readonly area: TrueArea
  readonly event: Place
  readonly history: readonly Place[]
  readonly awarenessM: number
  readonly direction: 'all' | 'upstream' | 'downstream' | 'opposite'
  /** Undefined = none, and then every direction is meant. */
  readonly headingDeg: number | undefined
}

/** What an accepted sample says. */
export interface TrueSample {
  readonly atMs: number
  readonly place: Place
  readonly speedMps: number
  /** Direction of motion; says nothing below 1 m/s. */
  readonly courseDeg: number
}

/** A vehicle after a sample: where it is and which course counts for it. */
export interface TrueVehicle {
  readonly atMs: number
  readonly place: Place
  readonly speedMps: number
  /** Its course, below 1 m/s the last one; undefined = none of the past ten minutes. */
  readonly courseDeg: number | undefined
  readonly courseAtMs: number
}

const courseMpsMin = 1
const courseKeptMs = 600_000
const courseDegMax = 45
const eventDegMax = 60

export function afterSample(before: TrueVehicle | undefined, sample: TrueSample): TrueVehicle {
  const { atMs, place, speedMps, courseDeg } = sample
  if (speedMps >= courseMpsMin) return { atMs, place, speedMps, courseDeg, courseAtMs: atMs }
  const isKept = before?.courseDeg !== undefined && atMs - before.courseAtMs <= courseKeptMs
  return { atMs, place, speedMps, courseDeg: isKept ? before.courseDeg : undefined, courseAtMs: before?.courseAtMs ?? 0 }
}

/** Drivers change speed by so much as a matter of course, so half of it times the square of the silence is how far off they may be. */
const silentMps2 = 2
const silentMMax = 100

/** Where a silent vehicle is reckoned to be, and how far it may be from there. */
export function reckoned(vehicle: TrueVehicle, atMs: number): { readonly vehicle: TrueVehicle; readonly uncertaintyM: number } {
  const silentS = Math.max(0, atMs - vehicle.atMs) / 1_000
  const uncertaintyM = Math.min(silentMMax, (silentMps2 / 2) * silentS ** 2)
  const { speedMps, courseDeg, place } = vehicle
  if (courseDeg === undefined || speedMps < courseMpsMin) return { vehicle, uncertaintyM }
  return { vehicle: { ...vehicle, place: placeAlong(place, courseDeg, speedMps * silentS) }, uncertaintyM }
}

/**
 * @param slackM @param slackDeg 0 = the rule; negative = only who is concerned with so much to spare; positive = also who would be with
 *   so much added
 */
export function isConcernedTruly(revision: TrueRevision, vehicle: TrueVehicle, atMs: number, slackM: number, slackDeg: number): boolean {
  const { area, awarenessM } = revision
  const outer = around(area, atMs)
  const farM = Math.max(awarenessM, 0) + slackM + 1
  const isFar = (place: Place, radiusM: number) => metresBetween(vehicle.place, place) > radiusM + farM
  if (isFar(outer.centre, outer.radiusM) && isFar(revision.event, 0) && revision.history.every(place => isFar(place, 0))) return false
  const insideM = metresInside(area, vehicle.place, atMs)
  if (insideM >= -slackM && travelsAlong(area, vehicle, slackM, slackDeg)) return true
  if (awarenessM <= 0) return false
  const awayM = Math.min(-insideM, ...[revision.event, ...revision.history].map(place => metresBetween(vehicle.place, place)))
  return awayM <= awarenessM + slackM && isOfDirection(revision, vehicle, slackM, slackDeg)
}

/** A corridor of one direction is for those who drive it; of others, and of who has no course, nothing is asked. */
function travelsAlong(area: TrueArea, { place, courseDeg }: TrueVehicle, slackM: number, slackDeg: number): boolean {
  if (area.kind !== 'corridor' || area.travel === 'both' || courseDeg === undefined) return true
  const wanted = area.travel === 'along' ? courseDeg : courseDeg + 180
  const fits = (lineDeg: number) => degreesBetween(wanted, lineDeg) <= courseDegMax + slackDeg
  // Which segment counts where a line turns is not said: to spare means whichever does, with some added means any.
  const lines = segmentCourses(area.line, place, area.widthM / 2 + Math.max(0, slackM))
  return slackM < 0 ? lines.every(fits) : lines.some(fits)
}

function isOfDirection({ direction, headingDeg, event }: TrueRevision, vehicle: TrueVehicle, slackM: number, slackDeg: number): boolean {
  if (direction === 'all' || headingDeg === undefined) return true
  const { courseDeg, place } = vehicle
  if (courseDeg === undefined) return false
  const reference = direction === 'opposite' ? headingDeg + 180 : headingDeg
  if (degreesBetween(courseDeg, reference) > courseDegMax + slackDeg) return false
  const awayM = metresBetween(place, event)
  // Metres of slack are degrees when the event is close.
  if (awayM <= Math.max(0, slackM)) return true
  const blurDeg = slackM > 0 ? (Math.asin(slackM / awayM) * 180) / Math.PI : 0
  const look = direction === 'downstream' ? courseDeg + 180 : courseDeg
  return degreesBetween(look, bearingOf(place, event)) <= eventDegMax + slackDeg + blurDeg
}
