import type { UplinkTime } from '@outrider/uplink'

/**
 * The process's clocks. The region is the reference its nodes measure their offset against, so that its wall clock is not corrected;
 * keep it by NTP.
 */
export const nodeTime: UplinkTime = {
  wallMs: () => Date.now(),
  rawWallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, call) {
    if (delayMs <= 0) {
      const immediate = setImmediate(call)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}
