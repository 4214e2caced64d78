/** Time, as the spool needs it; tests bring their own. */
export interface SpoolClock {
  /** Wall time, ms since 1970. */
  wallMs(): number
  /** Calls `call` once, `delayMs` ≥ 0 from now (0: at the end of this turn of the loop). The function returned cancels it. */
  schedule(delayMs: number, call: () => void): () => void
}

/** The process's clock. */
export const nodeClock: SpoolClock = {
  wallMs: () => Date.now(),
  schedule(delayMs, call) {
    if (delayMs <= 0) {
      const immediate = setImmediate(call)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function delay(clock: SpoolClock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.schedule(delayMs, done)
    signal?.addEventListener('abort', done)
  })
}
