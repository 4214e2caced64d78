import { findCause } from '@outrider/protocol'

/** Longest validity and keep time there is, 24 h (DENM validityDuration's maximum). */
export const keepMsMax = 86_400_000
/** How much longer than its keep time an entry is remembered: nothing on a live link is older. */
export const tombstoneMs = 60_000
const keepMsMin = 600_000
/** 99 (valid for 5 s) is kept for 20 min, 94 (60 s) for 4 h, 2 (300 s) for 20 h: renewed that often, it is another hazard. */
const lifePerValidity = 240

/** How long an alert of a cause is kept, in ms: 240 times the validity the cause begins with, 10 min to 24 h; 24 h where its issuer says how long. */
export function longestLifeMs(cause: number): number {
  const validityS = findCause(cause)?.defaults?.validityS
  return validityS === undefined ? keepMsMax : Math.min(keepMsMax, Math.max(keepMsMin, lifePerValidity * validityS * 1_000))
}
