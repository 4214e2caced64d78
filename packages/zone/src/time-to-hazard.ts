import { courseDeg as bearingDeg, clearanceM, distanceM } from '@outrider/geo'
import type { Relevance } from './relevance.js'

const radPerDeg = Math.PI / 180
/** Below it nobody is approaching: the hazard is hours away or behind. */
const closingMpsMin = 0.5

/**
 * Time until a vehicle reaches the area, in ms, from the speed at which it and the event close in on each other: 0 inside, -1 if it does not
 * approach or its course is not known. The straight line is the shortest way, so roads make it later, never sooner.
 */
export function timeToHazardMs(relevance: Relevance, x: number, y: number, speedMps: number, courseDeg: number): number {
  const { reach, eventX, eventY, eventSpeedMps, headingDeg } = relevance
  const { frame } = reach.area
  const awayM = -clearanceM(reach.area, x, y, Number.POSITIVE_INFINITY)
  if (awayM <= 0) return 0
  if (Number.isNaN(speedMps) || Number.isNaN(courseDeg)) return -1
  const toEventDeg = bearingDeg(frame, x, y, eventX, eventY)
  const own = speedMps * Math.cos((toEventDeg - courseDeg) * radPerDeg)
  const events = eventSpeedMps > 0 && !Number.isNaN(headingDeg) ? -eventSpeedMps * Math.cos((toEventDeg - headingDeg) * radPerDeg) : 0
  const closingMps = own + events
  return closingMps < closingMpsMin ? -1 : (awayM / closingMps) * 1_000
}

/** Metres from a vehicle to the event position. */
export function eventDistanceM({ reach, eventX, eventY }: Relevance, x: number, y: number): number {
  return distanceM(reach.area.frame, x, y, eventX, eventY)
}
