import { outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { createTestZone, positionAt, type TestVehicle } from './test-zone.js'

type TestZone = ReturnType<typeof createTestZone>
const { EndReason, IssuerRole, Priority, TrafficDirection } = outrider.v1

/** A vehicle that drives at constant speed along a heading: one report a second. */
function drive(vehicle: TestVehicle, from: { eastM: number; northM: number; speedMps: number; headingDeg: number }, second: number): void {
  const alongM = from.speedMps * second
  const rad = (from.headingDeg * Math.PI) / 180
  vehicle.report({ ...from, eastM: from.eastM + Math.sin(rad) * alongM, northM: from.northM + Math.cos(rad) * alongM })
}

/** The street of the scenes: `braker` drives north at 20 m/s and brakes at 8 m/s2 in the fourth second; the others go on as they are. */
function brakeScene(zone: TestZone, json = false) {
  const braker = zone.vehicle('braker').connect()
  const behind = zone.vehicle('behind', json).connect()
  const farBehind = zone.vehicle('far behind').connect()
  const ahead = zone.vehicle('ahead').connect()
  const opposite = zone.vehicle('opposite').connect()
  const crossing = zone.vehicle('crossing').connect()
  for (let second = 0; second <= 4; second++) {
    drive(behind, { eastM: 0, northM: -80, speedMps: 20, headingDeg: 0 }, second)
    drive(farBehind, { eastM: 0, northM: -900, speedMps: 20, headingDeg: 0 }, second)
    drive(ahead, { eastM: 0, northM: 120, speedMps: 20, headingDeg: 0 }, second)
    drive(opposite, { eastM: -4, northM: 400, speedMps: 20, headingDeg: 180 }, second)
    drive(crossing, { eastM: -200, northM: 60, speedMps: 10, headingDeg: 90 }, second)
    if (second < 3) drive(braker, { eastM: 0, northM: 0, speedMps: 20, headingDeg: 0 }, second)
    else if (second === 3) braker.report({ eastM: 0, northM: 56, speedMps: 12, headingDeg: 0 })
    zone.turn()
    zone.setNow(zone.nowMs() + 1_000)
  }
  return { braker, behind, farBehind, ahead, opposite, crossing }
}

describe('a vehicle brakes hard', () => {
  for (const json of [false, true]) {
    it(`and those behind get it, those ahead, far, opposite and crossing do not (${json ? 'JSON' : 'binary'})`, () => {
      const zone = createTestZone()
      const { behind, farBehind, ahead, opposite, crossing } = brakeScene(zone, json)
      expect(behind.alerts()).toEqual(['99/1 r1'])
      for (const vehicle of [farBehind, ahead, opposite, crossing]) expect(vehicle.alerts()).toEqual([])
      const [push] = behind.gotten('alert')
      expect(push).toMatchObject({ priority: Priority.PRIORITY_IMMINENT, alert: { issuerRole: IssuerRole.ISSUER_ROLE_DETECTED } })
      expect(push!.remainingMs).toBeLessThanOrEqual(5_000)
      expect(push!.timeToHazardMs).toBeGreaterThan(500)
      expect(push!.timeToHazardMs).toBeLessThan(6_000)
      expect(push!.alert).toMatchObject({ trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM, referenceHeadingDecideg: 0 })
    })
  }

  it('and the only one in imminent danger is told before the turn ends', () => {
    const zone = createTestZone()
    const braker = zone.vehicle('braker').connect()
    const behind = zone.vehicle('behind').connect()
    for (let second = 0; second < 3; second++) {
      drive(behind, { eastM: 0, northM: -80, speedMps: 20, headingDeg: 0 }, second)
      drive(braker, { eastM: 0, northM: 30, speedMps: 20, headingDeg: 0 }, second)
      zone.setNow(zone.nowMs() + 1_000)
    }
    // The braker itself is in the area too, so both are told; a lone recipient is one that enters.
    braker.report({ eastM: 0, northM: 86, speedMps: 12, headingDeg: 0 })
    zone.turn()
    expect(behind.alerts()).toEqual(['99/1 r1'])
    const late = zone.vehicle('late').connect()
    late.report({ eastM: 0, northM: -60, speedMps: 20, headingDeg: 0 })
    expect(late.alerts()).toEqual(['99/1 r1'])
  })

  it('and who comes later gets it, once, while it lasts; after that nobody', () => {
    const zone = createTestZone()
    brakeScene(zone)
    const later = zone.vehicle('later').connect()
    drive(later, { eastM: 0, northM: -700, speedMps: 30, headingDeg: 0 }, 0)
    zone.pass(1_000)
    expect(later.alerts()).toEqual([])
    drive(later, { eastM: 0, northM: -300, speedMps: 30, headingDeg: 0 }, 0)
    zone.turn()
    const again = zone.vehicle('again').connect()
    for (let second = 0; second < 2; second++) {
      drive(again, { eastM: 0, northM: -380, speedMps: 30, headingDeg: 0 }, second)
      zone.pass(500)
      zone.setNow(zone.nowMs() + 500)
    }
    expect(again.alerts()).toEqual(['99/1 r1'])
    zone.pass(10_000)
    const tooLate = zone.vehicle('too late').connect()
    drive(tooLate, { eastM: 0, northM: -200, speedMps: 20, headingDeg: 0 }, 0)
    zone.turn()
    expect(tooLate.alerts()).toEqual([])
    expect(zone.core.counts.alerts).toMatchObject({ issued: 1, expired: 1 })
    expect(zone.core.totals().pending).toBe(0)
  })

  it('and nobody is told when the report of it was held up for longer than the alert would be valid', () => {
    const zone = createTestZone()
    const braker = zone.vehicle('braker').connect()
    const behind = zone.vehicle('behind').connect()
    const brakedAtMs = zone.wallMs()
    const sample = (northM: number, speedMps: number, timeOffsetMs: number) => ({
      ...positionAt(0, northM),
      speedCmps: speedMps * 100,
      headingDecideg: 0,
      timeOffsetMs,
    })
    zone.pass(8_000)
    behind.report({ eastM: 0, northM: -100, speedMps: 20, headingDeg: 0 })
    const samples = [sample(0, 20, 0), sample(16, 12, 1_000)]
    braker.send('telemetry', { number: 1, timeMs: brakedAtMs, samples })
    zone.turn()
    expect(behind.alerts()).toEqual([])
    expect(zone.core.counts.evidenceRefused).toMatchObject({ outdated: 1 })
    // Two seconds late is not too late.
    braker.send('telemetry', {
      number: 2,
      timeMs: zone.wallMs() - 3_000,
      samples: samples.map(each => ({ ...each, latitudeE7: each.latitudeE7 + 500 })),
    })
    zone.turn()
    expect(behind.alerts()).toEqual(['99/1 r1'])
  })

  it('and the ledger, the records and the acknowledgements agree', () => {
    const zone = createTestZone()
    const { braker, behind } = brakeScene(zone)
    const [push] = behind.gotten('alert')
    const key = `node-a/0000b007/${push!.alert!.id!.sequence}`
    // Behind, and the braking vehicle itself, which is in the area.
    expect(zone.core.ledger(key)).toMatchObject([{ revision: 1, targeted: 2, acknowledged: 2, pending: 0 }])
    expect(braker.alerts()).toEqual(['99/1 r1'])
    const urgent = zone.records('urgent')
    expect(urgent.filter(record => record.alert != null)).toMatchObject([
      { schema: 1, authority: 'test', boot: 0xb007, clockOffsetMs: 250 },
    ])
    expect(
      urgent
        .filter(record => record.delivery != null)
        .map(({ delivery }) => delivery!.vehicle)
        .sort(),
    ).toEqual(['behind', 'braker'].flatMap(name => [name, name, name]).sort())
    // Issue 5: targeted, sent, received by the vehicle, acknowledged; each record says what is known by then.
    const ofBehind = urgent.flatMap(({ delivery }) => (delivery?.vehicle === 'behind' ? [delivery] : []))
    expect(ofBehind.map(({ sentTimeMs }) => sentTimeMs === null)).toEqual([true, false, false])
    expect(ofBehind.every(({ sentTimeMs, timeMs }) => sentTimeMs === null || sentTimeMs === timeMs)).toBe(true)
    const reports = zone.records('telemetry')
    expect(reports.length).toBe(zone.core.counts.reportsAccepted.telemetry)
    expect(reports[0]).toMatchObject({ report: { vehicle: 'behind', sdkStart: 7, report: { number: 1 } } })
  })
})

describe('a standing vehicle', () => {
  const stopped = { eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, flags: ['hazard_lights'] } as const

  function standScene(zone: TestZone) {
    const stalled = zone.vehicle('stalled').connect()
    stalled.report({ eastM: 0, northM: -3, speedMps: 3, headingDeg: 0 })
    const comes = zone.vehicle('comes').connect()
    for (let second = 1; second <= 8; second++) {
      zone.pass(1_000)
      stalled.report(stopped)
      drive(comes, { eastM: 0, northM: -800, speedMps: 15, headingDeg: 0 }, second)
    }
    zone.turn()
    return { stalled, comes }
  }

  it('is told once, renewed silently while it stands, and ended to holders when it moves on', () => {
    const zone = createTestZone()
    const { stalled, comes } = standScene(zone)
    expect(comes.alerts()).toEqual(['94/0 r1'])
    for (let second = 0; second < 40; second++) {
      zone.pass(1_000)
      stalled.report(stopped)
      // It slows down gently and stops.
      comes.report({ eastM: 0, northM: [-666, -656, -650][second] ?? -648, speedMps: [12, 8, 4][second] ?? 0.4, headingDeg: 0 })
    }
    const pushes = comes.gotten('alert')
    expect(pushes.length).toBeGreaterThan(1)
    expect(pushes.slice(1).every(({ alert }) => alert?.renewal === true)).toBe(true)
    expect(zone.core.counts.alerts.issued).toBe(1)
    for (let second = 1; second <= 4; second++) {
      zone.pass(1_000)
      expect(comes.gotten('end')).toEqual([])
      stalled.report({ eastM: 0, northM: second * second * 2, speedMps: second * 4, headingDeg: 0 })
    }
    zone.turn()
    expect(comes.gotten('end')).toMatchObject([{ reason: EndReason.END_REASON_RESOLVED }])
    expect(zone.records('urgent').filter(record => record.end != null)).toHaveLength(1)
  })

  it('that two drivers say is gone is ended; one is not enough', () => {
    const zone = createTestZone()
    const { comes } = standScene(zone)
    const { id, revision } = comes.gotten('alert')[0]!.alert!
    const verdicts = [{ alertId: id!, revision: revision!, kind: outrider.v1.VerdictKind.VERDICT_KIND_GONE, timeMs: zone.wallMs() }]
    comes.report({ eastM: 0, northM: -650, speedMps: 15, headingDeg: 0, verdicts })
    zone.turn()
    expect(comes.gotten('end')).toHaveLength(0)
    const other = zone.vehicle('other').connect()
    other.report({ eastM: 0, northM: -500, speedMps: 15, headingDeg: 0, verdicts })
    zone.turn()
    expect(comes.gotten('end')).toHaveLength(1)
  })

  it('is no longer told to one who has passed, and told so once', () => {
    const zone = createTestZone()
    const { stalled, comes } = standScene(zone)
    for (let second = 9; second <= 64; second++) {
      zone.pass(1_000)
      stalled.report(stopped)
      drive(comes, { eastM: 0, northM: -800, speedMps: 15, headingDeg: 0 }, second)
      zone.turn()
    }
    expect(comes.gotten('end')).toMatchObject([{ scope: outrider.v1.EndScope.END_SCOPE_WITHDRAWN }])
    expect(comes.gotten('alert').filter(({ alert }) => alert?.renewal !== true)).toHaveLength(1)
  })
})

describe('a call into the zone', () => {
  it('is one moment, however long it takes: all its records and the alert in it bear the same times', () => {
    const zone = createTestZone({ readingMs: 3 })
    const behind = zone.vehicle('behind').connect()
    behind.report({ eastM: 0, northM: -100, speedMps: 20, headingDeg: 0 })
    const crashed = zone.vehicle('crashed').connect()
    crashed.report({ eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, flags: ['ecall_auto'] })
    const urgent = zone.records('urgent')
    const { alert } = urgent.find(record => record.alert != null)!
    const times = urgent.flatMap(record => [record.recordedTimeMs, record.delivery?.timeMs ?? record.recordedTimeMs])
    expect(urgent.length).toBeGreaterThanOrEqual(3)
    expect(new Set(times)).toEqual(new Set([alert!.referenceTimeMs]))
    expect(alert!.validUntilMs! - alert!.referenceTimeMs!).toBe(300_000)
  })
})

describe('the steps of the path', () => {
  it('are timed for one report in 64, and for those that lead to an alert', () => {
    const times: number[][] = []
    const zone = createTestZone({ onStages: stages => times.push([...stages]) })
    const vehicle = zone.vehicle('one').connect()
    for (let second = 0; second < 10; second++) {
      zone.setNow(zone.nowMs() + 1_000)
      drive(vehicle, { eastM: 0, northM: 0, speedMps: 10, headingDeg: 0 }, second)
    }
    expect(times).toEqual([])
    zone.setNow(zone.nowMs() + 1_000)
    vehicle.report({ eastM: 0, northM: 100, speedMps: 9, headingDeg: 0, flags: ['aeb'] })
    expect(times).toHaveLength(1)
    const nowMs = zone.nowMs()
    expect(times[0]).toEqual([nowMs, 0, 0, 0, 0, 0, nowMs, nowMs, nowMs])
    for (let second = 11; second < 75; second++) {
      zone.setNow(zone.nowMs() + 1_000)
      drive(vehicle, { eastM: 0, northM: 0, speedMps: 10, headingDeg: 0 }, second)
    }
    expect(times.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a crashed vehicle that still rolls', () => {
  it('is one alert that follows it, not one after the other', () => {
    const zone = createTestZone()
    const crashed = zone.vehicle('crashed').connect()
    const behind = zone.vehicle('behind').connect()
    for (let second = 0; second < 8; second++) {
      crashed.report({ eastM: 0, northM: second * 10, speedMps: 10, headingDeg: 0, flags: ['airbag'] })
      drive(behind, { eastM: 0, northM: -400, speedMps: 15, headingDeg: 0 }, second)
      zone.pass(1_000)
    }
    expect(behind.alerts()).toEqual(['92/1 r1', '92/1 r2'])
    expect(zone.core.counts.alerts).toMatchObject({ issued: 1, revised: 1, ended: 0 })
  })
})

describe('a sample without a position', () => {
  it('cannot be of the future, and keep an alert alive for ever', () => {
    const zone = createTestZone()
    const crashed = zone.vehicle('crashed').connect()
    crashed.report({ eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, flags: ['airbag'] })
    const says = (timeMs: number) =>
      crashed.send('urgent', { number: ++crashed.number, timeMs, samples: [{ flags: [outrider.v1.Flag.FLAG_AIRBAG] }] })
    says(zone.wallMs() + 7_200_000)
    says(zone.wallMs() - 70_000)
    expect(zone.core.counts.samplesImplausible).toMatchObject({ future: 1, stale: 1 })
    expect(zone.core.counts.evidence).toEqual({ crash: 1 })
    for (let minute = 0; minute < 12; minute++) {
      zone.pass(60_000)
      crashed.send('telemetry', { number: ++crashed.number, timeMs: zone.wallMs(), samples: [{ speedCmps: 0 }] })
    }
    expect(zone.core.counts.alerts).toMatchObject({ issued: 1, expired: 1 })
  })
})

describe("a driver's report", () => {
  const seen = { observations: [{ cause: 10, subCause: 1, distanceDm: 500, source: 1 }] }

  it('is told to nobody until a second independent vehicle says so', () => {
    const zone = createTestZone()
    const first = zone.vehicle('first').connect()
    const twin = zone.vehicle('twin').connect({}, 'first')
    const second = zone.vehicle('second').connect()
    for (const vehicle of [first, twin]) vehicle.report({ eastM: 0, northM: 0, speedMps: 10, headingDeg: 0, ...seen })
    zone.turn()
    expect(first.alerts()).toEqual([])
    second.report({ eastM: 0, northM: -10, speedMps: 10, headingDeg: 0, ...seen })
    zone.turn()
    expect(first.alerts()).toEqual(['10/1 r1'])
    expect(first.gotten('alert')[0]!.alert!.sources).toBe(2)
  })

  it('of a standby link is never evidence and never recorded, but matched when it becomes primary', async () => {
    const zone = createTestZone()
    const STANDBY = outrider.v1.LinkRole.LINK_ROLE_STANDBY
    const standby = zone.vehicle('standby').connect({ role: STANDBY })
    const first = zone.vehicle('first').connect()
    for (const vehicle of [standby, first]) vehicle.report({ eastM: 0, northM: 0, speedMps: 10, headingDeg: 0, ...seen })
    zone.turn()
    await zone.synced()
    expect(first.alerts()).toEqual([])
    expect(standby.gotten('reportAck').at(-1)).toMatchObject({
      except: [{ first: 1, last: 1, reason: outrider.v1.RefusalReason.REFUSAL_REASON_STANDBY }],
    })
    zone
      .vehicle('second')
      .connect()
      .report({ eastM: 0, northM: -10, speedMps: 10, headingDeg: 0, ...seen })
    zone.turn()
    expect(first.alerts()).toHaveLength(1)
    expect(standby.alerts()).toEqual([])
    standby.send('hello', { sdkStart: 7 })
    zone.turn()
    expect(standby.alerts()).toEqual(['10/1 r1'])
  })
})

describe('an alert from outside', () => {
  const content = {
    status: outrider.v1.AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 3, subCause: 0 },
    eventPosition: positionAt(0, 0),
    area: { circle: { center: positionAt(0, 0), radiusCm: 20_000 } },
    issuerRole: IssuerRole.ISSUER_ROLE_PARTNER,
    priority: Priority.PRIORITY_INFORMATION,
  }

  it('of a partner is public at once, to all in its area, also to who stands there without a course', () => {
    const zone = createTestZone()
    const inside = zone.vehicle('inside').connect()
    const outside = zone.vehicle('outside').connect()
    inside.report({ eastM: 100, northM: 0, speedMps: 0 })
    outside.report({ eastM: 300, northM: 0, speedMps: 0 })
    const outcome = zone.core.issue({ content, validityMs: 60_000, renewable: false })
    zone.turn()
    expect(outcome.outcome).toBe('changed')
    expect(inside.alerts()).toEqual(['3/0 r1'])
    expect(outside.alerts()).toEqual([])
  })

  it('of another node is delivered and ended here, and not recorded again', () => {
    const zone = createTestZone()
    const inside = zone.vehicle('inside').connect()
    inside.report({ eastM: 100, northM: 0, speedMps: 0 })
    const id = { node: 'region', boot: 1, sequence: 5 }
    const times = {
      referenceTimeMs: zone.wallMs(),
      detectionTimeMs: zone.wallMs(),
      validUntilMs: zone.wallMs() + 60_000,
      keepUntilMs: zone.wallMs() + 600_000,
    }
    const alert = { ...content, ...times, id, revision: 1 }
    expect(zone.core.takeAlert({ alert, remainingMs: 60_000, keepRemainingMs: 600_000 }).outcome).toBe('changed')
    expect(zone.core.takeAlert({ alert, remainingMs: 60_000, keepRemainingMs: 600_000 }).outcome).toBe('ignored')
    zone.turn()
    expect(inside.alerts()).toEqual(['3/0 r1'])
    const ending = { reason: EndReason.END_REASON_CANCELLED, endedTimeMs: zone.wallMs(), endedBy: IssuerRole.ISSUER_ROLE_PARTNER }
    const end = { alertId: id, revision: 1, ending, keepUntilMs: times.keepUntilMs }
    zone.core.takeEnd({ end, keepRemainingMs: 600_000 })
    zone.turn()
    expect(inside.gotten('end')).toMatchObject([{ alertId: id, reason: EndReason.END_REASON_CANCELLED }])
    expect(zone.records('urgent').filter(record => record.alert != null || record.end != null)).toEqual([])
  })

  it('comes in one write with what else a vehicle enters', () => {
    const zone = createTestZone()
    const draft = (code: number, priority: outrider.v1.Priority) => ({
      content: { ...content, cause: { code }, priority },
      validityMs: 60_000,
      renewable: false,
    })
    zone.core.issue(draft(3, Priority.PRIORITY_IMMINENT))
    zone.core.issue(draft(15, Priority.PRIORITY_IMMINENT))
    zone.core.issue(draft(26, Priority.PRIORITY_INFORMATION))
    const enters = zone.vehicle('enters').connect()
    const writes = zone.writes()
    enters.report({ eastM: 0, northM: 199 })
    expect(enters.alerts()).toHaveLength(3)
    expect(zone.writes() - writes).toBe(1)
  })

  it('reaches whoever comes into it outside the indexed ground, too', () => {
    const zone = createTestZone()
    const beyond = {
      ...content,
      eventPosition: positionAt(21_000, 0),
      area: { circle: { center: positionAt(21_000, 0), radiusCm: 20_000 } },
    }
    zone.core.issue({ content: beyond, validityMs: 60_000, renewable: false })
    const [inside, outside] = [zone.vehicle('inside').connect(), zone.vehicle('outside').connect()]
    inside.report({ eastM: 20_900, northM: 0, speedMps: 0 })
    outside.report({ eastM: 20_700, northM: 0, speedMps: 0 })
    zone.turn()
    expect(inside.alerts()).toEqual(['3/0 r1'])
    expect(outside.alerts()).toEqual([])
  })

  it('is told anew by a revision, also to one who was only just out of it and comes back', () => {
    const zone = createTestZone()
    const vehicle = zone.vehicle('at the border').connect()
    const at = (eastM: number) => {
      zone.pass(1_000)
      vehicle.report({ eastM, northM: 0, speedMps: 5, headingDeg: 90 })
      zone.turn()
    }
    at(195)
    const outcome = zone.core.issue({ content, validityMs: 60_000, renewable: false })
    if (outcome.outcome !== 'changed') throw new Error('refused')
    const { key } = outcome.changes[0]!.entry
    at(205)
    // Ten metres of jitter change nothing.
    expect(vehicle.gotten('end')).toEqual([])
    zone.core.revise(key, { content: { ...content, advice: 1 }, validityMs: 60_000, renewable: false })
    zone.turn()
    expect(vehicle.gotten('end')).toMatchObject([{ scope: outrider.v1.EndScope.END_SCOPE_WITHDRAWN }])
    at(200)
    at(195)
    at(190)
    expect(vehicle.alerts()).toEqual(['3/0 r1', '3/0 r2'])
    expect(vehicle.gotten('end')).toHaveLength(1)
  })

  it('is matched anew by a renewal of a revision that this node missed', () => {
    const zone = createTestZone()
    const [old, young] = [zone.vehicle('old').connect(), zone.vehicle('young').connect()]
    old.report({ eastM: 0, northM: 0, speedMps: 0 })
    young.report({ eastM: 1_000, northM: 0, speedMps: 0 })
    const times = { detectionTimeMs: zone.wallMs(), validUntilMs: zone.wallMs() + 60_000, keepUntilMs: zone.wallMs() + 600_000 }
    const take = (revision: number, eastM: number, renewal: boolean) => {
      const area = { circle: { center: positionAt(eastM, 0), radiusCm: 20_000 } }
      const alert = { ...content, ...times, area, id: { node: 'region', boot: 1, sequence: 5 }, revision, renewal }
      zone.core.takeAlert({ alert, remainingMs: 60_000, keepRemainingMs: 600_000 })
      zone.turn()
    }
    take(1, 0, false)
    take(3, 1_000, true)
    expect(old.alerts()).toEqual(['3/0 r1'])
    expect(old.gotten('end')).toMatchObject([{ scope: outrider.v1.EndScope.END_SCOPE_WITHDRAWN }])
    expect(young.alerts()).toEqual(['3/0 r3'])
    take(4, 1_000, true)
    expect(young.alerts()).toEqual(['3/0 r3', '3/0 r4'])
    // It expired here before the next one came; who is there now is told, without having to report first.
    zone.pass(61_000)
    const late = zone.vehicle('late').connect()
    late.report({ eastM: 1_000, northM: 0, speedMps: 0 })
    take(5, 1_000, true)
    expect(late.alerts()).toEqual(['3/0 r5'])
  })

  it.each([
    ['no area', { ...content, area: null }],
    [
      'an area of two points',
      { ...content, area: { polygons: { polygons: [{ outer: { points: [positionAt(0, 0), positionAt(0, 9)] } }] } } },
    ],
    ['a radius of nothing', { ...content, area: { circle: { center: positionAt(0, 0), radiusCm: 0 } } }],
    ['NaN', { ...content, area: { circle: { center: { latitudeE7: Number.NaN, longitudeE7: 0 }, radiusCm: 100 } } }],
  ])('with %s is refused and goes to nobody', (_what, bad) => {
    const zone = createTestZone()
    const inside = zone.vehicle('inside').connect()
    inside.report({ eastM: 0, northM: 0, speedMps: 0 })
    expect(zone.core.issue({ content: bad, validityMs: 60_000, renewable: false })).toMatchObject({ outcome: 'refused', reason: 'invalid' })
    zone.turn()
    expect(inside.alerts()).toEqual([])
    expect(zone.core.counts.alertsRefused.invalid).toBe(1)
  })

  it('takes the place of what vehicles found before, and what they find after it has ended is told again', () => {
    const zone = createTestZone()
    const stalled = zone.vehicle('stalled').connect()
    const behind = zone.vehicle('behind').connect()
    const stand = (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        behind.report({ eastM: 0, northM: -300, speedMps: 0.5, headingDeg: 0 })
        stalled.report({ eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, flags: ['breakdown'] })
        zone.pass(1_000)
      }
    }
    behind.report({ eastM: 0, northM: -303, speedMps: 2, headingDeg: 0 })
    stand(8)
    expect(behind.alerts()).toEqual(['94/2 r1'])
    const elsewhere = {
      ...content,
      cause: { code: 94 },
      eventPosition: positionAt(900, 0),
      area: { circle: { center: positionAt(900, 0), radiusCm: 5_000 } },
    }
    zone.core.issue({ content: elsewhere, validityMs: 60_000, renewable: false })
    zone.core.issue({ content: { ...content, cause: { code: 10 } }, validityMs: 60_000, renewable: false })
    zone.turn()
    expect(behind.gotten('end')).toEqual([])
    const operator = { ...content, issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR, cause: { code: 91 }, awarenessDistanceM: 1_000 }
    const outcome = zone.core.issue({ content: operator, validityMs: 600_000, renewable: false })
    if (outcome.outcome !== 'changed') throw new Error('refused')
    const { key, id } = outcome.changes[0]!.entry
    zone.turn()
    expect(behind.alerts().at(-1)).toBe('91/0 r1')
    expect(behind.gotten('end')).toMatchObject([{ reason: EndReason.END_REASON_MERGED, mergedInto: id }])
    stand(10)
    expect(zone.core.counts.alerts.issued).toBe(4)
    zone.core.end(key, { reason: EndReason.END_REASON_CANCELLED, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR })
    stand(2)
    expect(behind.alerts().at(-1)).toBe('94/2 r1')
    expect(zone.core.counts.alerts.issued).toBe(5)
  })

  it("explains what vehicles would find: no second alert for an operator's hazard", () => {
    const zone = createTestZone()
    const operator = { ...content, issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR, cause: { code: 94, subCause: 0 } }
    zone.core.issue({ content: operator, validityMs: 60_000, renewable: false })
    const stalled = zone.vehicle('stalled').connect()
    for (let second = 0; second < 8; second++) {
      stalled.report({ eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, flags: ['breakdown'] })
      zone.pass(1_000)
    }
    expect(zone.core.counts.alerts.issued).toBe(1)
    expect(zone.core.counts.evidenceRefused.explained).toBeGreaterThan(0)
  })
})
