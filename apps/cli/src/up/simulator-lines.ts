// What the simulator prints: a status about once a second, and its result at the end.
import type { RefusedReports } from './refused-reports.js'

export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface SimulatorStatus {
  readonly vehicles: number
  readonly connected: number
  readonly samplesPerSecond: number
  readonly reportsAccepted: number
  readonly reportsRefused: RefusedReports
  readonly alertsShown: number
  /** Null while no alert was caused. */
  readonly reportToAlertMs: Latency | null
}

export interface SimulatorResult {
  readonly reportsAccepted: number
  readonly reportsRefused: RefusedReports
  readonly alertsShown: number
  readonly deliveriesAcknowledged: number
  readonly reportToAlertMs: Latency | null
}

export function statusOf(line: unknown): SimulatorStatus | undefined {
  return (line as { readonly status?: SimulatorStatus } | undefined)?.status
}

export function resultOf(line: unknown): SimulatorResult | undefined {
  return (line as { readonly result?: SimulatorResult } | undefined)?.result
}
