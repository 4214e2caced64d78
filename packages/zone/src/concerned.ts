/*
 * Whom an alert concerns ("mechanical truth"): who is (i) in the area, or (ii) within the awareness distance of the event position, of a
 * point of its history or of the area, and of the stated traffic direction: course within 45° of the reference heading (opposite: of
 * its reverse), and the event within ±60° of the course (upstream, opposite) or of its reverse (downstream).
 *
 * The course of a vehicle below 1 m/s is its last one of the past ten minutes; without any, a directed alert reaches it by (i) only. An
 * alert to all traffic has no question of course. Who drives the other way (course more than 135° off) beside a detected hazard is in its circle
 * only as near to it as he surely must be warned: 13 m less than its radius. In a corridor with a direction, whose course is known has to drive that way.
 *
 * Margins widen everything: a silent vehicle's uncertainty, and the hysteresis with which somebody stops being concerned.
 */
import {
  courseDeg as bearingDeg,
  contains,
  corridorCourseDeg,
  distanceM,
  headingDifferenceDeg,
  isWithinM,
  placeIn,
  places,
  type Reach,
  reverseHeadingDeg,
} from '@outrider/geo'
import type { Relevance } from './relevance.js'

const courseDegMax = 45
const bearingDegMax = 60
/** From here on a course is that of the other carriageway: neither crossing nor turning. */
const otherWayDeg = 135
const degPerRad = 180 / Math.PI

/**
 * @param x @param y the vehicle, in the frame's units
 * @param courseDeg its course; NaN = none
 * @param marginM @param marginDeg how much the vehicle may be out and still count, 0 for an accepted sample
 */
export function isConcerned(relevance: Relevance, x: number, y: number, courseDeg: number, marginM: number, marginDeg: number): boolean {
  const { reach } = relevance
  const place = marginM === 0 ? placeIn(reach, x, y) : placeWithin(reach, x, y, marginM)
  if (place === places.outside) return false
  if (place === places.inside && goesAlong(relevance, x, y, courseDeg, marginDeg) && isHere(relevance, x, y, courseDeg, marginM))
    return true
  // The area of an alert without awareness is all there is; one with awareness reaches those in it by their course, too.
  return reach.awarenessM > 0 && isOfDirection(relevance, x, y, courseDeg, marginM, marginDeg)
}

/** `placeIn` for a vehicle that may be `marginM` away from where it seems to be. */
function placeWithin(reach: Reach, x: number, y: number, marginM: number) {
  const { area, awarenessM, points } = reach
  if (contains(area, x, y) || isWithinM(area, x, y, marginM)) return places.inside
  if (awarenessM === 0) return places.outside
  const reachM = awarenessM + marginM
  for (let at = 0; at < points.length; at += 2) if (distanceM(area.frame, x, y, points[at]!, points[at + 1]!) <= reachM) return places.near
  return isWithinM(area, x, y, reachM) ? places.near : places.outside
}

/** Whether the course fits a corridor's own direction; of other areas, and of vehicles without a course, always. */
function goesAlong({ reach }: Relevance, x: number, y: number, courseDeg: number, marginDeg: number): boolean {
  const { area } = reach
  if (area.direction === 'both' || Number.isNaN(courseDeg)) return true
  const lineDeg = corridorCourseDeg(area, x, y)
  if (lineDeg === null) return true
  const wantedDeg = area.direction === 'along' ? lineDeg : reverseHeadingDeg(lineDeg)
  return headingDifferenceDeg(courseDeg, wantedDeg) <= courseDegMax + marginDeg
}

/** Whether the area's place is the vehicle's: not of the other carriageway of a road on which something was detected. */
function isHere(
  { direction, headingDeg, otherWayM, reach, eventX, eventY }: Relevance,
  x: number,
  y: number,
  courseDeg: number,
  marginM: number,
) {
  if (otherWayM === Number.POSITIVE_INFINITY || Number.isNaN(courseDeg)) return true
  const wantedDeg = direction === 'opposite' ? reverseHeadingDeg(headingDeg) : headingDeg
  if (headingDifferenceDeg(courseDeg, wantedDeg) <= otherWayDeg) return true
  return distanceM(reach.area.frame, x, y, eventX, eventY) <= otherWayM + marginM
}

function isOfDirection(relevance: Relevance, x: number, y: number, courseDeg: number, marginM: number, marginDeg: number): boolean {
  const { direction, headingDeg, reach, eventX, eventY } = relevance
  if (direction === 'all') return true
  if (Number.isNaN(courseDeg)) return false
  const wantedDeg = direction === 'opposite' ? reverseHeadingDeg(headingDeg) : headingDeg
  if (headingDifferenceDeg(courseDeg, wantedDeg) > courseDegMax + marginDeg) return false
  const { frame } = reach.area
  const awayM = distanceM(frame, x, y, eventX, eventY)
  if (awayM <= marginM || awayM === 0) return true
  const lookDeg = direction === 'downstream' ? reverseHeadingDeg(courseDeg) : courseDeg
  const blurDeg = marginM === 0 ? 0 : Math.asin(Math.min(1, marginM / awayM)) * degPerRad
  return headingDifferenceDeg(lookDeg, bearingDeg(frame, x, y, eventX, eventY)) <= bearingDegMax + marginDeg + blurDeg
}
