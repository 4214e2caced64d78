/**
 * An answer that costs a scan, made again only as seldom as it costs: at most a tenth of the time goes into it, and at most two a second
 * are made, however many ask. Who asks meanwhile shares the answer in the making or gets the last one.
 */
export function createStatsCache<T>(make: () => Promise<T>, monotonicMs: () => number): () => Promise<T> {
  let made: { readonly value: T; readonly freshUntilMs: number } | undefined
  let making: Promise<T> | undefined

  async function remake(): Promise<T> {
    const startedMs = monotonicMs()
    const value = await make()
    const endedMs = monotonicMs()
    made = { value, freshUntilMs: endedMs + Math.max(freshMsMin, costShare * (endedMs - startedMs)) }
    return value
  }

  return () => {
    if (making !== undefined) return making
    if (made !== undefined && monotonicMs() < made.freshUntilMs) return Promise.resolve(made.value)
    making = remake().finally(() => {
      making = undefined
    })
    return making
  }
}

const freshMsMin = 500
const costShare = 9
