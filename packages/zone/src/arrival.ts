/*
 * Who has come to the hazard (evaluation.md, "endangered"): within 30 m of the event position, on a course within 45° of the reference heading
 * of a directed alert (opposite: of its reverse), while the alert stands. Asked with every sample that placed the vehicle, of the alerts that
 * concern it: one distance each, and nothing for who is concerned by none. Whoever was that near when first targeted was there already.
 */
import { atHazardM } from '@outrider/delivery'
import { distanceM, headingDifferenceDeg, northMPerUnit, reverseHeadingDeg } from '@outrider/geo'
import type { Relevance } from './relevance.js'
import type { ZoneState } from './zone-state.js'

const courseDegMax = 45
/** In units of y: nearly all are further away northward or southward, and cost one comparison. */
const atHazardUnits = atHazardM / northMPerUnit

/** @param courseDeg NaN = none */
export function isAtHazard(relevance: Relevance, x: number, y: number, courseDeg: number): boolean {
  const { reach, eventX, eventY, direction, headingDeg } = relevance
  if (Math.abs(y - eventY) > atHazardUnits || distanceM(reach.area.frame, x, y, eventX, eventY) > atHazardM) return false
  if (direction === 'all') return true
  const wantedDeg = direction === 'opposite' ? reverseHeadingDeg(headingDeg) : headingDeg
  return !Number.isNaN(courseDeg) && headingDifferenceDeg(courseDeg, wantedDeg) <= courseDegMax
}

/** Writes an arrival down, once per vehicle and alert, and tells who measures lead times. */
export function arrive(zone: ZoneState, row: number, slot: number, nowMs: number): void {
  const arrival = zone.deliveries.reach(row, slot, nowMs)
  if (arrival === undefined) return
  const alert = zone.registry.get(zone.active.keyOf(slot)!)?.alert
  zone.onArrival?.(arrival, alert?.cause?.code ?? 0)
}
