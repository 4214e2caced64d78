/** What one run of one arm measured: figure name → value, in the unit the scenario gives that figure. */
export type Figures = Readonly<Record<string, number>>

/** One thing that is measured. A run is complete in itself: what it starts, it stops. */
export interface Arm {
  readonly name: string
  run(): Promise<Figures>
}

/** A scenario made ready: its arms, the bare baseline first, and what to tear down at the end. */
interface Bench {
  /** `arms[0]` is the bare baseline: the others are given as ratios to it, round by round. */
  readonly arms: readonly [Arm, ...Arm[]]
  close(): Promise<void>
}

/** Sizes a person may set on the command line; each scenario reads what concerns it. */
export interface Load {
  /** Length of the timed part of one run, seconds, 0.1 to 600. */
  readonly durationS: number
  /** Sockets open at once, 1 to 15,000 (the limit of open files is the real bound). */
  readonly vehicles: number
  /** Messages or records a second offered, open loop, 1 to 1,000,000. */
  readonly rate: number
}

export interface Scenario {
  readonly name: string
  /** One line for the table of scenarios: what is measured beside what. */
  readonly about: string
  /** Unit of every figure, and whether more of it is better. */
  readonly figures: Readonly<Record<string, { readonly unit: string; readonly better: 'less' | 'more' }>>
  readonly load: Load
  open(load: Load): Promise<Bench>
}
