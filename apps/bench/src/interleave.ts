import type { Arm, Figures } from './scenario.js'

/** One run: which arm, in which round, and what it measured. */
export interface Run {
  readonly arm: string
  readonly round: number
  readonly figures: Figures
}

export interface Progress {
  readonly arm: string
  /** 0 is the warm-up, which is run and not counted. */
  readonly round: number
  readonly rounds: number
}

/**
 * Runs every arm once a round, in turn, so that a machine whose speed drifts drifts for all arms alike. Odd rounds go
 * backwards, so that no arm always runs in the wake of the same other. The first round warms caches and is not counted.
 */
export async function interleave(arms: readonly Arm[], rounds: number, onProgress: (progress: Progress) => void): Promise<Run[]> {
  const runs: Run[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const arm of round % 2 === 0 ? arms : [...arms].reverse()) {
      onProgress({ arm: arm.name, round, rounds })
      const figures = await arm.run()
      if (round > 0) runs.push({ arm: arm.name, round, figures })
    }
  }
  return runs
}
