/*
 * What time alone does, once every half second or so: alerts expire, renew and are forgotten; the silent move on and drop out; stalled readers,
 * late greeters and expired tokens are closed; who is gone for long is given up; intervals are asked for anew; telemetry is acknowledged.
 */
import type { StandingAlert } from '@outrider/alerts'
import { areaAt, type CompiledArea } from '@outrider/geo'
import { acknowledge } from './acknowledge.js'
import { applyChanges, issueDeferred, match } from './alert-path.js'
import { nowOf } from './clocks.js'
import { wantedIntervalMs } from './interval.js'
import { takeOverLost } from './lost-origins.js'
import { closeMoved } from './moved-vehicle.js'
import { watchRecovered } from './recover-deliveries.js'
import { release } from './release.js'
import { createRelevance } from './relevance.js'
import { closeSession, sendControl } from './send-control.js'
import type { Session } from './session.js'
import { moveSilent, type Reckoning } from './silent-vehicles.js'
import { tellConditions } from './tell-conditions.js'
import { tellUnheard } from './tell-unheard.js'
import type { ZoneState } from './zone-state.js'

const reckoning: Reckoning = { x: 0, y: 0, uncertaintyM: 0 }

export function tick(zone: ZoneState): void {
  const now = nowOf(zone)
  const sinceMs = zone.tickedAtMs === 0 ? 0 : now.monotonicMs - zone.tickedAtMs
  zone.tickedAtMs = now.monotonicMs
  zone.hazards.tick(now.monotonicMs)
  zone.surroundings.usual.tick(now.wallMs)
  zone.surroundings.conditions.tick(now.monotonicMs)
  tellConditions(zone, now.monotonicMs, now.wallMs)
  applyChanges(
    zone,
    zone.registry.tick(now, entry => lasts(zone, entry, now.monotonicMs)),
  )
  takeOverLost(zone, changes => applyChanges(zone, changes))
  issueDeferred(zone)
  watchRecovered(zone, now.monotonicMs)
  tellUnheard(zone, now.monotonicMs)
  moveAreas(zone, now.monotonicMs, now.wallMs)
  for (const row of zone.deliveries.stalled(now.monotonicMs, zone.policy.stalledMs)) {
    const session = zone.sessions.at(row)
    if (session !== undefined) closeSession(zone, session, 'stalled')
  }
  for (const session of zone.sessions.all()) {
    if (session.connected) {
      zone.counts.vehicleMs += sinceMs
      attend(zone, session, now.monotonicMs, now.wallMs)
    } else if (now.monotonicMs - session.goneAtMs >= zone.policy.resumeMs) release(zone, session, now.monotonicMs)
  }
}

/** Evidence lasts if some came within the last quarter of the validity, or the last two reports of a vehicle near it. */
function lasts(zone: ZoneState, entry: StandingAlert<CompiledArea>, nowMs: number): boolean {
  const hazard = zone.hazards.ofAlert(entry.key)
  if (hazard === undefined) return false
  const validityMs = 2 * Math.max(0, entry.validUntilMs - nowMs)
  return nowMs - hazard.lastAtMs <= Math.max(validityMs / 4, 2 * zone.policy.intervalMs)
}

/** An area that travels is laid out anew, and whoever it has come to is found. */
function moveAreas(zone: ZoneState, nowMs: number, wallMs: number): void {
  for (const slot of zone.active.moving) {
    const key = zone.active.keyOf(slot)!
    const entry = zone.registry.get(key)
    if (entry === undefined || entry.state !== 'active' || areaAt(entry.area, wallMs).edges === null) continue
    const relevance = createRelevance(entry, zone.frame, wallMs, zone.policy.silentUncertaintyMMax)
    zone.active.set(slot, key, relevance, false)
    // One under way goes on with where the area is by now.
    if (!zone.pendingMatches.has(slot)) match(zone, slot, relevance, nowMs)
  }
}

function attend(zone: ZoneState, session: Session, nowMs: number, wallMs: number): void {
  const { policy, tracks } = zone
  const { row } = session
  if (!session.greeted) {
    if (nowMs - session.openedAtMs >= policy.helloWithinMs) closeSession(zone, session, 'helloExpected')
    return
  }
  if (session.moved !== undefined) {
    closeMoved(zone, session, nowMs)
    return
  }
  if (wallMs >= session.vehicle.expiresAtMs) {
    closeSession(zone, session, 'tokenExpired')
    return
  }
  moveSilent(zone, row, nowMs, reckoning)
  askInterval(zone, session, nowMs)
  if (session.urgentWaits || nowMs - session.acknowledgedAtMs >= policy.acknowledgeMs) acknowledge(zone, session)
  if (tracks.distrust[row]! > 0 && nowMs - tracks.heardAtMs[row]! > policy.resumeMs) tracks.distrust[row] = 0
}

function askInterval(zone: ZoneState, session: Session, nowMs: number): void {
  const { policy, tracks, concerns } = zone
  const { row } = session
  if (nowMs - session.toldIntervalAtMs < policy.intervalHoldMs) return
  const sinceMs = tracks.standingSinceMs[row]!
  const intervalMs = wantedIntervalMs(concerns.countOf(row) > 0, Number.isNaN(sinceMs) ? 0 : nowMs - sinceMs, zone.overload, policy)
  if (intervalMs === session.toldIntervalMs) return
  if (!sendControl(zone, session, 'interval', { intervalMs })) return
  session.toldIntervalMs = intervalMs
  session.toldIntervalAtMs = nowMs
  tracks.intervalMs[row] = intervalMs
  acknowledge(zone, session)
}
