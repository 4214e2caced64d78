/** Seeded random numbers: the same seed gives the same sequence on every machine (32-bit integer arithmetic only). */
export interface Random {
  /** 0 ≤ value < 1. */
  next(): number
  between(min: number, max: number): number
  /** Whole, `min` ≤ value ≤ `max`. */
  whole(min: number, max: number): number
  chance(share: number): boolean
  /** Mean 0, deviation 1, within ±6: the sum of twelve uniform values, for which no logarithm is needed. */
  normal(): number
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** A sequence of its own, so that what one part of the city draws does not move what another draws. */
  fork(): Random
}

/** @param seed 0..2³²-1; sfc32 (PractRand's small fast counter generator), run in before use as its author advises */
export function createRandom(seed: number): Random {
  let a = seed | 0
  let b = 0x9e3779b9 | 0
  let c = 0x243f6a88 | 0
  let counter = 1

  function draw(): number {
    const result = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + result) | 0
    return result >>> 0
  }

  for (let round = 0; round < 16; round++) draw()
  const next = () => draw() / 4_294_967_296
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    whole,
    chance: share => next() < share,
    normal: () => {
      let sum = -6
      for (let term = 0; term < 12; term++) sum += next()
      return sum
    },
    pick: list => list[whole(0, list.length - 1)]!,
    fork: () => createRandom(draw()),
  }
}
