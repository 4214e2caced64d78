import { familyOf, type Hazard } from '@outrider/detection'
import { distanceM, headingDifferenceDeg } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import type { ZoneState } from './zone-state.js'

const { IssuerRole } = outrider.v1

/**
 * True if an operator or partner has said it already: an active alert of theirs, of the same family, holds the hazard's place and does not
 * speak of another direction. Two alerts for one hazard are one too many, and theirs would stay (design, invariant 4).
 */
export function isExplained(zone: ZoneState, hazard: Hazard): boolean {
  const { active, slots, registry, detection, frame } = zone
  const around = Math.min(active.around(hazard.x, hazard.y, slots), slots.length)
  for (let index = 0; index < around; index++) {
    const slot = slots[index]! >> 1
    const relevance = active.relevanceOf(slot)
    const alert = registry.get(active.keyOf(slot) ?? '')?.alert
    if (relevance === undefined || alert == null || alert.issuerRole === IssuerRole.ISSUER_ROLE_DETECTED) continue
    if (familyOf(alert.cause?.code ?? 0) !== hazard.family) continue
    if (headingDifferenceDeg(relevance.headingDeg, hazard.headingDeg) > detection.joinDeg) continue
    const isInside = (slots[index]! & 1) === 1
    if (isInside || distanceM(frame, relevance.eventX, relevance.eventY, hazard.x, hazard.y) <= detection.joinM) return true
  }
  return false
}
