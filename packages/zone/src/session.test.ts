import { closeCodes, encodeFrame, outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { overloadLevels } from './admission.js'
import { createTestZone, identityOf, positionAt, type TestVehicle } from './test-zone.js'

const { AlertStatus, DropReason, EndScope, IssuerRole, LinkRole, RefusalReason } = outrider.v1
const here = { eastM: 0, northM: 0, speedMps: 10, headingDeg: 0 }
const flashing = { ...here, flags: ['hazard_lights'] } as const

function issueHere(zone: ReturnType<typeof createTestZone>, validityMs = 60_000): string {
  const content = {
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 3 },
    eventPosition: positionAt(0, 0),
    area: { circle: { center: positionAt(0, 0), radiusCm: 50_000 } },
    issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
  }
  const outcome = zone.core.issue({ content, validityMs, renewable: false })
  if (outcome.outcome !== 'changed') throw new Error(outcome.reason)
  return outcome.changes[0]!.entry.key
}

/** A vehicle that drives north at 10 m/s, one report a second, for some seconds. */
function cruise(vehicle: TestVehicle, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    vehicle.report({ ...here, northM: vehicle.number * 10 })
    vehicle.zone.pass(1_000)
  }
}

describe('hello', () => {
  it('is answered with a welcome that names limits, interval, zone and node, and no vehicle', () => {
    const zone = createTestZone()
    const [welcome] = zone.vehicle('someone').connect().gotten('welcome')
    expect(welcome).toMatchObject({
      zone: 'altstadt',
      node: 'node-a',
      intervalMs: 1_000,
      limits: { samplesPerReport: 10, outboxAlerts: 16 },
    })
    expect(welcome!.session).not.toContain('someone')
  })
  it('has to come first, and in time', () => {
    const zone = createTestZone()
    const first = zone.core.open(identityOf('first'), false)
    const late = zone.core.open(identityOf('late'), false)
    if ('refused' in first || 'refused' in late) throw new Error('refused')
    zone.core.receive(first.row, encodeFrame('telemetry', { number: 1 }), false)
    expect(zone.core.counts.framesRefused.hello_expected).toBe(1)
    zone.pass(11_000)
    expect(zone.core.counts.closed.helloExpected).toBe(2)
  })
  it.each([
    ['no SDK start', { sdkStart: null }],
    ['a held alert without a revision', { held: [{ alertId: { node: 'a', sequence: 1 } }] }],
    ['too many held alerts', { held: Array.from({ length: 257 }, () => ({ alertId: { node: 'a', sequence: 1 }, revision: 1 })) }],
  ])('with %s is refused', (_what, hello) => {
    expect(createTestZone().vehicle('bad').connect(hello).closedWith).toBe(closeCodes.helloExpected.code)
  })
  it('of a vehicle that is here already closes its older socket, and resumes its deliveries', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    vehicle.report(here)
    vehicle.answers = false
    issueHere(zone)
    zone.turn()
    expect(vehicle.alerts()).toHaveLength(1)
    vehicle.connect()
    expect(zone.core.counts.closed.replaced).toBe(1)
    zone.turn()
    expect(vehicle.alerts()).toHaveLength(2)
    expect(zone.core.totals()).toMatchObject({ targeted: 1, pending: 1 })
  })
  it('that says what it holds is sent just what is missing, and told what is over or unknown', () => {
    const zone = createTestZone()
    const key = issueHere(zone)
    const id = zone.core.registry.get(key)!.id
    const unknown = { node: 'elsewhere', boot: 3, sequence: 9 }
    const vehicle = zone.vehicle('one').connect({
      held: [
        { alertId: id, revision: 1 },
        { alertId: unknown, revision: 4 },
      ],
    })
    vehicle.report(here)
    zone.turn()
    expect(vehicle.alerts()).toEqual([])
    zone.pass(10_000)
    expect(vehicle.gotten('end')).toMatchObject([{ alertId: unknown, scope: EndScope.END_SCOPE_UNKNOWN }])
    expect(zone.core.totals()).toMatchObject({ targeted: 1, acknowledged: 1, alreadyHeld: 1 })
  })
})

describe('report acknowledgement', () => {
  it('comes for an urgent report with its fsync, never before', async () => {
    const zone = createTestZone({ syncsItself: false })
    const vehicle = zone.vehicle('one').connect()
    vehicle.report(flashing)
    await zone.synced()
    zone.pass(20_000)
    expect(vehicle.gotten('reportAck')).toEqual([])
    zone.lanes.urgent.sync()
    await zone.synced()
    expect(vehicle.gotten('reportAck')).toMatchObject([{ through: 1, ahead: [], except: [] }])
  })
  it('comes with the fsync that holds the report, also if another one was under way when it came', async () => {
    const zone = createTestZone({ syncsItself: false })
    const first = zone.vehicle('first').connect()
    const second = zone.vehicle('second').connect()
    first.report(flashing)
    const underWay = zone.lanes.urgent.appendedThrough
    second.report(flashing)
    zone.lanes.urgent.sync(underWay)
    await zone.synced()
    expect(first.gotten('reportAck')).toMatchObject([{ through: 1 }])
    expect(second.gotten('reportAck')).toEqual([])
    zone.lanes.urgent.sync()
    await zone.synced()
    expect(second.gotten('reportAck')).toMatchObject([{ through: 1 }])
  })
  it('says that an urgent report overtook telemetry, which follows within 10 s of being durable', async () => {
    const zone = createTestZone({ syncsItself: false })
    const vehicle = zone.vehicle('one').connect()
    vehicle.report(here)
    vehicle.report({ ...flashing, northM: 1 })
    zone.lanes.urgent.sync()
    await zone.synced()
    expect(vehicle.gotten('reportAck')).toMatchObject([{ through: 0, ahead: [{ first: 2, last: 2 }] }])
    zone.lanes.telemetry.sync()
    zone.pass(10_500)
    expect(vehicle.gotten('reportAck').at(-1)).toMatchObject({ through: 2, ahead: [] })
  })
  it('is cumulative for telemetry: one frame for ten seconds of reports', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    cruise(vehicle, 30)
    const acks = vehicle.gotten('reportAck')
    expect(acks.length).toBeLessThanOrEqual(4)
    expect(acks.at(-1)!.through).toBeGreaterThanOrEqual(20)
  })
  it('comes again for a repeat, which is counted and recorded once', async () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    vehicle.report(flashing)
    await zone.synced()
    vehicle.report(flashing, { number: 1 })
    await zone.synced()
    expect(vehicle.gotten('reportAck')).toHaveLength(2)
    expect(zone.core.counts.reportsRepeated).toBe(1)
    expect(zone.records('urgent').filter(record => record.report != null)).toHaveLength(1)
  })
  it('names what is refused, by reason', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    vehicle.report(here)
    zone.pass(1_000)
    vehicle.report({ ...here, northM: 10_000 })
    vehicle.report(here, { timeMs: zone.wallMs() - 300_000 })
    zone.core.receive(
      vehicle.row,
      encodeFrame('telemetry', { number: ++vehicle.number, timeMs: zone.wallMs(), samples: [{ speedCmps: 99_999 }] }),
      false,
    )
    zone.core.setOverload(overloadLevels.allTelemetry)
    vehicle.report(here)
    zone.pass(11_000)
    const except = vehicle.gotten('reportAck').flatMap(ack => ack.except ?? [])
    expect(except.map(({ first, reason }) => [first, reason])).toEqual([
      [2, RefusalReason.REFUSAL_REASON_IMPLAUSIBLE],
      [3, RefusalReason.REFUSAL_REASON_STALE],
      [4, RefusalReason.REFUSAL_REASON_OUT_OF_RANGE],
      [5, RefusalReason.REFUSAL_REASON_SHED],
    ])
    expect(vehicle.gotten('error')).toMatchObject([{ field: 'samples[0].speedCmps' }])
  })
  it('does not come from a log that takes nothing; the zone goes on warning', async () => {
    const zone = createTestZone({ recordsMax: 0 })
    const vehicle = zone.vehicle('one').connect()
    const other = zone.vehicle('other').connect()
    other.report({ ...here, northM: -300 })
    vehicle.report({ ...here, flags: ['airbag'] })
    zone.turn()
    await zone.synced()
    expect(other.alerts()).toEqual(['92/1 r1'])
    expect(vehicle.gotten('reportAck')).toEqual([])
    expect(zone.core.counts.reportsRefused.not_recorded).toBe(2)
  })
})

describe('overload', () => {
  it('sheds telemetry far from alerts first, then all of it, and never urgent reports', () => {
    const zone = createTestZone()
    const near = zone.vehicle('near').connect()
    const far = zone.vehicle('far').connect()
    issueHere(zone)
    near.report(here)
    far.report({ ...here, northM: 5_000 })
    zone.core.setOverload(overloadLevels.farTelemetry)
    near.report({ ...here, northM: 1 })
    far.report({ ...here, northM: 5_001 })
    expect(zone.core.counts.shed).toMatchObject({ far_from_alerts: 1, all_telemetry: 0 })
    zone.core.setOverload(overloadLevels.allTelemetry)
    near.report({ ...here, northM: 2 })
    far.report({ ...flashing, northM: 5_002 })
    expect(zone.core.counts.shed).toMatchObject({ far_from_alerts: 1, all_telemetry: 1 })
    expect(zone.core.counts.reportsAccepted).toEqual({ telemetry: 3, urgent: 1 })
  })
  it('asks for longer intervals of those far from alerts', () => {
    const zone = createTestZone()
    const near = zone.vehicle('near').connect()
    const far = zone.vehicle('far').connect()
    issueHere(zone, 600_000)
    near.report(here)
    far.report({ ...here, northM: 5_000 })
    zone.pass(3_000)
    expect(near.gotten('interval')).toEqual([expect.objectContaining({ intervalMs: 500 })])
    expect(far.gotten('interval')).toEqual([])
    zone.core.setOverload(overloadLevels.longerIntervals)
    zone.pass(3_000)
    expect(far.gotten('interval')).toEqual([expect.objectContaining({ intervalMs: 3_000 })])
    expect(near.gotten('interval')).toHaveLength(1)
  })
  it('closes who sends over its rate, at the last level only', () => {
    const zone = createTestZone({ policy: { telemetryPerMinute: 60 } })
    const vehicle = zone.vehicle('one').connect()
    for (let index = 0; index < 15; index++) vehicle.report(here)
    expect(zone.core.counts.shed.over_rate).toBe(5)
    expect(vehicle.closedWith).toBeUndefined()
    zone.core.setOverload(overloadLevels.overRateSessions)
    vehicle.report(here)
    expect(vehicle.closedWith).toBe(closeCodes.overRate.code)
  })
})

describe('acknowledgements', () => {
  const unknown = {
    alertId: { node: 'elsewhere', boot: 3, sequence: 9 },
    revision: 1,
    stage: outrider.v1.DeliveryStage.DELIVERY_STAGE_TAKEN,
  }

  it('cannot fill the log with acknowledgements of alerts that are made up', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    const entries = Array.from({ length: 64 }, (_, index) => ({ ...unknown, alertId: { ...unknown.alertId, sequence: index + 1 } }))
    for (let index = 0; index < 100; index++) vehicle.send('deliveryAck', { entries })
    expect(zone.lanes.urgent.records).toHaveLength(128)
    expect(zone.core.counts.framesRefused.acknowledges_unknown).toBe(6_400 - 128)
    expect(zone.core.totals()).toMatchObject({ targeted: 128, acknowledged: 128, recovered: 128, pending: 0 })
    expect(vehicle.closedWith).toBeUndefined()
  })
  it.each(['', 'a/b', 'x'.repeat(65)])('do not name a node that no node can have: "%s"', node => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    vehicle.send('deliveryAck', { entries: [{ ...unknown, alertId: { node, sequence: 1 } }] })
    expect(vehicle.gotten('error')).toMatchObject([{ field: 'entries.alertId' }])
    expect(zone.lanes.urgent.records).toEqual([])
  })
})

describe('a text frame', () => {
  it('that cannot be used settles its number as the binary one does', async () => {
    const zone = createTestZone({ policy: { urgentPerMinute: 18 } })
    const vehicle = zone.vehicle('one', true).connect()
    const send = (text: string) => zone.core.receive(vehicle.row, new TextEncoder().encode(text), true)
    vehicle.report(flashing)
    send('{"urgent":{"number":2,"timeMs":"yesterday"}}')
    vehicle.report({ ...flashing, northM: 1 }, { number: 3 })
    // Three of a burst are used up: what comes now is not looked into.
    send('{"urgent":{"number":4,')
    await zone.synced()
    zone.pass(11_000)
    expect(zone.core.counts.shed.over_rate).toBe(1)
    expect(vehicle.gotten('reportAck').at(-1)).toMatchObject({ through: 4 })
    expect(vehicle.gotten('reportAck').flatMap(({ except }) => (except ?? []).map(({ first, reason }) => [first, reason]))).toEqual([
      [2, RefusalReason.REFUSAL_REASON_MALFORMED],
      [4, RefusalReason.REFUSAL_REASON_OVER_RATE],
    ])
    expect(vehicle.gotten('error')).toHaveLength(1)
  })
})

/** Reports itself somewhere else every second. */
function jump(vehicle: TestVehicle, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    vehicle.zone.pass(1_000)
    vehicle.report({ ...here, eastM: ((second * second) % 61) * 3_000 })
  }
}

describe('a session is closed', () => {
  it.each([
    [
      'malformed',
      (vehicle: TestVehicle) => Array.from({ length: 10 }, () => vehicle.zone.core.receive(vehicle.row, Uint8Array.of(3, 255), false)),
    ],
    ['tooLarge', (vehicle: TestVehicle) => vehicle.zone.core.receive(vehicle.row, new Uint8Array(5_000).fill(3), false)],
    ['tokenExpired', (vehicle: TestVehicle) => vehicle.zone.pass(3_600_000)],
    ['implausible', (vehicle: TestVehicle) => jump(vehicle, 60)],
  ] as const)('as %s', (code, provoke) => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('one').connect()
    provoke(vehicle)
    expect(vehicle.closedWith).toBe(closeCodes[code].code)
  })
  it('as stalled when its oldest alert was not received for 5 s, and others are not kept waiting', () => {
    const zone = createTestZone()
    const [stalled, reader] = [zone.vehicle('stalled').connect(), zone.vehicle('reader').connect()]
    for (const vehicle of [stalled, reader]) vehicle.report(here)
    zone.sockets.setStalled(stalled.row, true)
    issueHere(zone, 600_000)
    zone.turn()
    expect(reader.alerts()).toHaveLength(1)
    zone.pass(6_000)
    expect(stalled.closedWith).toBe(closeCodes.stalled.code)
    expect(reader.closedWith).toBeUndefined()
    // It does not come back: the ledger says that it did not acknowledge, not that it went.
    zone.pass(130_000)
    const { dropped } = zone.core.totals()
    expect(dropped[DropReason.DROP_REASON_UNACKNOWLEDGED]).toBe(1)
    expect(dropped[DropReason.DROP_REASON_DISCONNECTED]).toBe(0)
  })
  it('and does not come back: what it was still to get is dropped, or moved if it had another node as its primary one', () => {
    const zone = createTestZone()
    const [gone, elsewhere] = [zone.vehicle('gone').connect(), zone.vehicle('elsewhere').connect()]
    for (const vehicle of [gone, elsewhere]) {
      vehicle.answers = false
      vehicle.report(here)
    }
    const key = issueHere(zone, 600_000)
    zone.turn()
    elsewhere.send('hello', { sdkStart: 7, role: LinkRole.LINK_ROLE_STANDBY })
    for (const vehicle of [gone, elsewhere]) zone.core.closed(vehicle.row)
    expect(zone.core.ledger(key)).toMatchObject([{ targeted: 2, pending: 2 }])
    zone.pass(130_000)
    const [ledger] = zone.core.ledger(key)!
    expect(ledger).toMatchObject({ targeted: 2, moved: 1, pending: 0 })
    expect(ledger!.dropped[DropReason.DROP_REASON_DISCONNECTED]).toBe(1)
  })
  it('never for a frame type of a newer SDK', () => {
    const vehicle = createTestZone().vehicle('one').connect()
    for (let index = 0; index < 50; index++) vehicle.zone.core.receive(vehicle.row, Uint8Array.of(99, 1, 2), false)
    expect(vehicle.closedWith).toBeUndefined()
    expect(vehicle.zone.core.counts.framesRefused.unknown_type).toBe(50)
  })
})

describe('a silent vehicle', () => {
  it('is also one that still reports, but no longer says where it is', () => {
    const zone = createTestZone()
    const lost = zone.vehicle('in a tunnel').connect()
    lost.report(here)
    for (let second = 0; second < 15; second++) {
      zone.pass(1_000)
      lost.send('telemetry', { number: ++lost.number, timeMs: zone.wallMs(), samples: [{ speedCmps: 1_000 }] })
    }
    issueHere(zone)
    zone.turn()
    expect(lost.alerts()).toEqual([])
    zone.pass(1_000)
    lost.report({ ...here, northM: 160 })
    zone.turn()
    expect(lost.alerts()).toHaveLength(1)
  })
  it('is looked for where it would be by now, and not targeted after 10 s until it reports', () => {
    const zone = createTestZone()
    const coming = zone.vehicle('coming').connect()
    const silent = zone.vehicle('silent').connect()
    coming.report({ ...here, northM: -620, speedMps: 20 })
    silent.report({ ...here, northM: -400 })
    zone.pass(8_000)
    issueHere(zone, 600_000)
    zone.turn()
    // 620 m away and 160 m driven: inside the 500 m area now.
    expect(coming.alerts()).toHaveLength(1)
    zone.pass(4_000)
    issueHere(zone, 600_000)
    zone.turn()
    expect(silent.alerts()).toHaveLength(1)
    silent.report({ ...here, northM: -300 })
    zone.turn()
    expect(silent.alerts()).toHaveLength(2)
  })
})

describe('a silent vehicle', () => {
  it('is found at the end of its reach, too, between two ticks', () => {
    const zone = createTestZone()
    const fast = zone.vehicle('fast').connect()
    // 500 m of area, 90.25 m it may be off after 9.5 s; the grid has it where it was half a second before.
    fast.report({ ...here, northM: -1_160, speedMps: 60 })
    zone.pass(9_000)
    zone.setNow(zone.nowMs() + 499)
    issueHere(zone)
    zone.turn()
    expect(fast.alerts()).toHaveLength(1)
  })
})

describe('a full zone', () => {
  it('refuses newcomers, but makes room of those who are gone', () => {
    const zone = createTestZone({ policy: { vehiclesMax: 2 } })
    const first = zone.vehicle('first').connect()
    zone.vehicle('second').connect()
    expect(zone.core.open(identityOf('third'), false)).toEqual({ refused: 'full' })
    zone.vehicles.delete(first.row)
    zone.core.closed(first.row)
    expect(zone.core.open(identityOf('third'), false)).toEqual({ row: first.row })
  })
})
