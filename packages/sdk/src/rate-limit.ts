/** Keeps sends under a limit per minute, however the node counts its minutes. */
export interface RateLimit {
  /** Takes one send if there is one to take. */
  take(nowMs: number): boolean
  /** When the next send can be taken; `nowMs` if at once. */
  availableAtMs(nowMs: number): number
}

/**
 * An eighth of the limit at once, the other seven eighths over the minute: no window of a minute sees more than the limit. A node's own
 * bucket holds a sixth (packages/zone, session.ts); the difference is for what a network holds back and then hands over at once.
 * @param perMinute 0 = no limit
 */
export function createRateLimit(perMinute: number): RateLimit {
  const burst = Math.max(1, Math.floor(perMinute / 8))
  const perMs = Math.max(1, perMinute - burst) / 60_000
  let tokens = burst
  let filledAtMs: number | undefined

  function fill(nowMs: number): void {
    tokens = Math.min(burst, tokens + (nowMs - (filledAtMs ?? nowMs)) * perMs)
    filledAtMs = nowMs
  }
  return {
    take(nowMs) {
      if (perMinute === 0) return true
      fill(nowMs)
      // The millisecond at which a token is whole is rounded up below; this slack keeps the binary error from missing it.
      if (tokens < 1 - 1e-9) return false
      tokens -= 1
      return true
    },
    availableAtMs(nowMs) {
      if (perMinute === 0) return nowMs
      fill(nowMs)
      return tokens >= 1 - 1e-9 ? nowMs : nowMs + Math.ceil((1 - tokens) / perMs)
    },
  }
}
