/**
 * An answer that costs a scan, made again only as seldom as it costs: at most a tenth of the time goes into it, and at most two a second
 * are made, however many ask. Who asks meanwhile shares the answer in the making or gets the last one.
 *
 * @param make makes the answer to a question, told by its key
 * @returns undefined if the answer to another question is in the making or still fresh: ask again. So the cost stays bounded however
 *   many different questions there are.
 */
export function createStatsCache<Key, T>(make: (key: Key) => Promise<T>, monotonicMs: () => number): (key: Key) => Promise<T> | undefined {
  let made: { readonly key: Key; readonly value: T; readonly freshUntilMs: number } | undefined
  let making: { readonly key: Key; readonly answer: Promise<T> } | undefined

  async function remake(key: Key): Promise<T> {
    const startedMs = monotonicMs()
    try {
      const value = await make(key)
      const endedMs = monotonicMs()
      made = { key, value, freshUntilMs: endedMs + Math.max(freshMsMin, costShare * (endedMs - startedMs)) }
      return value
    } finally {
      making = undefined
    }
  }

  return key => {
    if (making !== undefined) return making.key === key ? making.answer : undefined
    if (made !== undefined && monotonicMs() < made.freshUntilMs) return made.key === key ? Promise.resolve(made.value) : undefined
    making = { key, answer: remake(key) }
    return making.answer
  }
}

const freshMsMin = 500
const costShare = 9
