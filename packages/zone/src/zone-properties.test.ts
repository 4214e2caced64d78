import { encodeFrame, outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestZone, type Motion, positionAt, type TestVehicle, type TestZoneOptions } from './test-zone.js'

const { EndReason, IssuerRole, TrafficDirection } = outrider.v1

/** What can happen to a zone; vehicles and alerts by small numbers, places on a street 2 km long. */
type Step =
  | { readonly kind: 'report'; readonly vehicle: number; readonly motion: Motion }
  | { readonly kind: 'reconnect' | 'stall' | 'free' | 'close' | 'silence' | 'answer'; readonly vehicle: number }
  | {
      readonly kind: 'issue' | 'revise'
      readonly alert: number
      readonly northM: number
      readonly awarenessM: number
      readonly validityMs: number
    }
  | { readonly kind: 'end'; readonly alert: number }
  | { readonly kind: 'pass'; readonly ms: number }

const vehicle = fc.nat(5)
const alert = fc.nat(3)
const northM = fc.integer({ min: -1_000, max: 1_000 })
const motion: fc.Arbitrary<Motion> = fc.record({
  eastM: fc.constant(0),
  northM,
  speedMps: fc.constantFrom(0, 15, 30),
  headingDeg: fc.constantFrom(0, 180),
  flags: fc.constantFrom([], [], [], ['hazard_lights' as const], ['airbag' as const], ['aeb' as const]),
})
const told = { northM, awarenessM: fc.constantFrom(0, 200, 1_000), validityMs: fc.constantFrom(2_000, 20_000) }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('report' as const), vehicle, motion }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('reconnect' as const, 'stall', 'free', 'close', 'silence', 'answer'), vehicle }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('issue' as const, 'revise'), alert, ...told }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), alert }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(100, 1_000, 6_000) }) },
)

function createRun(options: TestZoneOptions = {}) {
  const zone = createTestZone({ policy: { outboxMax: 2 }, ...options })
  const vehicles = Array.from({ length: 6 }, (_, index) => zone.vehicle(`v${index}`, index === 5).connect())
  const keys = new Map<number, string>()
  const draft = (at: Extract<Step, { kind: 'issue' | 'revise' }>) => ({
    content: {
      status: outrider.v1.AlertStatus.ALERT_STATUS_ACTUAL,
      cause: { code: 10, subCause: at.alert },
      eventPosition: positionAt(0, at.northM),
      area: { circle: { center: positionAt(0, at.northM), radiusCm: 5_000 } },
      awarenessDistanceM: at.awarenessM,
      referenceHeadingDecideg: 0,
      trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
      issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
    },
    validityMs: at.validityMs,
    renewable: false,
  })
  const take = (each: Step): void => {
    if ('vehicle' in each) act(zone, vehicles[each.vehicle]!, each)
    else if (each.kind === 'pass') zone.pass(each.ms)
    else if (each.kind === 'issue') {
      const outcome = zone.core.issue(draft(each))
      if (outcome.outcome === 'changed') keys.set(each.alert, outcome.changes[0]!.entry.key)
    } else if (each.kind === 'revise') zone.core.revise(keys.get(each.alert) ?? '', draft(each))
    else {
      zone.core.end(keys.get(each.alert) ?? '', { reason: EndReason.END_REASON_CANCELLED, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR })
    }
    zone.turn()
  }
  return { zone, vehicles, take }
}

function act(zone: ReturnType<typeof createTestZone>, who: TestVehicle, each: Extract<Step, { vehicle: number }>): void {
  const isConnected = zone.vehicles.get(who.row) === who
  if (each.kind === 'reconnect') who.connect()
  else if (each.kind === 'silence') who.answers = false
  else if (each.kind === 'answer') who.answers = true
  else if (!isConnected) return
  else if (each.kind === 'report') who.report(each.motion)
  else if (each.kind === 'stall') zone.sockets.setStalled(who.row, true)
  else if (each.kind === 'free') {
    zone.sockets.setStalled(who.row, false)
    zone.core.drained(who.row)
  } else {
    zone.sockets.setStalled(who.row, false)
    zone.vehicles.delete(who.row)
    zone.core.closed(who.row)
  }
}

/** targeted = acknowledged + expired + superseded + ended + withdrawn + moved + dropped + pending. */
function expectConserved(counts: ReturnType<ReturnType<typeof createTestZone>['core']['totals']>): void {
  const dropped = counts.dropped.reduce((sum, each) => sum + each, 0)
  const { acknowledged, expired, superseded, ended, withdrawn, moved, pending } = counts
  expect(pending).toBeGreaterThanOrEqual(0)
  expect(acknowledged + expired + superseded + ended + withdrawn + moved + dropped + pending).toBe(counts.targeted)
}

describe('a zone, whatever happens', { timeout: 60_000 }, () => {
  it('conserves every delivery, delivers nothing twice, and owes nothing in the end', () => {
    let delivered = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), steps => {
        const { zone, vehicles, take } = createRun()
        const connections = new Map<TestVehicle, number>()
        const seen = new Set<string>()
        const had = new Map<TestVehicle, number>()
        for (const each of steps) {
          if (each.kind === 'reconnect') connections.set(vehicles[each.vehicle]!, (connections.get(vehicles[each.vehicle]!) ?? 0) + 1)
          take(each)
          expectConserved(zone.core.totals())
          for (const who of vehicles) {
            for (const { type, message } of who.got.slice(had.get(who) ?? 0)) {
              if (type !== 'alert') continue
              delivered++
              // On a new connection it may come again if it was not answered; on one connection never.
              const { id, revision } = message.alert!
              const key = `${who.name} ${connections.get(who) ?? 0} ${id!.sequence} r${revision}`
              expect(seen.has(key)).toBe(false)
              seen.add(key)
            }
            had.set(who, who.got.length)
          }
        }
        for (const who of vehicles) if (zone.vehicles.get(who.row) === who) act(zone, who, { kind: 'close', vehicle: 0 })
        zone.pass(130_000)
        expectConserved(zone.core.totals())
        expect(zone.core.totals().pending).toBe(0)
        expect(zone.core.gauges()).toMatchObject({ sessions: 0, connected: 0, deliveries: { pairs: 0, due: 0, blocked: 0, owed: 0 } })
        const targeted = zone
          .records('urgent')
          .filter(record => record.delivery?.state === outrider.v1.DeliveryState.DELIVERY_STATE_TARGETED)
        expect(targeted.length).toBeGreaterThanOrEqual(zone.core.totals().targeted - zone.core.totals().recovered)
      }),
      { seed: 73, numRuns: 40 },
    )
    expect(delivered).toBeGreaterThan(200)
  })

  it('gives the same alerts, frames and records when a recording is replayed, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), steps => {
        const [first, second] = [createRun(), createRun()]
        for (const each of steps) {
          first.take(each)
          second.take(each)
        }
        for (const lane of ['urgent', 'telemetry'] as const) {
          const bytes = first.zone.lanes[lane].records.map(record => Buffer.from(record).toString('hex'))
          expect(second.zone.lanes[lane].records.map(record => Buffer.from(record).toString('hex'))).toEqual(bytes)
        }
        for (const [index, who] of first.vehicles.entries()) expect(second.vehicles[index]!.got).toEqual(who.got)
      }),
      { seed: 79, numRuns: 15 },
    )
  })

  it('throws at nothing a socket can say: frames with flipped, lost and doubled bytes, and short texts that say too much', () => {
    const id = { node: 'node-a', boot: 0xb007, sequence: 1 }
    const good = [
      encodeFrame('hello', { sdkStart: 1, held: [{ alertId: id, revision: 1 }], vehicleTimeMs: 5, features: ['x'] }),
      encodeFrame('telemetry', {
        number: 4,
        timeMs: 1.79e12,
        samples: [{ ...positionAt(0, 0), speedCmps: 900, headingDecideg: 5, flags: [1] }],
      }),
      encodeFrame('urgent', {
        number: 5,
        samples: [{ ...positionAt(0, 9), observations: [{ cause: 10 }] }],
        verdicts: [{ alertId: id, kind: 2 }],
      }),
      encodeFrame('deliveryAck', { entries: [{ alertId: id, revision: 1, stage: 2, timeMs: 7 }] }),
      encodeFrame('time', { askedTimeMs: 1.79e12 }),
      encodeFrame('error', { code: 1 }),
    ]
    const tooMuch = new TextEncoder().encode(`{"telemetry":{"samples":[{"observations":[${'{},'.repeat(9_000)}{}]}]}}`)
    const change = fc.record({ frame: fc.nat(good.length - 1), at: fc.nat(80), byte: fc.nat(255), cut: fc.nat(80), isText: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), changes => {
        const { zone, vehicles, take } = createRun()
        take({ kind: 'issue', alert: 0, northM: 0, awarenessM: 500, validityMs: 20_000 })
        for (const { frame, at, byte, cut, isText } of changes) {
          const who = vehicles[0]!
          if (zone.vehicles.get(who.row) !== who) who.connect()
          const bytes = Uint8Array.from(good[frame]!)
          if (at < bytes.length) bytes[at] = byte
          zone.core.receive(
            who.row,
            isText === 0 ? tooMuch : bytes.subarray(0, Math.max(0, bytes.length - Math.max(0, cut - 40))),
            isText === 0,
          )
          zone.turn()
          zone.pass(500)
        }
        expectConserved(zone.core.totals())
      }),
      { seed: 89, numRuns: 60 },
    )
  })

  it('lets malformed, unknown, oversize, late, repeated and future frames cost nobody but their sender anything', () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(fc.integer({ min: 1, max: 20 }), fc.uint8Array({ maxLength: 60 })).map(([type, rest]) => Uint8Array.of(type, ...rest)),
      fc.constant(new Uint8Array(5_000).fill(3)),
    )
    const lie = fc.constantFrom<'late' | 'future' | 'repeat' | 'unplaced' | 'frame' | 'text'>(
      'late',
      'future',
      'repeat',
      'unplaced',
      'frame',
      'text',
    )
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 60 }),
        fc.array(fc.record({ lie, frame }), { minLength: 20, maxLength: 60 }),
        (steps, lies) => {
          const [clean, noisy] = [createRun(), createRun()]
          const liar = noisy.zone.vehicle('liar').connect()
          const far = { eastM: 15_000, northM: 15_000, speedMps: 10, headingDeg: 90 }
          for (const [index, each] of steps.entries()) {
            clean.take(each)
            const { lie: how, frame: bytes } = lies[index % lies.length]!
            if (noisy.zone.vehicles.get(liar.row) !== liar) liar.connect({ sdkStart: index })
            // Nothing of it is a report that could be true, so that nothing of it may change what others get.
            if (how === 'frame') noisy.zone.core.receive(liar.row, isReport(bytes) ? Uint8Array.of(3, 255) : bytes, false)
            else if (how === 'text') noisy.zone.core.receive(liar.row, bytes, true)
            else if (how === 'late') liar.report(far, { timeMs: noisy.zone.wallMs() - 100_000 })
            else if (how === 'future') liar.report(far, { timeMs: noisy.zone.wallMs() + 100_000 })
            else if (how === 'repeat') liar.report(far, { number: 1 })
            else liar.report(far, { samples: [{}] })
            noisy.take(each)
          }
          for (const [index, who] of clean.vehicles.entries()) expect(noisy.vehicles[index]!.got).toEqual(who.got)
          const alertsOf = (run: typeof clean) => run.zone.records('urgent').filter(record => record.alert != null || record.end != null)
          expect(alertsOf(noisy)).toEqual(alertsOf(clean))
        },
      ),
      { seed: 83, numRuns: 15 },
    )
  })
})

/** Random bytes that happen to be a whole report would be one. */
function isReport(bytes: Uint8Array): boolean {
  return bytes[0] === 3 || bytes[0] === 4
}
