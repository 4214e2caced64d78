import type { Run } from './interleave.js'

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** Per "arm figure": the spread over the rounds, and, for every arm but the bare one, the spread of the ratio to bare taken round by round. */
export interface Summary {
  readonly figures: Readonly<Record<string, Spread>>
  readonly ratioToBare: Readonly<Record<string, Spread>>
}

/** Folds the runs of a scenario. `bare` is the name of the arm that the others are compared with. */
export function summarize(runs: readonly Run[], bare: string): Summary {
  const figures = new Map<string, number[]>()
  const ratios = new Map<string, number[]>()
  const bareByRound = new Map(runs.filter(run => run.arm === bare).map(run => [run.round, run.figures]))
  for (const run of runs) {
    for (const [figure, value] of Object.entries(run.figures)) {
      push(figures, `${run.arm} ${figure}`, value)
      const beside = bareByRound.get(run.round)?.[figure]
      if (run.arm !== bare && beside !== undefined && beside > 0) push(ratios, `${run.arm} ${figure}`, value / beside)
    }
  }
  return { figures: spreads(figures), ratioToBare: spreads(ratios) }
}

function push(lists: Map<string, number[]>, key: string, value: number) {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function spreads(lists: Map<string, number[]>): Record<string, Spread> {
  return Object.fromEntries([...lists].map(([key, values]) => [key, spread(values)]))
}

/** Least, middle and greatest of at least one value; the median of an even count is the mean of the middle two. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { min: sorted[0]!, median, max: sorted.at(-1)! }
}
