// What a running `up` shows, gathered once a second from the simulator's lines and the admin ports.
import type { Ports } from './free-ports.js'
import type { RefusedReports } from './refused-reports.js'
import { type Scrape, scrape } from './scrape.js'
import type { Latency, SimulatorStatus } from './simulator-lines.js'
import { edgeNames } from './tiers.js'

/** Undefined where a tier does not answer at the moment, or there is nothing yet. */
export interface Readings {
  readonly vehicles: number | undefined
  readonly samplesPerSecond: number | undefined
  readonly activeAlerts: number | undefined
  /** By all zones, as the simulator's vehicles count it, in this run. */
  readonly reportsRefused: RefusedReports | undefined
  /** Since the start of this run. */
  readonly alertsShown: number | undefined
  readonly reportToAlertMs: Latency | undefined
  /** Records that nodes hold and the region has not acknowledged. */
  readonly uplinkLag: number | undefined
  /** Records that the region holds and the event log has not. */
  readonly eventLogLag: number | undefined
  /** Records applied by central, in this run. */
  readonly recordsAtCentral: number | undefined
}

export const noReadings: Readings = {
  vehicles: undefined,
  samplesPerSecond: undefined,
  reportsRefused: undefined,
  activeAlerts: undefined,
  alertsShown: undefined,
  reportToAlertMs: undefined,
  uplinkLag: undefined,
  eventLogLag: undefined,
  recordsAtCentral: undefined,
}

export interface Gauges {
  read(simulator: SimulatorStatus | undefined): Promise<Readings>
}

export function createGauges(ports: Ports, monotonicMs: () => number): Gauges {
  let samplesBefore: { readonly count: number; readonly atMs: number } | undefined

  /** Of all vehicles there are, the simulator's or not. */
  function rateOf(count: number | undefined): number | undefined {
    if (count === undefined) return undefined
    const atMs = monotonicMs()
    const before = samplesBefore
    samplesBefore = { count, atMs }
    return before === undefined ? undefined : Math.max(0, Math.round(((count - before.count) * 1_000) / (atMs - before.atMs)))
  }

  return {
    async read(simulator) {
      const [region, central, ...edges] = await Promise.all([
        scrape(ports.regionAdmin),
        scrape(ports.centralAdmin),
        ...edgeNames.map(name => scrape(ports[`${name}Admin`])),
      ])
      const all = (name: string, labels?: Readonly<Record<string, string>>) => sumOf(edges, name, labels)
      return {
        vehicles: all('outrider_edge_sockets'),
        samplesPerSecond: rateOf(all('outrider_edge_samples_total')),
        reportsRefused: simulator?.reportsRefused,
        activeAlerts: region?.sum('outrider_region_alerts_active'),
        alertsShown: simulator?.alertsShown ?? all('outrider_edge_deliveries', { kind: 'acknowledged' }),
        reportToAlertMs: simulator?.reportToAlertMs ?? undefined,
        uplinkLag: all('outrider_edge_uplink_waiting_records'),
        eventLogLag: region?.sum('outrider_region_drain_lag_entries'),
        recordsAtCentral: central?.sum('outrider_central_applied_total'),
      }
    },
  }
}

/** Of all nodes; undefined unless all answer. */
function sumOf(edges: readonly (Scrape | undefined)[], name: string, labels?: Readonly<Record<string, string>>): number | undefined {
  const values = edges.map(edge => edge?.sum(name, labels))
  return values.some(value => value === undefined) ? undefined : values.reduce<number>((sum, value) => sum + value!, 0)
}
