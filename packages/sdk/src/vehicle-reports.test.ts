import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { messages, place, setUp } from './simulated-drive.fixture.js'
import { latencyMs } from './simulated-world.fixture.js'

const { RefusalReason } = outrider.v1

test('telemetry is batched at the zone’s interval, ten samples at most, spread over it', () => {
  const { core, time, home } = setUp()
  home.welcome = { ...home.welcome, intervalMs: 2_000 }
  time.run(1_000)
  for (let sample = 0; sample < 500; sample++) {
    core.report({ ...place, speedMps: 10 })
    time.run(20)
  }
  const reports = messages(home, 'telemetry')
  expect(reports.length).toBeGreaterThanOrEqual(5)
  expect(reports.length).toBeLessThanOrEqual(6)
  for (const report of reports.slice(1)) {
    expect(report.samples.length).toBeLessThanOrEqual(10)
    expect(report.samples.length).toBeGreaterThanOrEqual(8)
    expect(report.samples.at(-1)!.timeOffsetMs).toBeGreaterThanOrEqual(1_600)
  }
  expect(reports.map(report => report.number)).toEqual(reports.map((_, index) => index + 1))
  const { samples, samplesGivenUp } = core.stats
  const sent = reports.reduce((sum, report) => sum + report.samples.length, 0)
  expect(samples).toBe(500)
  expect(sent + samplesGivenUp).toBeGreaterThanOrEqual(490)
})

test('the zone’s change of interval counts at once', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  home.sockets[0]!.send('interval', { intervalMs: 200 })
  time.run(100)
  for (let sample = 0; sample < 20; sample++) {
    core.report(place)
    time.run(100)
  }
  expect(messages(home, 'telemetry').length).toBeGreaterThanOrEqual(9)
  expect(core.intervalMs).toBe(200)
})

test('an event flag that comes on is urgent once, takes the batch along and stays in telemetry', () => {
  const { core, time, home } = setUp()
  time.run(1_000)
  core.report({ ...place, speedMps: 20 })
  time.run(100)
  core.report({ ...place, speedMps: 21 })
  const number = core.report({ ...place, speedMps: 10, flags: ['hazard_lights', 'fog_front'] })
  expect(number).toBe(2)
  time.run(latencyMs)
  const [urgent] = messages(home, 'urgent')
  expect(urgent!.samples.map(sample => sample.speedCmps)).toEqual([2_100, 1_000])
  home.sockets[0]!.send('reportAck', { through: 2 })
  time.run(1_000)
  expect(core.report({ ...place, flags: ['hazard_lights'] })).toBeUndefined()
  time.run(2_000)
  const last = messages(home, 'telemetry').at(-1)!
  expect(last.samples.at(-1)!.flags).toEqual([1])
  expect(last.number).toBe(3)
  time.run(5_000)
  expect(core.report({ ...place, flags: ['hazard_lights'] }), 'on again after a while off').toBe(4)
  expect(core.report({ ...place, flags: ['fog_front'] }), 'a state, not an event').toBeUndefined()
})

test('an urgent report is sent again with backoff until it is accepted', () => {
  const { core, time, home, vehicle } = setUp()
  time.run(1_000)
  core.report({ ...place, observations: [{ cause: 11, source: 'driver' }] })
  time.run(8_000)
  const sent = messages(home, 'urgent')
  expect(sent.map(report => report.number)).toEqual([1, 1, 1, 1])
  expect(new Set(sent.map(report => JSON.stringify(report))).size).toBe(1)
  home.sockets[0]!.send('reportAck', { through: 0, ahead: [{ first: 1, last: 1 }] })
  time.run(60_000)
  expect(vehicle.urgentOutcomes.get(1)).toEqual({ kind: 'accepted' })
  expect(messages(home, 'urgent')).toHaveLength(4)
})

test('refused is final', () => {
  const { core, time, home, vehicle } = setUp()
  time.run(1_000)
  core.report({ ...place, flags: ['airbag'] })
  home.sockets[0]!.send('reportAck', { through: 1, except: [{ first: 1, last: 1, reason: RefusalReason.REFUSAL_REASON_IMPLAUSIBLE }] })
  time.run(120_000)
  expect(vehicle.urgentOutcomes.get(1)).toEqual({ kind: 'refused', reason: 'implausible' })
  expect(messages(home, 'urgent')).toHaveLength(1)
  expect(core.stats.refused).toEqual({ implausible: 1 })
})

test('after a reconnect urgent reports go again at once, telemetry never, and old acknowledgements do not count', () => {
  const { core, time, home, vehicle } = setUp()
  time.run(1_000)
  core.report(place)
  core.report({ ...place, flags: ['breakdown'] })
  time.run(latencyMs)
  home.sockets[0]!.end()
  time.run(600)
  expect(home.sockets).toHaveLength(2)
  const again = home.sockets[1]!.received.filter(frame => frame.type === 'urgent' || frame.type === 'telemetry')
  expect(again.map(frame => [frame.type, (frame.message as wire.v1.Report).number])).toEqual([['urgent', 2]])
  expect(core.stats).toMatchObject({ unacknowledged: 1, telemetrySent: 1, urgentSent: 1, urgentRepeated: 1, accepted: 0 })
  home.sockets[1]!.send('reportAck', { through: 2 })
  time.run(1_000)
  expect(vehicle.urgentOutcomes.get(2)).toEqual({ kind: 'accepted' })
  expect(core.stats).toMatchObject({ unacknowledged: 1, accepted: 1 })
})

test('without a link an urgent report is given up after 60 s, not before', () => {
  const { core, time, home, vehicle } = setUp()
  home.accepts = false
  core.report({ ...place, flags: ['aeb'] })
  time.run(59_900)
  expect(vehicle.urgentOutcomes.size).toBe(0)
  time.run(200)
  expect(vehicle.urgentOutcomes.get(1)).toEqual({ kind: 'expired' })
  home.accepts = true
  time.run(120_000)
  expect(core.isConnected).toBe(true)
  expect(messages(home, 'urgent')).toHaveLength(0)
})

test('a full queue refuses observations by name, keeps what it has, and lets flags travel in telemetry', () => {
  const { core, time, home, vehicle } = setUp()
  home.accepts = false
  for (let report = 0; report < 128; report++) core.report({ observations: [{ cause: 11, source: 'driver' }] })
  expect(() => core.report({ observations: [{ cause: 11, source: 'driver' }] })).toThrow(
    expect.objectContaining({ code: 'queue_full', retriable: true }),
  )
  expect(core.report({ ...place, flags: ['abs'] })).toBeUndefined()
  home.accepts = true
  home.onFrame = (socket, frame) => {
    if (frame.type === 'urgent')
      socket.send('reportAck', { through: 0, ahead: [{ first: frame.message.number, last: frame.message.number }] })
  }
  time.run(10_000)
  expect([...vehicle.urgentOutcomes.values()].filter(outcome => outcome.kind === 'accepted')).toHaveLength(128)
})

test('the session’s limits are kept, repeats included', () => {
  const { core, time, home } = setUp()
  home.welcome = { ...home.welcome, intervalMs: 100, limits: { urgentPerMinute: 12, telemetryPerMinute: 60, samplesPerReport: 4 } }
  time.run(500)
  const perMinute = { urgent: [] as number[], telemetry: [] as number[] }
  home.onFrame = (_socket, frame) => {
    if (frame.type === 'urgent' || frame.type === 'telemetry') perMinute[frame.type].push(time.nowMs)
  }
  for (let tick = 0; tick < 1_800; tick++) {
    core.report(tick % 100 === 0 ? { observations: [{ cause: 12, source: 'camera' }] } : place)
    time.run(100)
  }
  const densest = (times: number[]) => Math.max(...times.map(start => times.filter(at => at >= start && at < start + 60_000).length))
  expect(densest(perMinute.urgent)).toBeLessThanOrEqual(12)
  expect(densest(perMinute.urgent)).toBeGreaterThanOrEqual(8)
  expect(densest(perMinute.telemetry)).toBeLessThanOrEqual(60)
  expect(messages(home, 'telemetry').every(report => report.samples.length <= 4)).toBe(true)
})

test('over the limit, what was never sent goes before repeats', () => {
  const { core, time, home } = setUp()
  home.welcome = { ...home.welcome, limits: { urgentPerMinute: 24 } }
  time.run(500)
  for (let report = 0; report < 20; report++) core.report({ observations: [{ cause: 12, source: 'camera' }] })
  time.run(40_000)
  const numbers = messages(home, 'urgent').map(({ number }) => number)
  expect(numbers.slice(0, 15)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1))
})

test('what was measured before a long outage is not sent after it', () => {
  const { core, time, home } = setUp()
  home.accepts = false
  core.report({ ...place, speedMps: 1 })
  time.run(30_000)
  home.accepts = true
  core.report({ ...place, speedMps: 2 })
  time.run(30_000)
  expect(messages(home, 'telemetry').flatMap(report => report.samples.map(sample => sample.speedCmps))).not.toContain(100)
})

test('follows the node’s clock within the delay', () => {
  const { core, time, home } = setUp()
  home.clockLeadMs = -3_500
  time.run(5_000)
  expect(core.clockOffset!.offsetMs).toBeCloseTo(-3_500, 3)
  expect(core.clockOffset!.errorMs).toBeLessThanOrEqual(latencyMs + 1)
})
