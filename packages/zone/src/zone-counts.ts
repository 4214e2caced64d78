import { implausibleReasons } from '@outrider/detection'
import { closeCodes, frameTypes, reportOutcomes } from '@outrider/protocol'

/** What the overload policy sheds, before anything is decoded. */
export const shedReasons = { overRate: 'over_rate', farFromAlerts: 'far_from_alerts', allTelemetry: 'all_telemetry' } as const
export type ShedReason = (typeof shedReasons)[keyof typeof shedReasons]

/** Why a frame did nothing. Everything that is refused is counted here, by reason, and costs nobody but its sender anything. */
export const frameRefusals = {
  /** No session has the row: the socket was closed meanwhile. */
  noSession: 'no_session',
  empty: 'empty',
  /** A frame type of a newer SDK: ignored. */
  unknownType: 'unknown_type',
  /** A type that only a node sends. */
  wrongDirection: 'wrong_direction',
  tooLarge: 'too_large',
  malformed: 'malformed',
  helloExpected: 'hello_expected',
  helloInvalid: 'hello_invalid',
  /** An entry of an acknowledgement, of an alert this node does not know, beyond what a vehicle may recover in a minute. */
  acknowledgesUnknown: 'acknowledges_unknown',
} as const
export type FrameRefusal = (typeof frameRefusals)[keyof typeof frameRefusals]

/** Why a report was not recorded. */
export const recordRefusals = {
  standby: 'standby',
  implausible: 'implausible',
  stale: 'stale',
  /** The log took nothing: it failed, is full, or is behind. */
  notRecorded: 'not_recorded',
} as const

/** Why findings made no hazard. */
export const evidenceRefusals = {
  standby: 'standby',
  distrusted: 'distrusted',
  explained: 'explained',
  /** It says of itself what its token does not: an emergency vehicle. */
  unentitled: 'unentitled',
  /** Seen longer ago than an alert about it would be valid: a report that was held up. */
  outdated: 'outdated',
  /** The acting owner of its place is another node, which was told: its alert is waited for. */
  deferred: 'deferred',
  /** Of a peer, and not to be read. */
  malformed: 'malformed',
} as const

/** Counters by reason since the start. Plain numbers, so that a scrape copies them without stopping the path. */
export interface ZoneCounts {
  readonly frames: Record<string, number>
  readonly framesRefused: Record<string, number>
  readonly shed: Record<string, number>
  /** Reports by outcome of the decode. */
  readonly reports: Record<string, number>
  readonly reportsAccepted: { telemetry: number; urgent: number }
  readonly reportsRefused: Record<string, number>
  reportsRepeated: number
  /** Samples by why they were not believed. */
  readonly samplesImplausible: Record<string, number>
  samples: number
  readonly evidence: Record<string, number>
  readonly evidenceRefused: Record<string, number>
  /** Manual eCalls without a crash: calls for help, which this service does not answer. */
  manualECalls: number
  readonly alerts: Record<string, number>
  readonly alertsRefused: Record<string, number>
  readonly targets: Record<string, number>
  readonly sessions: Record<string, number>
  readonly closed: Record<string, number>
  /** Records by what became of the append. */
  readonly records: Record<string, number>
  /** Logs that failed for good. */
  logsFailed: number
  /** Time vehicles were connected, summed over them, in ms: what counts by the vehicle-hour is divided by. */
  vehicleMs: number
  /** Control frames that found the socket busy or gone; acknowledgements and intervals are made anew later. */
  controlUnsent: number
}

export function createZoneCounts(): ZoneCounts {
  return {
    frames: zeros(Object.keys(frameTypes)),
    framesRefused: zeros(Object.values(frameRefusals)),
    shed: zeros(Object.values(shedReasons)),
    reports: zeros(Object.values(reportOutcomes)),
    reportsAccepted: { telemetry: 0, urgent: 0 },
    reportsRefused: zeros(Object.values(recordRefusals)),
    reportsRepeated: 0,
    samplesImplausible: zeros(Object.values(implausibleReasons)),
    samples: 0,
    evidence: {},
    evidenceRefused: zeros(Object.values(evidenceRefusals)),
    manualECalls: 0,
    alerts: zeros(['issued', 'revised', 'renewed', 'ended', 'expired', 'forgotten', 'unconfirmed']),
    alertsRefused: {},
    targets: zeros(['opened', 'held', 'known', 'dropped', 'full', 'over']),
    sessions: zeros(['opened', 'refused_full', 'greeted', 'role_changed', 'released']),
    closed: zeros(Object.keys(closeCodes)),
    records: zeros(['appended']),
    logsFailed: 0,
    vehicleMs: 0,
    controlUnsent: 0,
  }
}

function zeros(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map(name => [name, 0]))
}

/** One more. Names come from tables, never from a sender, so that a counter has a bounded number of entries. */
export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
