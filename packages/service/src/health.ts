/** What a check found. */
export interface HealthState {
  readonly ok: boolean
  /** One line for a person: what is wrong, or how it stands. */
  readonly detail?: string
}

/** Named questions to the parts of a process, asked when somebody asks. */
export type HealthChecks = Readonly<Record<string, () => HealthState>>

/** What `/readyz` answers. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, HealthState>>
  /** What a person should know although the process is ready, such as running without keys. */
  readonly warnings: readonly string[]
}

export function readiness(checks: HealthChecks, warnings: readonly string[] = []): Readiness {
  const states = Object.entries(checks).map(([name, check]) => [name, check()] as const)
  return { ready: states.every(([, { ok }]) => ok), checks: Object.fromEntries(states), warnings }
}
