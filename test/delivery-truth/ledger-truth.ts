// A node's ledger, reckoned a second time from the steps it recorded. Part of the scorer: imports nothing of ours.

/** One recorded step of a delivery, in plain words. */
export interface Step {
  readonly vehicle: string
  readonly key: string
  readonly revision: number
  readonly state: string
  /** What the vehicle said with it; '' = nothing. */
  readonly stage: '' | 'received' | 'taken' | 'shown' | 'dropped'
  readonly recovered: boolean
}

export interface TrueLedger {
  take(step: Step): void
  /** A vehicle's answer reached the node: if its delivery was open, it has to be counted by it. Call after the node's steps of it were taken. */
  answered(vehicle: string, key: string, revision: number): void
  /** Another process of the node starts with the open deliveries of this one. What was closed it does not know: it may target it again. */
  restarted(): void
  /** Of this process: counts by state, and `targeted` and `pending`. */
  counts(): Readonly<Record<string, number>>
  /** Outcome by alert, revision and vehicle; 'pending' = none yet. */
  outcomes(): ReadonlyMap<string, string>
  /** Answers of this process that say shown, of deliveries it does not know: counted if it knows the alert, else only written down. */
  readonly unsure: number
  readonly faults: readonly string[]
}

const faultsMax = 100

export function createTrueLedger(node: string): TrueLedger {
  const outcomes = new Map<string, string>()
  /** What processes before this one closed. */
  const before = new Map<string, string>()
  const faults: string[] = []
  let unsure = 0
  const unknownTo = new Set<string>()
  /** Acknowledgements of alerts the node does not know are counted each time; they fold. */
  const extra = new Map<string, number>()
  const fault = (text: string): void => {
    if (faults.length < faultsMax) faults.push(`${node}: ${text}`)
  }
  return {
    faults,
    get unsure() {
      return unsure
    },
    take({ vehicle, key, revision, state, stage, recovered }) {
      const name = `${key} r${revision} ${vehicle}`
      const outcome = outcomes.get(name)
      if (state === 'targeted') {
        if (stage !== '') {
          if (outcome !== 'pending') fault(`${name} was ${stage} while ${outcome ?? 'not targeted'}`)
        } else if (outcome === undefined || outcome === 'withdrawn' || outcome === 'moved') outcomes.set(name, 'pending')
        else if (unknownTo.has(name)) {
          // Answered for before the node knew the alert, and not remembered: counted on its own, and targeted now.
          if (outcome !== 'unsure') extra.set(outcome, (extra.get(outcome) ?? 0) + 1)
          outcomes.set(name, 'pending')
        } else fault(`${name} was targeted while ${outcome}`)
        return
      }
      if (recovered) unknownTo.add(name)
      if (outcome === 'unsure') {
        unsure++
        return
      }
      if (recovered) {
        if (stage === 'shown') {
          unsure++
          if (outcome === undefined) outcomes.set(name, 'unsure')
        } else if (outcome === undefined) outcomes.set(name, state)
        else extra.set(state, (extra.get(state) ?? 0) + 1)
        return
      }
      if (outcome === undefined) fault(`${name} became ${state} and was never targeted`)
      else if (outcome === 'pending') outcomes.set(name, state)
      else if (outcome !== state || stage === '') fault(`${name} became ${state} while ${outcome}`)
    },
    answered(vehicle, key, revision) {
      const name = `${key} r${revision} ${vehicle}`
      if (outcomes.get(name) === 'pending') fault(`${name} was answered for, and is still open`)
    },
    counts() {
      const counts: Record<string, number> = { targeted: 0, pending: 0 }
      const add = (name: string, by: number): void => {
        counts[name] = (counts[name] ?? 0) + by
      }
      for (const outcome of outcomes.values()) if (outcome !== 'unsure') add(outcome, 1)
      for (const [state, times] of extra) add(state, times)
      counts.targeted = Object.entries(counts).reduce((sum, [name, times]) => (name === 'targeted' ? sum : sum + times), 0)
      return counts
    },
    restarted() {
      for (const [name, outcome] of outcomes) {
        if (outcome === 'pending') continue
        if (before.get(name) !== 'acknowledged') before.set(name, outcome)
        outcomes.delete(name)
      }
      extra.clear()
      unknownTo.clear()
      unsure = 0
    },
    outcomes: () => new Map([...before, ...outcomes]),
  }
}

/** All nodes together: acknowledged anywhere wins, else what the newest node says (the last one given that knows the delivery). */
export function fold(ledgers: readonly TrueLedger[]): ReadonlyMap<string, string> {
  const folded = new Map<string, string>()
  for (const ledger of ledgers) {
    for (const [name, outcome] of ledger.outcomes()) if (folded.get(name) !== 'acknowledged') folded.set(name, outcome)
  }
  return folded
}
