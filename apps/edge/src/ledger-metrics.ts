// The ledger and what warnings were good for, as metrics: no vehicle is named, and of alerts no more than a scrape can hold.
import type { Arrival, LedgerCounts } from '@outrider/delivery'
import { outrider } from '@outrider/protocol'
import type { Metrics, Reading } from '@outrider/service'
import type { Zone } from '@outrider/zone'

const { DropReason } = outrider.v1

/** Alerts with series of their own, those issued last of the active ones: at most 17 states each are 1,700 series. The others are in the totals. */
const alertsMax = 100
/** From a braking car ahead to an announced closure. */
const leadBucketsS = [1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600]

/** @returns takes each arrival of the zone */
export function observeLeadTimes(metrics: Metrics): (arrival: Arrival, causeCode: number) => void {
  const observe = metrics.histogram(
    'outrider_edge_lead_seconds',
    'From the warning, shown or else taken, to the vehicle reaching the hazard, by cause code',
    leadBucketsS,
    ['cause', 'warned'],
  )
  return ({ warned, leadMs }, causeCode) => {
    if (warned !== 'no') observe({ cause: String(causeCode), warned }, leadMs / 1_000)
  }
}

export function observeLedger(metrics: Metrics, zone: Zone): void {
  metrics.gauge(
    'outrider_edge_deliveries',
    'Deliveries of all alerts by state; targeted is the sum of acknowledged, expired, superseded, ended, withdrawn, moved, dropped and pending',
    () => readings(statesOf(zone.totals()), kind => ({ kind })),
    ['kind'],
  )
  metrics.counter(
    'outrider_edge_deliveries_dropped_total',
    'Deliveries dropped, by reason',
    () => readings(reasonsOf(zone.totals()), reason => ({ reason })),
    ['reason'],
  )
  metrics.gauge(
    'outrider_edge_alert_deliveries',
    'Deliveries of an active alert by state, all revisions; dropped by reason too',
    () => alertReadings(zone),
    ['alert', 'kind'],
  )
  metrics.counter(
    'outrider_edge_approaches_total',
    'What became of the warned: shown is the sum of reached, left, over, gone and those on their way',
    () => readings({ ...zone.approaches() }, kind => ({ kind: snake(kind) })),
    ['kind'],
  )
  metrics.counter('outrider_edge_vehicle_seconds_total', 'Time vehicles were connected', () => zone.counts.vehicleMs / 1_000)
}

function alertReadings(zone: Zone): Reading {
  const keys: string[] = []
  for (const { key, state } of zone.registry.entries()) if (state === 'active') keys.push(key)
  return keys.slice(-alertsMax).flatMap((alert): Exclude<Reading, number> => {
    const sum: Record<string, number> = {}
    for (const counts of zone.ledger(alert) ?? []) {
      const dropped = Object.entries(reasonsOf(counts)).map(([reason, count]) => [`dropped_${reason}`, count] as const)
      for (const [kind, count] of [...Object.entries(statesOf(counts)), ...dropped]) sum[kind] = (sum[kind] ?? 0) + count
    }
    return readings(sum, kind => ({ alert, kind }))
  })
}

function statesOf({ dropped, alreadyHeld, ...states }: LedgerCounts & { readonly revision?: number }): Record<string, number> {
  const { revision: _revision, ...counts } = states
  return { ...counts, already_held: alreadyHeld, dropped: dropped.reduce((sum, count) => sum + count, 0) }
}

/** Those that there were, under the names they have on the wire. */
function reasonsOf({ dropped }: LedgerCounts): Record<string, number> {
  return Object.fromEntries(dropped.flatMap((count, reason) => (count > 0 ? [[reasonName(reason), count]] : [])))
}

function reasonName(reason: number): string {
  return (DropReason[reason] ?? `DROP_REASON_${reason}`).replace('DROP_REASON_', '').toLowerCase()
}

function readings(counts: Readonly<Record<string, number>>, labelsOf: (name: string) => Readonly<Record<string, string>>) {
  return Object.entries(counts).map(([name, value]) => ({ labels: labelsOf(name), value }))
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
