/*
 * How often a vehicle is asked to report: short where an alert concerns it, long where it stands and nothing is near, else once a second,
 * which detection needs. Overload asks for three times as long, the first and mildest thing it does; near a hazard it changes nothing.
 */
import { type OverloadLevel, overloadLevels } from './admission.js'
import type { ZonePolicy } from './zone-policy.js'

const intervalMsMax = 5_000
const overloadFactor = 3

/** @param stoodMs how long it has stood; 0 = it moves */
export function wantedIntervalMs(isNearAlerts: boolean, stoodMs: number, level: OverloadLevel, policy: ZonePolicy): number {
  if (isNearAlerts) return policy.intervalNearMs
  const calmMs = stoodMs >= policy.standingAfterMs ? policy.intervalStandingMs : policy.intervalMs
  return level >= overloadLevels.longerIntervals ? Math.min(intervalMsMax, calmMs * overloadFactor) : calmMs
}
