import type { Zone } from '@outrider/zone'

/** Alerts shown at most, the rest is only counted. */
const alertsMax = 1_000

/** What the admin port shows of the node's work: numbers and alerts, nothing of a vehicle. */
export function edgeDetails(zone: Zone) {
  const alerts = []
  for (const { key, revision, state, own } of zone.registry.entries()) {
    if (alerts.length === alertsMax) break
    alerts.push({ alert: key, revision, state, own, ledger: zone.ledger(key) ?? [] })
  }
  return { gauges: zone.gauges(), ledger: zone.totals(), counts: zone.counts, alerts }
}
