// Whatever happens to links, frames and acknowledgements, these hold: no number twice but for repeats of the same urgent report, no
// urgent report lost that had a link for long enough, outcomes as the node decided, nothing handed over twice, queues within bounds,
// every arrival acknowledged.
import type { DecodedFrame } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SimulatedSocket } from './simulated-world.fixture.js'
import { alertId, createSimulatedVehicle, createSimulatedWorld, makeAlert } from './simulated-world.fixture.js'

const { DeliveryStage, EndReason, EndScope, RefusalReason } = outrider.v1
const place = { latitude: 53.55, longitude: 9.99 }
const queueMax = 4

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('telemetry' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('urgent' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      sequence: fc.integer({ min: 1, max: 12 }),
      revision: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: 0, max: 3 }),
      remainingMs: fc.integer({ min: 0, max: 30_000 }),
      replaces: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 2 }),
      renewal: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      sequence: fc.integer({ min: 1, max: 12 }),
      scope: fc.constantFrom(EndScope.END_SCOPE_ENDED, EndScope.END_SCOPE_WITHDRAWN, EndScope.END_SCOPE_UNKNOWN),
      reason: fc.constantFrom(EndReason.END_REASON_RESOLVED, EndReason.END_REASON_MERGED, EndReason.END_REASON_ORIGIN_LOST),
      mergedInto: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), isShown: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('break' as const, 'freeze' as const, 'drain' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), ms: fc.integer({ min: 100, max: 8_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mute' as const), isMute: fc.boolean() }) },
)

/** Reproducible from one number (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('no order of links, repeats, lost acknowledgements and overload breaks a promise', () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 5, maxLength: 60 }), fc.integer(), (operations, seed) => {
      const world = createSimulatedWorld()
      const { time } = world
      const home = world.node('ws://home')
      const random = createRandom(seed)
      const { core, events, urgentOutcomes } = createSimulatedVehicle(world, { random, queueMax })
      let isMute = false
      let outageEndsAtMs = 0
      /** The node's decisions: one in five is refused. */
      const isRefused = (number: number) => number % 5 === 0
      const seenOn = new Map<SimulatedSocket, number[]>()
      const arrived = new Map<number, { type: string; text: string }>()
      const stages = new Set<string>()

      home.onFrame = (socket, frame) => {
        if (frame.type === 'deliveryAck') {
          for (const entry of frame.message.entries)
            stages.add(`${entry.alertId!.sequence}/${entry.revision} ${DeliveryStage[entry.stage!]}`)
        }
        if (frame.type === 'telemetry' || frame.type === 'urgent') report(socket, frame)
      }
      function report(socket: SimulatedSocket, frame: Extract<DecodedFrame, { type: 'telemetry' | 'urgent' }>): void {
        const { number } = frame.message
        const before = arrived.get(number)
        const text = JSON.stringify(frame.message)
        if (before !== undefined) expect([frame.type, text]).toEqual(['urgent', before.text])
        arrived.set(number, { type: frame.type, text })
        const seen = [...(seenOn.get(socket) ?? []), number]
        seenOn.set(socket, seen)
        if (isMute) return
        const except = [...arrived.keys()]
          .filter(isRefused)
          .map(refused => ({ first: refused, last: refused, reason: RefusalReason.REFUSAL_REASON_SHED }))
        let through = 0
        // Now this way, now that: both are allowed.
        if (random() < 0.5) while (arrived.has(through + 1)) through++
        const ahead = seen.filter(known => known > through).map(known => ({ first: known, last: known }))
        socket.send('reportAck', { through, except, ahead })
      }

      const bornAtMs = new Map<number, number>()
      const handedOver: string[] = []
      const shownCalls = new Set<string>()
      const socket = () => home.sockets.findLast(candidate => candidate.isOpen)
      function step(op: (typeof operations)[number]): void {
        if (op.do === 'wait') time.run(op.ms)
        else if (op.do === 'telemetry') core.report(place)
        else if (op.do === 'urgent') bornAtMs.set(core.report({ ...place, observations: [{ cause: 11, source: 'driver' }] })!, time.nowMs)
        else if (op.do === 'push') {
          const alert = makeAlert(op.sequence, { revision: op.revision, renewal: op.renewal, replaces: op.replaces.map(alertId) })
          socket()?.send('alert', { alert, remainingMs: op.remainingMs, priority: op.priority })
        } else if (op.do === 'end') {
          const mergedInto = op.mergedInto === undefined ? {} : { mergedInto: alertId(op.mergedInto) }
          socket()?.send('end', { alertId: alertId(op.sequence), scope: op.scope, reason: op.reason, ...mergedInto })
        } else if (op.do === 'take') {
          const handle = core.takeAlert()
          if (handle === undefined) return
          handedOver.push(handle.entry.key)
          if (!op.isShown) return
          shownCalls.add(`${handle.entry.id.sequence}/${handle.entry.revision} DELIVERY_STAGE_SHOWN`)
          core.shown(handle)
          core.shown(handle)
        } else if (op.do === 'break') socket()?.end()
        else if (op.do === 'freeze') socket()?.freeze()
        else if (op.do === 'drain') socket()?.send('drain', { closesInMs: 1_000, reconnect: { allowed: true, url: home.url } })
        else if (op.do === 'mute') isMute = op.isMute
        else if (op.do === 'outage') {
          home.accepts = false
          outageEndsAtMs = time.nowMs + op.ms
          socket()?.end()
        }
        if (!home.accepts && time.nowMs >= outageEndsAtMs) home.accepts = true
      }

      core.start()
      operations.forEach(step)
      home.accepts = true
      isMute = false
      const healedAtMs = time.nowMs
      time.run(180_000)

      const welcomes = events.filter(event => event.event === 'link_welcomed').map(event => event.atMs)
      const ends = events.filter(event => event.event === 'link_ended').map(event => event.atMs)
      // The last link holds to the end: from its welcome, or from the healing, everything works. A repeat comes within 10 s.
      const wellSinceMs = Math.max(healedAtMs, welcomes.at(-1)!)
      expect(core.isConnected).toBe(true)
      expect(ends.every(atMs => atMs <= welcomes.at(-1)!)).toBe(true)
      for (const [number, atMs] of bornAtMs) {
        const outcome = urgentOutcomes.get(number)
        if (outcome?.kind === 'expired') expect(atMs + 60_000).toBeLessThan(wellSinceMs + 11_000)
        else expect([number, outcome?.kind]).toEqual([number, isRefused(number) ? 'refused' : 'accepted'])
        if (outcome?.kind !== 'expired') expect(arrived.has(number)).toBe(true)
      }
      const sent = new Set(events.filter(event => event.event === 'report_sent').map(event => event.number))
      const numbers = new Set([...sent, ...bornAtMs.keys()])
      expect(Math.max(0, ...numbers)).toBe(numbers.size)
      expect(new Set(handedOver).size).toBe(handedOver.length)
      const pushed = events.filter(event => event.event === 'alert_pushed')
      for (const { id, revision } of pushed) expect(stages).toContain(`${id.split('/')[2]}/${revision} DELIVERY_STAGE_RECEIVED`)
      expect([...stages].filter(stage => stage.endsWith('SHOWN')).sort()).toEqual([...shownCalls].sort())
    }),
    { numRuns: 300 },
  )
})

test('the queue never holds more than it may, nor loses the most urgent', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ priority: fc.integer({ min: 1, max: 3 }), hazardMs: fc.integer({ min: 0, max: 60_000 }) }), {
        minLength: 1,
        maxLength: 300,
      }),
      alerts => {
        const world = createSimulatedWorld()
        const home = world.node('ws://home')
        const { core } = createSimulatedVehicle(world, { queueMax })
        core.start()
        world.time.run(1_000)
        alerts.forEach(({ priority, hazardMs }, index) => {
          home.sockets[0]!.send('alert', { alert: makeAlert(index + 1), remainingMs: 86_400_000, priority, timeToHazardMs: hazardMs })
        })
        world.time.run(100)
        const taken: number[] = []
        for (let handle = core.takeAlert(); handle !== undefined; handle = core.takeAlert()) taken.push(handle.entry.id.sequence! - 1)
        const expected = alerts
          .map((alert, index) => ({ ...alert, index }))
          .sort((a, b) => b.priority - a.priority || a.hazardMs - b.hazardMs || a.index - b.index)
          .slice(0, queueMax)
        expect(taken).toEqual(expected.map(alert => alert.index))
      },
    ),
    { numRuns: 50 },
  )
})
