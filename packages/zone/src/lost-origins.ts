/*
 * Alerts whose origin is gone: the acting owner of their place ends them and issues them anew, for what is left of their validity and for as long
 * as evidence lasts. Who holds the old one holds what the new one replaces, and is not shown it again.
 */
import { type AlertChange, longestLifeMs, type StandingAlert } from '@outrider/alerts'
import type { CompiledArea } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import { nowOf } from './clocks.js'
import { evidenceSpeaksOf, isOriginAlive, twinsOf } from './explained.js'
import type { ZoneState } from './zone-state.js'

const { IssuerRole } = outrider.v1

/** Some 50 µs each: a tenth of a second's fortieth. What is left is taken over with the next tick. */
const takenPerCallMax = 256

/** Takes over what this node has to. @param apply makes deliveries and records of the changes */
export function takeOverLost(zone: ZoneState, apply: (changes: readonly AlertChange<CompiledArea>[]) => void): void {
  const { registry, active, deliveries } = zone
  for (const key of lostKeys(zone)) {
    const entry = registry.get(key)
    if (entry?.state !== 'active') continue
    const now = nowOf(zone)
    const leftMs = Math.floor(entry.validUntilMs - now.monotonicMs)
    if (leftMs < 1) continue
    // One of our own about the same hazard goes on for it.
    const relevance = active.relevanceOf(deliveries.slotOf(key) ?? -1)
    const [twin] = relevance === undefined ? [] : twinsOf(zone, entry, relevance)
    const outcome =
      twin === undefined
        ? registry.takeOver(key, leftMs, validityOf(entry), now)
        : registry.mergeTwins(key, twin, now, id => isOriginAlive(zone, id))
    if (outcome.outcome !== 'changed') continue
    apply(outcome.changes)
    for (const change of outcome.changes) if (change.kind === 'issued') findEvidence(zone, change.entry)
  }
}

function lostKeys(zone: ZoneState): string[] {
  const { active, registry, peers } = zone
  const keys: string[] = []
  for (const slot of active.slots) {
    const entry = registry.get(active.keyOf(slot)!)
    if (entry?.state !== 'active' || entry.own || isOriginAlive(zone, entry.id)) continue
    const { latitudeE7, longitudeE7 } = entry.alert.eventPosition ?? {}
    if (!peers.actsAt(latitudeE7 ?? 0, longitudeE7 ?? 0)) continue
    if (keys.push(entry.key) === takenPerCallMax) break
  }
  return keys
}

/** As its origin meant it. */
function validityOf({ alert }: StandingAlert<CompiledArea>): number {
  const ms = Math.round((alert.validUntilMs ?? 0) - (alert.referenceTimeMs ?? 0))
  return Math.min(longestLifeMs(alert.cause?.code ?? 0), Math.max(1, ms))
}

/** A detected alert that was taken over lasts as long as its evidence does: what was seen here already, or will be (`adopt`). */
function findEvidence(zone: ZoneState, entry: StandingAlert<CompiledArea>): void {
  if (entry.alert.issuerRole !== IssuerRole.ISSUER_ROLE_DETECTED || zone.hazards.ofAlert(entry.key) !== undefined) return
  for (const hazard of zone.hazards.all()) {
    if (hazard.alertKey !== undefined || hazard.over || !evidenceSpeaksOf(zone, entry.key, hazard)) continue
    zone.hazards.published(hazard, entry.key)
    return
  }
  zone.orphans.add(entry.key)
}
