// What a bounded run proves, and whether it is enough.
import type { CentralStats } from './central-stats.js'
import type { Drained } from './drain.js'
import type { Latency, SimulatorResult } from './simulator-lines.js'

/** The line that `outrider up --for … --json` ends with. */
export interface UpResult {
  /** Reports that a zone acknowledged to their vehicle as durable. */
  readonly reportsAccepted: number
  /** Distinct report identities of this run, read back from central's store. More than accepted: durable, acknowledgement under way. */
  readonly recordsAtCentral: number
  /** Identities of the whole store that were applied more than once, counted by reading back. */
  readonly duplicatesAtCentral: number
  /** Records that came again on some link and had no effect. */
  readonly repeatsDropped: number
  readonly alertsIssued: number
  /** Deliveries: (alert, revision, vehicle). */
  readonly deliveriesTargeted: number
  readonly deliveriesAcknowledged: number
  /** From the causing report's socket write to the recipient's frame, on the simulator's clock; null if no alert was seen. */
  readonly reportToAlertMs: Latency | null
}

/** @param before central's counts when the run began: the store may hold earlier ones */
export function resultOfRun(simulator: SimulatorResult, before: CentralStats, after: CentralStats): UpResult {
  return {
    reportsAccepted: simulator.reportsAccepted,
    recordsAtCentral: after.reports.identities - before.reports.identities,
    duplicatesAtCentral: after.reports.duplicates,
    repeatsDropped: after.records.repeatsDropped - before.records.repeatsDropped,
    alertsIssued: after.alerts.total - before.alerts.total,
    deliveriesTargeted: after.deliveries.targeted - before.deliveries.targeted,
    deliveriesAcknowledged: after.deliveries.acknowledged - before.deliveries.acknowledged,
    reportToAlertMs: simulator.reportToAlertMs,
  }
}

/** What is missing for the run to have proved that the service works: a sentence each. */
export function shortfalls(result: UpResult, drained: Drained): string[] {
  const { reportsAccepted, recordsAtCentral, duplicatesAtCentral, deliveriesAcknowledged } = result
  const found: string[] = []
  if (!drained.ok) found.push(`not everything was drained in time: ${drained.waiting}`)
  if (reportsAccepted === 0) found.push('no report was accepted')
  if (recordsAtCentral < reportsAccepted)
    found.push(`${reportsAccepted - recordsAtCentral} of ${reportsAccepted} accepted reports are not at central`)
  if (duplicatesAtCentral > 0) found.push(`${duplicatesAtCentral} reports were applied more than once at central`)
  if (deliveriesAcknowledged === 0)
    found.push('no alert was acknowledged by a vehicle: run longer, with more vehicles, or with hazards more often (--hazard-every)')
  return found
}
