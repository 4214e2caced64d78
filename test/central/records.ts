// Records as nodes and regions write them, from a seed, with everything that makes a reader apply one twice: repeats of a record, one report
// at two nodes, ranges out of order, gaps. What a right reader makes of them is counted beside.
import type { NewRecord } from '@outrider/event-log'
import { outrider } from '@outrider/protocol'
import { entryKinds } from '@outrider/uplink'
import { placeRecord } from '../../apps/region/src/record-topic.js'

const { AlertStatus, DeliveryState, DropReason, EndReason, HazardState, IssuerRole, Lane, Priority, Record, TrafficDirection } = outrider.v1

export const authority = 'outrider.local'

export interface LogPlace {
  readonly node: string
  readonly lane: number
  readonly epoch: number
  readonly sequence: number
}

export interface Placed {
  readonly topic: string
  readonly record: NewRecord
}

/** A record with its identity, sorted to its topic by the region's own code. */
export function placed(place: LogPlace, body: outrider.v1.Record.$Properties, atMs: number): Placed {
  const record = Record.encode({ schema: 1, authority, recordedTimeMs: atMs, clockTimeMs: atMs, ...body, ...place }).finish()
  return placeRecord({ kind: entryKinds.record, ...place, record, extra: new Uint8Array(0) }, Math.floor(atMs))
}

export function reportBody(
  vehicle: string,
  sdkStart: number,
  number: number,
  atMs: number,
  urgent: boolean,
): outrider.v1.Record.$Properties {
  const samples = [{ timeOffsetMs: 0, latitudeE7: 602_000_000 + number, longitudeE7: 249_000_000, speedCmps: 1_200 }]
  return { report: { vehicle, sdkStart, receivedTimeMs: atMs, urgent, report: { number, timeMs: atMs, samples } } }
}

export interface AlertPlan {
  readonly id: outrider.v1.AlertId.$Properties
  readonly atMs: number
  readonly latitudeE7?: number
  readonly longitudeE7?: number
}

export function alertMessage(
  { id, atMs, latitudeE7 = 602_000_000, longitudeE7 = 249_000_000 }: AlertPlan,
  revision: number,
): outrider.v1.Alert.$Properties {
  return {
    id,
    revision,
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 94, subCause: 2 },
    eventPosition: { latitudeE7, longitudeE7 },
    referenceHeadingDecideg: 900,
    trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
    awarenessDistanceM: 1_000,
    area: { circle: { center: { latitudeE7, longitudeE7 }, radiusCm: 3_000 } },
    priority: Priority.PRIORITY_WARNING,
    issuerRole: IssuerRole.ISSUER_ROLE_DETECTED,
    sources: 2,
    informationQuality: 4,
    detectionTimeMs: atMs,
    referenceTimeMs: atMs + revision,
    validUntilMs: atMs + 3_600_000,
    keepUntilMs: atMs + 4 * 3_600_000,
  }
}

export function endBody({ id, atMs }: AlertPlan, revision: number): outrider.v1.Record.$Properties {
  const ending = { reason: EndReason.END_REASON_RESOLVED, endedTimeMs: atMs + 60_000, endedBy: IssuerRole.ISSUER_ROLE_DETECTED }
  return { end: { alertId: id, revision, ending, keepUntilMs: atMs + 4 * 3_600_000 } }
}

export function deliveryBody(
  alertId: outrider.v1.AlertId.$Properties,
  revision: number,
  vehicle: string,
  state: outrider.v1.DeliveryState,
  timeMs: number,
): outrider.v1.Record.$Properties {
  const dropReason = state === DeliveryState.DELIVERY_STATE_DROPPED ? DropReason.DROP_REASON_DISCONNECTED : 0
  return { delivery: { alertId, revision, vehicle, state, dropReason, timeMs } }
}

/** What central must say of a scene. */
export interface Expected {
  readonly identities: number
  readonly applications: number
  readonly duplicates: 0
  readonly applied: number
  readonly repeatsDropped: number
  readonly lost: number
  readonly alerts: number
  readonly ended: number
  readonly targeted: number
  readonly acknowledged: number
  readonly deadLetters: number
}

export interface Scene {
  readonly records: readonly Placed[]
  readonly expected: Expected
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `vehicles` at each of three nodes, `rounds` reports each, alerts and their deliveries, repeats among them. */
export function createScene(seed: number, vehicles: number, rounds: number, startMs: number): Scene {
  const random = createRandom(seed)
  const records: Placed[] = []
  const next = new Map<string, number>()
  const nodes = ['north-1', 'south-1', 'west-1']
  const expected = {
    identities: 0,
    applied: 0,
    repeatsDropped: 0,
    lost: 0,
    alerts: 0,
    ended: 0,
    targeted: 0,
    acknowledged: 0,
    deadLetters: 0,
  }
  const write = (node: string, lane: number, body: outrider.v1.Record.$Properties, atMs: number): Placed => {
    const log = `${node}/${lane}`
    const sequence = (next.get(log) ?? 0) + 1
    next.set(log, sequence)
    const record = placed({ node, lane, epoch: 7_000 + nodes.indexOf(node), sequence }, body, atMs)
    records.push(record)
    expected.applied++
    return record
  }
  for (let round = 1; round <= rounds; round++) {
    const atMs = startMs + round * 1_000
    for (const [index, node] of nodes.entries()) {
      for (let vehicle = 0; vehicle < vehicles; vehicle++) {
        const name = `${node}-vehicle-${vehicle}`
        const urgent = random() < 0.1
        const body = reportBody(name, 42, round, atMs, urgent)
        const record = write(node, urgent ? Lane.LANE_URGENT : Lane.LANE_TELEMETRY, body, atMs)
        expected.identities++
        // The record comes again: a region or a producer sent it twice.
        if (random() < 0.05) {
          records.push(record)
          expected.repeatsDropped++
        }
        // Its acknowledgement was lost, and the vehicle told the next node as well: another record, the same report.
        if (urgent && random() < 0.3) {
          write(nodes[(index + 1) % nodes.length]!, Lane.LANE_URGENT, body, atMs + 200)
          expected.applied--
          expected.repeatsDropped++
        }
      }
      if (random() < 0.3) writeAlert(node, round, atMs)
      if (random() < 0.1) {
        const log = `${node}/${Lane.LANE_TELEMETRY}`
        const first = (next.get(log) ?? 0) + 1
        const last = first + Math.floor(random() * 20)
        next.set(log, last)
        const gap = { gap: { firstSequence: first, lastSequence: last, reason: 1 } }
        records.push(placed({ node, lane: Lane.LANE_TELEMETRY, epoch: 7_000 + index, sequence: first }, gap, atMs))
        expected.applied++
        expected.lost += last - first + 1
      }
      if (random() < 0.1) {
        // Bytes that no version wrote: the record's topic and place are known, nothing else.
        records.push({ topic: 'outrider.reports', record: { key: node, value: Buffer.from('ffffff', 'hex'), timeMs: Math.floor(atMs) } })
        expected.deadLetters++
      }
    }
  }

  function writeAlert(node: string, round: number, atMs: number): void {
    const plan = { id: { node, boot: 99, sequence: round }, atMs }
    const revisions = 1 + Math.floor(random() * 3)
    write(node, Lane.LANE_URGENT, { hazard: { id: plan.id, state: HazardState.HAZARD_STATE_PUBLIC } }, atMs)
    for (let revision = 1; revision <= revisions; revision++)
      write(node, Lane.LANE_URGENT, { alert: alertMessage(plan, revision) }, atMs + revision)
    expected.alerts++
    for (let vehicle = 0; vehicle < Math.min(3, vehicles); vehicle++) {
      const name = `${node}-vehicle-${vehicle}`
      write(node, Lane.LANE_URGENT, deliveryBody(plan.id, 1, name, DeliveryState.DELIVERY_STATE_TARGETED, atMs + 5), atMs + 5)
      expected.targeted++
      if (random() < 0.7) {
        write(node, Lane.LANE_URGENT, deliveryBody(plan.id, 1, name, DeliveryState.DELIVERY_STATE_ACKNOWLEDGED, atMs + 30), atMs + 30)
        expected.acknowledged++
      }
    }
    if (random() < 0.5) {
      write(node, Lane.LANE_URGENT, endBody(plan, revisions), atMs + 60_000)
      expected.ended++
    }
  }

  return { records, expected: { ...expected, applications: expected.identities, duplicates: 0 } }
}
