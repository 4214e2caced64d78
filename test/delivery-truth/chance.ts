/** Random numbers of a seed (mulberry32): the same seed gives the same run. */
export interface Chance {
  /** 0 ≤ number < 1. */
  next(): number
  between(min: number, max: number): number
  whole(min: number, max: number): number
  is(share: number): boolean
  of<Item>(items: readonly Item[]): Item
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    whole,
    is: share => next() < share,
    of: items => items[whole(0, items.length - 1)]!,
  }
}
