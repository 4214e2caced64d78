/*
 * Frames of a vehicle that are not reports: who it is and what it holds, what became of alerts, and its clock. Rare beside reports, so the
 * generated decoder reads them.
 */
import { decodeFrame, type FrameMessage, formatAlertKey, outrider, timeMsMax } from '@outrider/protocol'
import { acknowledge } from './acknowledge.js'
import { vehicleMoved } from './moved-vehicle.js'
import { createRecordHead } from './record-writer.js'
import { refuseFrame } from './refuse.js'
import { ReportNumbers } from './report-numbers.js'
import { sendControl } from './send-control.js'
import { type Session, takeToken } from './session.js'
import { noteUnheard } from './tell-unheard.js'
import { count, frameRefusals } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

const { DeliveryStage, LinkRole } = outrider.v1
const heldMax = 256
const featuresMax = 32
const acknowledgementsMax = 64
/** What this zone knows beyond the first version of the protocol: nothing yet. */
const features: readonly string[] = []

export function receiveControl(zone: ZoneState, session: Session, frame: Uint8Array, nowMs: number): void {
  const outcome = decodeFrame(frame)
  if (outcome.kind !== 'frame') {
    refuseFrame(zone, session, frameRefusals.malformed)
    return
  }
  if (outcome.type === 'hello') {
    greet(zone, session, outcome.message, nowMs)
    return
  }
  if (outcome.type === 'deliveryAck') {
    takeAcknowledgements(zone, session, outcome.message, nowMs)
    return
  }
  if (outcome.type === 'time') {
    exchangeTime(zone, session, outcome.message, nowMs)
    return
  }
  // An error frame of the vehicle: its SDK could not use something of ours. It is counted with the frames.
}

/** The first hello opens the session; a second one on the same socket changes its role. */
function greet(zone: ZoneState, session: Session, hello: FrameMessage<'hello'>, nowMs: number): void {
  const { deliveries, tracks, counts } = zone
  const { row } = session
  const held = hello.held ?? []
  if (hello.sdkStart == null || held.length > heldMax || (hello.features?.length ?? 0) > featuresMax || !held.every(isHeld)) {
    refuseFrame(zone, session, frameRefusals.helloInvalid)
    return
  }
  if (session.sdkStart !== hello.sdkStart) {
    session.sdkStart = hello.sdkStart
    session.numbers = new ReportNumbers()
  }
  session.head = createRecordHead(session.vehicle.authority, session.vehicle.pseudonym, hello.sdkStart)
  const wasPrimary = session.greeted && session.primary
  session.primary = hello.role !== LinkRole.LINK_ROLE_STANDBY
  if (isTime(hello.vehicleTimeMs)) tracks.offsetMs[row] = nowMs - hello.vehicleTimeMs
  const holding = held.map(({ alertId, revision }) => ({ id: alertId!, revision: revision ?? 0 }))
  const isFirst = !session.greeted
  session.greeted = true
  const unknown = isFirst
    ? deliveries.connect(row, { json: session.json, primary: session.primary, held: holding }, nowMs)
    : deliveries.changeRole(row, session.primary, holding, nowMs)
  if (isFirst) {
    session.numbers.reconnected()
    welcome(zone, session, hello, nowMs)
  }
  // What it holds may not concern it any more: revised while it was away, or brought from another node. Its next report tells.
  for (const { id } of holding) {
    const slot = deliveries.slotOf(formatAlertKey(id))
    const isAsked = slot !== undefined && (zone.active.relevanceOf(slot) !== undefined || zone.recovered.has(slot))
    if (isAsked && !zone.concerns.has(row, slot)) zone.concerns.add(row, slot, 0)
  }
  // A standby is sent nothing: it says again what it holds when it becomes primary.
  noteUnheard(zone, session, session.primary ? unknown : [], nowMs)
  count(counts.sessions, isFirst ? 'greeted' : 'role_changed')
  session.moved = undefined
  if (wasPrimary && !session.primary) vehicleMoved(zone, session, hello.lastPosition?.position, nowMs)
}

/** A vehicle's clock between 1970 and 2100, as for reports. */
function isTime(timeMs: number | null | undefined): timeMs is number {
  return typeof timeMs === 'number' && timeMs > 0 && timeMs <= timeMsMax
}

function isHeld(entry: outrider.v1.HeldAlert.$Properties): boolean {
  return isAlertId(entry.alertId) && (entry.revision ?? 0) > 0
}

/** An identity as every node writes it: 1 to 64 bytes without a slash, counted from 1. */
function isAlertId(id: outrider.v1.AlertId.$Properties | null | undefined): id is outrider.v1.AlertId.$Properties {
  const node = id?.node ?? ''
  return node !== '' && node.length <= 64 && !node.includes('/') && (id?.sequence ?? 0) > 0
}

function welcome(zone: ZoneState, session: Session, hello: FrameMessage<'hello'>, nowMs: number): void {
  const { policy, tracks } = zone
  session.toldIntervalMs = policy.intervalMs
  session.toldIntervalAtMs = nowMs
  tracks.intervalMs[session.row] = policy.intervalMs
  sendControl(zone, session, 'welcome', {
    features: features.filter(feature => hello.features?.includes(feature)),
    // Names the connection for support, and nobody: rows are given to one vehicle after the other.
    session: `${zone.node}.${zone.boot.toString(16)}.${session.row}.${session.connection}`,
    zone: zone.zone,
    node: zone.node,
    neighbours: [...zone.neighbours()],
    serverTimeMs: zone.clock.wallMs(),
    intervalMs: policy.intervalMs,
    limits: {
      telemetryPerMinute: policy.telemetryPerMinute,
      urgentPerMinute: policy.urgentPerMinute,
      samplesPerReport: 10,
      outboxAlerts: policy.outboxMax,
    },
    ...(hello.vehicleTimeMs == null ? {} : { vehicleTimeMs: hello.vehicleTimeMs }),
  })
}

function takeAcknowledgements(zone: ZoneState, session: Session, message: FrameMessage<'deliveryAck'>, nowMs: number): void {
  const entries = message.entries ?? []
  if (entries.length > acknowledgementsMax) {
    refuseFrame(zone, session, frameRefusals.malformed, 'entries')
    return
  }
  for (const { alertId, revision, stage, dropReason, timeMs } of entries) {
    if (!isAlertId(alertId) || (revision ?? 0) === 0) {
      refuseFrame(zone, session, frameRefusals.malformed, 'entries.alertId')
      return
    }
    // Each would be a record of its own: what a vehicle makes up must not fill the log.
    const key = formatAlertKey(alertId)
    const isUnknown = zone.deliveries.slotOf(key) === undefined || (revision ?? 0) > (zone.registry.get(key)?.revision ?? 0)
    if (isUnknown && stage !== DeliveryStage.DELIVERY_STAGE_RECEIVED && !takeToken(session.recovered, nowMs)) {
      count(zone.counts.framesRefused, frameRefusals.acknowledgesUnknown)
      continue
    }
    const vehicleTimeMs = isTime(timeMs) ? timeMs : undefined
    const ack = { id: alertId, revision: revision ?? 0, stage: stage ?? 0, dropReason: dropReason ?? 0, vehicleTimeMs }
    zone.deliveries.acknowledge(session.row, ack, nowMs)
  }
}

/** Answers the vehicle's question; the vehicle's time in it corrects what we take its clock to show. */
function exchangeTime(zone: ZoneState, session: Session, message: FrameMessage<'time'>, nowMs: number): void {
  const { askedTimeMs } = message
  if (message.receivedTimeMs != null || !isTime(askedTimeMs)) return
  zone.tracks.offsetMs[session.row] = nowMs - askedTimeMs
  const wallMs = zone.clock.wallMs()
  sendControl(zone, session, 'time', { askedTimeMs, receivedTimeMs: wallMs, answeredTimeMs: wallMs })
  acknowledge(zone, session)
}
