import type { Metrics, Reading } from '@outrider/service'
import type { RegionJournal, RegionUplink } from '@outrider/uplink'
import type { AlertBoard } from './alert-board.js'
import type { DeliveryLedgers } from './delivery-ledgers.js'
import type { Downlink } from './downlink.js'
import type { Drain } from './drain.js'
import type { GrpcServer } from './grpc-server.js'

export interface ObservedParts {
  readonly journal: RegionJournal
  readonly uplink: RegionUplink
  readonly drain: Drain
  readonly board: AlertBoard
  readonly ledgers: DeliveryLedgers
  readonly downlink: Downlink
  readonly grpc: Pick<GrpcServer, 'refusedCalls'>
}

/** Everything a region shows of itself. docs/region.md lists it. */
export function observeRegion(metrics: Metrics, { journal, uplink, drain, board, ledgers, downlink, grpc }: ObservedParts): void {
  metrics.gauge('outrider_region_log_bytes', 'Bytes of the log on disk', () => journal.heldBytes)
  metrics.gauge(
    'outrider_region_drain_lag_entries',
    'Entries of the log that are not in the event log',
    () => journal.appendedThrough - journal.drainedThrough,
  )
  metrics.counter('outrider_region_drained_records_total', 'Records written to the event log', () => drain.counts().records)
  metrics.counter('outrider_region_dead_letters_total', 'Records written to the dead letters', () => drain.counts().deadLetters)
  metrics.counter('outrider_region_drain_failures_total', 'Batches the event log did not take at first', () => drain.counts().failures)
  metrics.gauge('outrider_region_streams', 'Uplink streams open', () => uplink.counts().streams)
  metrics.counter('outrider_region_uplink_records_total', 'Records taken from nodes', () => uplink.counts().records)
  metrics.counter('outrider_region_uplink_repeats_total', 'Records that came again', () => uplink.counts().repeats)
  metrics.counter('outrider_region_uplink_gaps_total', 'Ranges of nodes’ logs closed as lost', () => uplink.counts().gaps)
  metrics.counter('outrider_region_uplink_refusals_total', 'Streams refused', () => byLabel('reason', uplink.counts().refusals), ['reason'])
  metrics.gauge('outrider_region_alerts', 'Alerts known', () => board.counts().entries)
  metrics.gauge('outrider_region_alerts_active', 'Alerts active', () => board.counts().active)
  metrics.counter(
    'outrider_region_alerts_ignored_total',
    'Alerts not taken from records',
    () => [
      { labels: { reason: 'late' }, value: board.counts().late },
      { labels: { reason: 'invalid' }, value: board.counts().invalid },
      { labels: { reason: 'full' }, value: board.counts().full },
      { labels: { reason: 'undecodable' }, value: board.counts().undecodable },
    ],
    ['reason'],
  )
  metrics.gauge('outrider_region_ledgers', 'Alerts whose deliveries are known', () => ledgers.counts().alerts)
  metrics.gauge('outrider_region_ledgers_summed_up', 'Of them: only counts are left', () => ledgers.counts().summedUp)
  metrics.gauge('outrider_region_ledger_deliveries', 'Deliveries kept one by one', () => ledgers.counts().deliveries)
  metrics.counter('outrider_region_ledger_late_steps_total', 'Steps of deliveries that were summed up', () => ledgers.counts().late)
  metrics.counter(
    'outrider_region_calls_refused_total',
    'Calls that failed, by gRPC status',
    () => byLabel('status', grpc.refusedCalls()),
    ['status'],
  )
  metrics.gauge('outrider_region_downlink_waiting', 'Alerts that wait for a stream to take them', () => downlink.waiting())
}

function byLabel(label: string, counts: Readonly<Record<string, number>>): Reading {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }))
}
