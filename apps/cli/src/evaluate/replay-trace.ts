/*
 * Runs a zone over a recording as fast as it goes: the same core as an edge node's, with memory for sockets and logs and the trace for a clock.
 *
 * A sample is received at its own time, on a link that takes none. Samples of one time are one turn: all are received, then the zone
 * flushes, then vehicles acknowledge. Ticks come twice a second of the trace, as an edge node's do, before samples of the same time.
 * Nothing reads a clock or draws a number, so that the same samples give the same bytes.
 */
import type { DetectionPolicy, RestoreOutcome } from '@outrider/detection'
import type { TrafficSample } from '@outrider/traffic'
import { createMemorySockets, createZone, type RecordLane, type Zone, type ZoneGround, type ZonePolicy } from '@outrider/zone'
import { CliError, exitCodes } from '../cli-error.js'
import { type AlertHistory, createAlertHistory } from './alert-history.js'
import { createRecordedVehicles, type Delivery, type RecordedVehicles } from './recorded-vehicles.js'
import { createTraceClock, type TraceClock } from './trace-clock.js'

const tickMs = 500
/** Any will do, as long as it is the same: it stands in alerts' identities. */
const boot = 1
/** A recording was made at whatever rate it was; a session's rate limits are about links, not about detection, and are opened as far as they go. */
const openRates = { telemetryPerMinute: 60_000, urgentPerMinute: 6_000 }

const refusals: Readonly<Record<Extract<RestoreOutcome, { outcome: 'refused' }>['reason'], string>> = {
  damaged: 'what was learned from the other recording is not whole',
  other_cells: '--learn: the two recordings are degrees of latitude apart; learn from one of the same place',
  too_many: '--learn: the other recording has more road than usualCellsMax holds; raise it with --config',
}

export interface ReplayPolicies {
  readonly detection?: Partial<DetectionPolicy>
  readonly zone?: Partial<ZonePolicy>
}

export interface ReplayOptions extends ReplayPolicies {
  readonly ground: ZoneGround
  /** What a zone learned before (`zone.learned()`); absent = it knows nothing. */
  readonly learned?: Uint8Array
  readonly onDelivery?: (delivery: Delivery, atS: number) => void
}

export interface Replay {
  readonly zone: Zone
  readonly clock: TraceClock
  readonly history: AlertHistory
  readonly vehicles: RecordedVehicles
  /** One sample, not before those given already. */
  take(sample: TrafficSample): void
  /** Ends the last turn. */
  end(): void
  /** Samples of vehicles for which the zone had no room. */
  readonly refusedFull: number
}

/** @throws ZoneError, DetectionError `policy_invalid`; CliError if what was learned is of another part of the earth */
export function createReplay({ ground, learned, detection, zone: policy, onDelivery }: ReplayOptions): Replay {
  const clock = createTraceClock(tickMs)
  const history = createAlertHistory(clock.nowS)
  const vehicles = createRecordedVehicles({
    zone: () => zone,
    monotonicMs: clock.monotonicMs,
    wallMs: clock.wallMs,
    onDelivery: delivery => onDelivery?.(delivery, clock.nowS()),
  })
  const zone = createZone({
    node: 'evaluate',
    zone: 'evaluate',
    authority: 'evaluate',
    boot,
    ground,
    clock,
    sockets: createMemorySockets(vehicles),
    lanes: { urgent: createReadLane(history.read), telemetry: createReadLane(() => undefined) },
    policy: { ...openRates, ...policy },
    ...(detection === undefined ? {} : { detection }),
  })
  if (learned !== undefined) {
    const restored = zone.relearn(learned)
    if (restored.outcome === 'refused') throw new CliError(exitCodes.usage, refusals[restored.reason])
  }
  let turnS = Number.NaN
  let refusedFull = 0

  function turn(): void {
    while (zone.flush().more);
    vehicles.answer()
  }

  function tick(): void {
    vehicles.closeSilent()
    zone.tick()
    history.expire(zone.registry)
    turn()
  }

  return {
    zone,
    clock,
    history,
    vehicles,
    take(sample) {
      if (sample.timeS !== turnS) {
        if (!Number.isNaN(turnS)) turn()
        turnS = sample.timeS
        clock.moveTo(turnS, tick)
      }
      if (!vehicles.report(sample)) refusedFull++
    },
    end: turn,
    get refusedFull() {
      return refusedFull
    },
  }
}

/** A log that keeps nothing: records are read as they come, and taken as durable at once. */
function createReadLane(read: (record: Uint8Array) => void): RecordLane {
  let records = 0
  return {
    append(bytes) {
      read(bytes)
      return ++records
    },
    whenSynced: () => Promise.resolve(),
    get syncedThrough() {
      return records
    },
    get appendedThrough() {
      return records
    },
  }
}
