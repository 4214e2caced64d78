/*
 * One hazard, one alert (design, invariant 4): what an operator, a partner or another node has said already is not told again, and an own detected
 * alert that one of theirs overtakes is merged with it.
 */
import type { AlertIdentity, StandingAlert } from '@outrider/alerts'
import { familyOf, type Hazard } from '@outrider/detection'
import { type CompiledArea, contains, distanceM, headingDifferenceDeg } from '@outrider/geo'
import { formatAlertKey, outrider } from '@outrider/protocol'
import type { Relevance } from './relevance.js'
import type { ZoneState } from './zone-state.js'

const { IssuerRole } = outrider.v1

/** An active alert of somebody else that speaks of the hazard. */
export function explanationOf(zone: ZoneState, hazard: Hazard): StandingAlert<CompiledArea> | undefined {
  const { active, slots, registry } = zone
  if (active.size === 0) return undefined
  const around = Math.min(active.around(hazard.x, hazard.y, slots), slots.length)
  for (let index = 0; index < around; index++) {
    const slot = slots[index]! >> 1
    const relevance = active.relevanceOf(slot)
    const entry = registry.get(active.keyOf(slot) ?? '')
    if (relevance === undefined || entry?.state !== 'active' || isOwnDetected(entry)) continue
    if (speaksOf(zone, entry, relevance, hazard)) return entry
  }
  return undefined
}

/** False if the process that issued an alert is known to be gone. */
export function isOriginAlive({ peers, registry }: ZoneState, id: AlertIdentity): boolean {
  return peers.isAlive(id, registry.get(formatAlertKey(id))?.alert?.referenceTimeMs ?? 0)
}

/** True if a hazard is what an active alert speaks of. */
export function evidenceSpeaksOf(zone: ZoneState, alertKey: string, hazard: Hazard): boolean {
  const relevance = zone.active.relevanceOf(zone.deliveries.slotOf(alertKey) ?? -1)
  const entry = zone.registry.get(alertKey)
  return relevance !== undefined && entry?.state === 'active' && speaksOf(zone, entry, relevance, hazard)
}

/** Keys of own detected alerts about what an alert of somebody else, just published, speaks of. Looks at all of them: a few dozen. */
export function twinsOf(zone: ZoneState, entry: StandingAlert<CompiledArea>, relevance: Relevance): readonly string[] {
  if (isOwnDetected(entry)) return []
  const twins: string[] = []
  for (const hazard of zone.hazards.publicOnes()) {
    if (hazard.alertKey !== entry.key && speaksOf(zone, entry, relevance, hazard)) twins.push(hazard.alertKey!)
  }
  return twins
}

/** Same family, not of another direction, and the place is in the alert's area or as near to its event as evidence joins. */
function speaksOf(zone: ZoneState, { alert }: StandingAlert<CompiledArea>, relevance: Relevance, of: Hazard): boolean {
  const { frame, detection } = zone
  if (familyOf(alert.cause?.code ?? 0) !== of.family) return false
  // NaN fails the comparison: what has no direction speaks of any.
  if (headingDifferenceDeg(relevance.headingDeg, of.headingDeg) > detection.joinDeg) return false
  return contains(relevance.reach.area, of.x, of.y) || distanceM(frame, relevance.eventX, relevance.eventY, of.x, of.y) <= detection.joinM
}

function isOwnDetected({ own, alert }: StandingAlert<CompiledArea>): boolean {
  return own && alert.issuerRole === IssuerRole.ISSUER_ROLE_DETECTED
}
