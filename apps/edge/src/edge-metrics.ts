import type { LaneName } from '@outrider/protocol'
import type { Metrics, Reading } from '@outrider/service'
import type { Zone } from '@outrider/zone'
import type { CorrectedClock } from './corrected-clock.js'
import type { HandOver } from './hand-over.js'
import { observeLedger } from './ledger-metrics.js'
import type { PeerLinks } from './peer-links.js'
import type { RecordLanes } from './record-lanes.js'
import type { Turns } from './turns.js'
import type { UplinkLanes } from './uplink-lanes.js'
import type { VehicleDoor } from './vehicle-door.js'
import type { VehicleLinks } from './vehicle-links.js'
import type { VehicleSockets } from './vehicle-sockets.js'

export interface ObservedParts {
  readonly zone: Zone
  readonly sockets: VehicleSockets
  readonly links: VehicleLinks
  readonly door: VehicleDoor
  readonly turns: Turns
  readonly lanes: RecordLanes
  readonly uplink: UplinkLanes
  readonly handOver: HandOver
  readonly peerLinks: PeerLinks | undefined
  readonly clock: CorrectedClock
}

/** Counters of the zone by reason, under the names they have there. */
const zoneCounters = [
  ['frames', 'Frames by type'],
  ['framesRefused', 'Frames that did nothing, by reason'],
  ['shed', 'Reports shed before they were read, by reason'],
  ['reports', 'Reports by outcome of the decode'],
  ['reportsAccepted', 'Reports written to a log, by lane'],
  ['reportsRefused', 'Reports not recorded, by reason'],
  ['samplesImplausible', 'Samples not believed, by reason'],
  ['evidence', 'Evidence by detector'],
  ['evidenceRefused', 'Evidence not used, by reason'],
  ['alerts', 'Alerts by what became of them'],
  ['alertsRefused', 'Alerts not taken, by reason'],
  ['targets', 'Targetings by outcome'],
  ['sessions', 'Sessions by what happened'],
  ['closed', 'Sessions closed by the zone, by code'],
  ['records', 'Records by what became of the append'],
] as const

/** Everything a node shows of itself. docs/edge.md lists it; nothing is labelled by vehicle. */
export function observeEdge(metrics: Metrics, parts: ObservedParts): void {
  const { zone, sockets, links, door, turns, lanes } = parts
  const { counts } = zone
  for (const [name, help] of zoneCounters) {
    metrics.counter(`outrider_edge_${snake(name)}_total`, help, () => byKind({ ...counts[name] }), ['kind'])
  }
  metrics.counter('outrider_edge_samples_total', 'Samples read', () => counts.samples)
  metrics.counter('outrider_edge_reports_repeated_total', 'Reports that came again', () => counts.reportsRepeated)
  metrics.counter('outrider_edge_manual_ecalls_total', 'Manual emergency calls seen', () => counts.manualECalls)
  metrics.counter('outrider_edge_logs_failed_total', 'Logs closed for good', () => counts.logsFailed)
  metrics.counter('outrider_edge_handshakes_total', 'Requests to open a WebSocket, by outcome', () => byKind(door.counts), ['kind'])
  metrics.counter('outrider_edge_links_closed_total', 'Sockets closed by the app, by code', () => byKind(links.closes), ['kind'])
  metrics.counter('outrider_edge_sends_total', 'Writes to sockets by result', () => byKind(sockets.counts), ['kind'])
  metrics.gauge('outrider_edge_sockets', 'Vehicles connected', () => sockets.size)
  metrics.gauge('outrider_edge_vehicles', 'Vehicles remembered', () => zone.gauges().sessions)
  metrics.gauge('outrider_edge_alerts_active', 'Alerts active', () => zone.gauges().activeAlerts)
  metrics.gauge('outrider_edge_overload_level', '0 none to 4, what is shed', () => turns.overload)
  metrics.gauge('outrider_edge_log_bytes', 'Bytes of a log', () => byLane(lane => lanes.spools[lane].heldBytes), ['lane'])
  metrics.gauge('outrider_edge_log_unsynced_records', 'Records not yet on disk', () => byLane(lane => unsynced(lane)), ['lane'])
  observeLedger(metrics, zone)
  observeUplink(metrics, parts)
  if (parts.peerLinks !== undefined) observePeers(metrics, parts.peerLinks)

  function unsynced(lane: LaneName): number {
    return lanes.spools[lane].appendedThrough - lanes.spools[lane].syncedThrough
  }
}

function observeUplink(metrics: Metrics, { uplink, handOver, clock }: ObservedParts): void {
  const gauge = (name: string, help: string, read: (lane: LaneName) => number) =>
    metrics.gauge(`outrider_edge_uplink_${name}`, help, () => byLane(read), ['lane'])
  gauge('connected', '1 while the region takes the lane', lane => Number(uplink.state(lane).connected))
  gauge('waiting_records', 'Records the region has not acknowledged', lane => uplink.state(lane).waitingRecords)
  gauge('oldest_waiting_seconds', 'How long the oldest of them has waited', lane => uplink.state(lane).oldestWaitingMs / 1_000)
  gauge('failed_attempts', 'Attempts since the lane was last connected', lane => uplink.state(lane).failedAttempts)
  metrics.counter('outrider_edge_uplink_events_total', 'What happened to the uplink', () => byKind(uplink.counts), ['kind'])
  metrics.counter(
    'outrider_edge_handed_total',
    'Alerts and ends from region and peers, by what became of them',
    () => byKind(handOver.counts),
    ['kind'],
  )
  metrics.gauge('outrider_edge_handed_waiting', 'Alerts and ends that wait for a turn of the loop', () => handOver.waiting)
  metrics.gauge(
    'outrider_edge_clock_offset_seconds',
    'Added to the clock of this machine to have the region’s',
    () => clock.wallOffsetMs() / 1_000,
  )
}

function observePeers(metrics: Metrics, links: PeerLinks): void {
  const gauge = (name: string, help: string, read: (state: ReturnType<PeerLinks['state']>[number]) => number) =>
    metrics.gauge(
      `outrider_edge_peer_${name}`,
      help,
      () => links.state().map(state => ({ labels: { peer: state.name }, value: read(state) })),
      ['peer'],
    )
  gauge('linked', '1 while there is a link', ({ connected }) => Number(connected))
  gauge('gone', '1 if not heard for a second', ({ isGone }) => Number(isGone))
  gauge('waiting', 'Alerts, ends and evidence that wait for room', ({ waiting }) => waiting)
  gauge('clock_offset_seconds', 'Its clock against this node’s', ({ clock }) => (clock?.offsetMs ?? 0) / 1_000)
  metrics.counter('outrider_edge_peer_events_total', 'What happened to links with peers', () => byKind(links.counts), ['kind'])
}

function byKind(counts: Readonly<Record<string, number>>): Reading {
  return Object.entries(counts).map(([kind, value]) => ({ labels: { kind }, value }))
}

function byLane(read: (lane: LaneName) => number): Reading {
  return (['urgent', 'telemetry'] as const).map(lane => ({ labels: { lane }, value: read(lane) }))
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
