import { createAlertRegistry } from '@outrider/alerts'
import { createDeliveries, encodeTransition } from '@outrider/delivery'
import {
  createConditionField,
  createDetectionPolicy,
  createHazardTable,
  createTrackTable,
  createUsualTraffic,
  restoreUsual,
  usualToBytes,
} from '@outrider/detection'
import { type CompiledArea, compileArea, createExtent, createFrame, createVehicleGrid, type Frame } from '@outrider/geo'
import { createReportRecord, type outrider } from '@outrider/protocol'
import { acknowledge, acknowledgeUrgent } from './acknowledge.js'
import { createActiveAlerts } from './active-alerts.js'
import { applyChanges, applyOutcome, flush, receiveFrame, takePeerEvidence } from './alert-path.js'
import { nowOf, wallOf } from './clocks.js'
import { takeOverLost } from './lost-origins.js'
import { createPendingMatches } from './pending-matches.js'
import { createRecordLog } from './record-log.js'
import { createRecordWriter } from './record-writer.js'
import { recoverDeliveries } from './recover-deliveries.js'
import { release } from './release.js'
import { withRiders } from './riding-sockets.js'
import { createRowConcerns } from './row-concerns.js'
import { closeSession, disconnect, sendControl } from './send-control.js'
import { createSessionTable } from './session-table.js'
import { tick } from './tick.js'
import { createTurnClock } from './turn-clock.js'
import { createUnheardAlerts } from './unheard-alerts.js'
import { viewVehicle } from './view-vehicle.js'
import type { Zone, ZoneOptions } from './zone.js'
import { count, createZoneCounts } from './zone-counts.js'
import { noPeers } from './zone-peers.js'
import { createZonePolicy } from './zone-policy.js'
import { stages } from './zone-ports.js'
import type { ZoneState } from './zone-state.js'

/** Neighbours of one position that are looked at: more vehicles do not stand within 100 m on the lanes of one road. */
const neighboursMax = 1_024
/** Alerts around one position that are looked at with one report. */
const alertsAroundMax = 1_024

/** A node's core. Construct only: it starts nothing. @throws ZoneError, DetectionError, GeoError for options that cannot be */
export function createZone(options: ZoneOptions): Zone {
  const zone = createZoneState(options)
  const { registry, sessions, deliveries, counts } = zone
  const { clock } = zone
  /** The moment of a call that begins. */
  const begin = () => {
    clock.begin()
    return nowOf(zone)
  }
  const take = <Outcome extends Parameters<typeof applyOutcome>[1]>(outcome: Outcome): Outcome => {
    applyOutcome(zone, outcome)
    return outcome
  }
  return {
    open(vehicle, json) {
      clock.begin()
      const nowMs = clock.monotonicMs()
      const session = sessions.take(vehicle, gone => release(zone, gone, nowMs))
      if (session === undefined) {
        count(counts.sessions, 'refused_full')
        return { refused: 'full' }
      }
      closeSession(zone, session, 'replaced')
      session.vehicle = vehicle
      session.json = json
      session.connected = true
      session.connection++
      session.openedAtMs = nowMs
      session.malformed = 0
      session.stalled = false
      session.moved = undefined
      count(counts.sessions, 'opened')
      return { row: session.row }
    },
    receive(row, bytes, isText) {
      clock.begin()
      receiveFrame(zone, row, bytes, isText)
    },
    closed(row, isStalled = false) {
      clock.begin()
      const session = sessions.at(row)
      if (session === undefined || !session.connected) return
      session.stalled = isStalled
      disconnect(zone, session)
    },
    drained(row) {
      clock.begin()
      deliveries.writable(row, clock.monotonicMs())
    },
    flush() {
      clock.begin()
      return flush(zone)
    },
    tick() {
      clock.begin()
      tick(zone)
    },
    takeAlert: live => take(registry.receiveAlert(live, begin())),
    takeEnd: live => take(registry.receiveEnd(live, begin())),
    takeEvidence(evidence) {
      clock.begin()
      takePeerEvidence(zone, evidence)
    },
    peersChanged() {
      clock.begin()
      takeOverLost(zone, changes => applyChanges(zone, changes))
    },
    issue: draft => take(registry.issue(draft, begin())),
    revise: (key, draft, expectedRevision) => take(registry.revise(key, draft, begin(), expectedRevision)),
    end: (key, order, expectedRevision) => take(registry.end(key, order, begin(), expectedRevision)),
    registry,
    recover(open) {
      clock.begin()
      return recoverDeliveries(zone, open)
    },
    learned: () => usualToBytes(zone.surroundings.usual, options.clock.wallMs()),
    relearn: bytes => restoreUsual(zone.surroundings.usual, bytes),
    setOverload(level) {
      zone.overload = level
    },
    drain(reconnect, closesInMs) {
      clock.begin()
      for (const session of sessions.all()) if (session.greeted) sendControl(zone, session, 'drain', { reconnect, closesInMs })
    },
    closeAll(code) {
      clock.begin()
      for (const session of sessions.all()) closeSession(zone, session, code)
    },
    view: (row, withinM) => viewVehicle(zone, row, withinM),
    counts,
    gauges() {
      let connected = 0
      for (const session of sessions.all()) if (session.connected) connected++
      return {
        sessions: sessions.size,
        connected,
        activeAlerts: zone.active.size,
        hazards: zone.hazards.counts(),
        registry: registry.counts(),
        deliveries: deliveries.counts(),
      }
    },
    ledger: key => deliveries.ledger(key),
    totals: () => deliveries.totals(),
    approaches: () => deliveries.approaches(),
  }
}

function createZoneState(options: ZoneOptions): ZoneState {
  const { node, boot, sockets, ground } = options
  const clock = createTurnClock(options.clock)
  const policy = createZonePolicy(options.policy)
  const detection = createDetectionPolicy(options.detection)
  const frame = createFrame(Math.round(ground.latitudeDeg * 1e7), Math.round(ground.longitudeDeg * 1e7))
  const extent = createExtent(frame, ground.eastM, ground.northM)
  const rows = policy.vehiclesMax
  const counts = createZoneCounts()
  const tracks = createTrackTable(rows)
  const grid = createVehicleGrid({ frame, extent, rows })
  const standing = createVehicleGrid({ frame, extent, rows })
  const records = createRecordWriter(clock, boot)
  const report = createReportRecord()
  const synced = (): void => {
    clock.begin()
    acknowledgeUrgent(zone)
  }
  const zone: ZoneState = {
    node,
    zone: options.zone,
    authority: options.authority,
    boot,
    neighbours: options.neighbours ?? (() => []),
    peers: options.peers ?? noPeers,
    deferred: new Map(),
    orphans: new Set(),
    ownerOf: options.ownerOf ?? (() => undefined),
    frame,
    policy,
    detection,
    clock,
    readMs: () => options.clock.monotonicMs(),
    sockets,
    counts,
    records,
    log: createRecordLog({ lanes: options.lanes, counts, synced }),
    sessions: createSessionTable(policy),
    tracks,
    grid,
    standing,
    surroundings: {
      tracks,
      frame,
      around: grid,
      standing,
      conditions: createConditionField({ frame, rows }),
      policy: detection,
      usual: createUsualTraffic({ frame, tracks, policy: detection }),
      rows: new Int32Array(neighboursMax),
    },
    hazards: createHazardTable({ frame, policy: detection, hazardsMax: policy.hazardsMax }),
    registry: createAlertRegistry<CompiledArea>({
      node,
      boot,
      compileArea: area => compileIn(frame, area),
      entriesMax: policy.alertsMax,
    }),
    active: createActiveAlerts(frame, extent, policy.alertsMax),
    concerns: createRowConcerns(rows),
    deliveries: createDeliveries({
      socket: withRiders(sockets, row => {
        const session = zone.sessions.at(row)
        if (session !== undefined) acknowledge(zone, session)
      }),
      rowsMax: rows,
      alertsMax: policy.alertsMax,
      outboxMax: policy.outboxMax,
      onTransition(step) {
        const { vehicle, head } = zone.sessions.at(step.row)!
        const wallMs = wallOf(zone, step.atMs)
        const { authority, pseudonym } = vehicle
        const isPlain = head !== undefined && step.movedTo === undefined
        const bytes = isPlain
          ? records.transition(head, step, wallMs)
          : records.other({ authority, delivery: encodeTransition(step, pseudonym, wallMs) })
        zone.log.append('urgent', bytes)
      },
    }),
    pendingMatches: createPendingMatches(),
    onStages: options.onStages,
    onArrival: options.onArrival,
    report,
    sample: { x: 0, y: 0, atMs: 0, speedMps: 0, accuracyM: 0, flags: 0 },
    sighting: { report, index: 0, flags: 0, x: 0, y: 0, atMs: 0, current: false },
    found: [],
    rows: new Int32Array(rows),
    slots: new Int32Array(alertsAroundMax),
    stageTimes: new Float64Array(Object.keys(stages).length),
    awaiting: new Set(),
    recovered: new Map(),
    unheard: createUnheardAlerts(),
    overload: 0,
    tickedAtMs: 0,
    received: 0,
  }
  return zone
}

function compileIn(frame: Frame, area: outrider.v1.Area.$Properties) {
  const compiled = compileArea(area, frame, '')
  if (compiled.ok) return compiled
  const { path, text } = compiled.problems[0]
  return { ok: false, problem: { field: path.replace(/^\./, ''), message: text.slice(path.length).trim() } } as const
}
