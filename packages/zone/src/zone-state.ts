import type { AlertRegistry } from '@outrider/alerts'
import type { Arrival, Deliveries } from '@outrider/delivery'
import type {
  DetectionPolicy,
  DetectorName,
  Finding,
  Hazard,
  HazardTable,
  SampleView,
  Sighting,
  Surroundings,
  TrackTable,
} from '@outrider/detection'
import type { CompiledArea, Frame, VehicleGrid } from '@outrider/geo'
import type { outrider, ReportRecord } from '@outrider/protocol'
import type { ActiveAlerts } from './active-alerts.js'
import type { OverloadLevel } from './admission.js'
import type { PendingMatches } from './pending-matches.js'
import type { RecordLog } from './record-log.js'
import type { RecordWriter } from './record-writer.js'
import type { RowConcerns } from './row-concerns.js'
import type { Session } from './session.js'
import type { SessionTable } from './session-table.js'
import type { TurnClock } from './turn-clock.js'
import type { UnheardAlerts } from './unheard-alerts.js'
import type { ZoneCounts } from './zone-counts.js'
import type { ZonePeers } from './zone-peers.js'
import type { ZonePolicy } from './zone-policy.js'
import type { StageTimes, ZoneSockets } from './zone-ports.js'

/** A finding of the report under way, until it is corroborated. */
interface Found {
  readonly detector: DetectorName
  readonly finding: Finding
  readonly atMs: number
}

/** All that a node knows, handed to every function of the alert path. Built once by `createZone`; only its tables change. */
export interface ZoneState {
  readonly node: string
  readonly zone: string
  readonly authority: string
  readonly boot: number
  readonly neighbours: () => readonly outrider.v1.Neighbour.$Properties[]
  readonly peers: ZonePeers
  /** Public hazards on another node's ground whose alert is waited for, and until when, monotonic ms: at most all hazards. */
  readonly deferred: Map<Hazard, number>
  /** Keys of detected alerts taken over from a lost origin that no evidence here is linked with: at most all own alerts. */
  readonly orphans: Set<string>
  readonly ownerOf: (latitudeE7: number, longitudeE7: number) => string | undefined
  readonly frame: Frame
  readonly policy: ZonePolicy
  readonly detection: DetectionPolicy
  /** What time it is for the call under way. */
  readonly clock: TurnClock
  /** The monotonic clock itself, for the times of the steps. */
  readonly readMs: () => number
  readonly sockets: ZoneSockets
  readonly log: RecordLog
  readonly records: RecordWriter
  readonly sessions: SessionTable
  readonly tracks: TrackTable
  /** Every vehicle that is targeted, where it is, or is reckoned to be. */
  readonly grid: VehicleGrid
  /** Those that stand. */
  readonly standing: VehicleGrid
  readonly surroundings: Surroundings
  readonly hazards: HazardTable
  readonly registry: AlertRegistry<CompiledArea>
  readonly active: ActiveAlerts
  readonly concerns: RowConcerns
  readonly deliveries: Deliveries
  /** Alerts with more candidates than a slice, not looked at in full yet. */
  readonly pendingMatches: PendingMatches
  readonly counts: ZoneCounts
  /** Told of the times of sampled reports; undefined = nobody wants them. */
  readonly onStages: ((times: StageTimes, row: number) => void) | undefined
  /** Told of vehicles that come to a hazard; undefined = nobody measures lead times. */
  readonly onArrival: ((arrival: Arrival, causeCode: number) => void) | undefined
  /** Reused for every report. */
  readonly report: ReportRecord
  readonly sample: SampleView
  readonly sighting: { -readonly [Name in keyof Sighting]: Sighting[Name] }
  readonly found: Found[]
  readonly rows: Int32Array
  readonly slots: Int32Array
  readonly stageTimes: StageTimes
  /** Sessions with an urgent report that is not durable yet: at most all sessions. */
  readonly awaiting: Set<Session>
  /** After a crash: alerts, by slot, that only records know yet. At most half of all alerts. */
  readonly recovered: Map<number, { readonly key: string; readonly untilMs: number }>
  /** What vehicles hold and nobody has named here yet. */
  readonly unheard: UnheardAlerts
  overload: OverloadLevel
  /** When the last tick was; 0 = there was none. */
  tickedAtMs: number
  /** Frames received, for the 1 in 64 whose steps are timed. */
  received: number
}
