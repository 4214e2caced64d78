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

/** Central's counts. The store may hold those of earlier runs. */
export interface RunStats {
  /** All there was when the run began, and when it was drained. */
  readonly before: CentralStats
  readonly after: CentralStats
  /** Since it began. What retention removes, and a delivery that an earlier run had already, would distort a difference of the two. */
  readonly ofRun: CentralStats
}

export function resultOfRun(simulator: SimulatorResult, { before, after, ofRun }: RunStats): UpResult {
  return {
    reportsAccepted: simulator.reportsAccepted,
    recordsAtCentral: ofRun.reports.identities,
    duplicatesAtCentral: after.reports.duplicates,
    // A tally that only grows, without times.
    repeatsDropped: after.records.repeatsDropped - before.records.repeatsDropped,
    alertsIssued: ofRun.alerts.total,
    deliveriesTargeted: ofRun.deliveries.targeted,
    deliveriesAcknowledged: ofRun.deliveries.acknowledged,
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
