// Order of what goes out (issue 5, item 4), counted in messages and slices, never in time.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestZone, positionAt, type TestVehicle } from './test-zone.js'

const { AlertStatus, IssuerRole, Priority } = outrider.v1

const draft = (priority: number, northM: number, radiusM: number, cause = 10) => ({
  content: {
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: cause, subCause: priority },
    eventPosition: positionAt(0, northM),
    area: { circle: { center: positionAt(0, northM), radiusCm: radiusM * 100 } },
    awarenessDistanceM: 10_000,
    priority,
    issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
  },
  validityMs: 60_000,
  renewable: false,
})

/** Vehicles that drive north towards the origin, one after the other, and what they are sent in the order it leaves the node. */
function createStreet(distancesM: readonly number[], flushSends: number, matchRows = 1_000) {
  const sent: { readonly name: string; readonly priority: number; readonly timeToHazardMs: number | undefined; readonly cause: number }[] =
    []
  const zone = createTestZone({ policy: { vehiclesMax: distancesM.length + 8, flushSends, matchRows, outboxMax: 16 } })
  const vehicles = distancesM.map((distanceM, index) => {
    const vehicle = zone.vehicle(`v${index}`).connect()
    vehicle.answers = false
    vehicle.report({ eastM: 0, northM: -distanceM, speedMps: 20, headingDeg: 0 })
    vehicle.got.push = (...frames) => {
      for (const frame of frames) if (frame.type === 'alert') note(vehicle, frame.message)
      return Array.prototype.push.apply(vehicle.got, frames)
    }
    return vehicle
  })
  function note({ name }: TestVehicle, { alert, priority, timeToHazardMs }: outrider.v1.AlertPush.$Properties): void {
    sent.push({ name, priority: priority ?? 0, timeToHazardMs: timeToHazardMs ?? undefined, cause: alert?.cause?.code ?? 0 })
  }
  return { zone, vehicles, sent }
}

/** Half a second up to 16 s, 8 s beyond, up to 264 s: what a list of the outbox holds together. */
const stepMs = (ms: number) => (ms < 16_000 ? 500 : 8_000)

describe('the order of a fan-out', { timeout: 60_000 }, () => {
  it('is by priority, then by time to hazard, whatever the order of the vehicles and of the alerts', () => {
    const distances = fc.array(fc.integer({ min: 100, max: 5_000 }), { minLength: 2, maxLength: 40 })
    const alerts = fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(distances, alerts, fc.integer({ min: 1, max: 50 }), (distancesM, priorities, flushSends) => {
        const { zone, sent } = createStreet(distancesM, flushSends)
        for (const [index, priority] of priorities.entries()) zone.core.issue(draft(priority, 10 * index, 20))
        zone.turn()
        expect(sent.length).toBe(distancesM.length * priorities.length)
        // A vehicle gets all that is due to it in one write, so that its most urgent message says when its turn is.
        const turns = sent.filter(({ name }, at) => sent[at - 1]?.name !== name)
        for (const [at, { name, priority, timeToHazardMs = 0 }] of turns.entries()) {
          const before = turns[at - 1]
          if (before === undefined || before.name === name) continue
          expect(before.priority).toBeGreaterThanOrEqual(priority)
          if (before.priority > priority) continue
          expect(before.timeToHazardMs ?? 0).toBeLessThan(timeToHazardMs + stepMs(timeToHazardMs))
        }
      }),
      { seed: 31, numRuns: 60 },
    )
  })

  it('targets a crowd in slices, the nearest first, so that an imminent alert waits for one slice of looking and one of sending', () => {
    const crowd = 5_000
    const slice = 100
    const { zone, sent } = createStreet(
      Array.from({ length: crowd }, (_, index) => 4_000 + index),
      slice,
      slice,
    )
    zone.core.issue(draft(Priority.PRIORITY_INFORMATION, 0, 20))
    expect(zone.core.totals().targeted).toBe(0)
    zone.core.flush()
    expect([zone.core.totals().targeted, sent.length]).toEqual([slice, slice])
    const nearest = sent.map(({ name }) => Number(name.slice(1)))
    expect(Math.max(...nearest)).toBeLessThan(slice + crowd / 50)

    // A small imminent alert is targeted within its own call; a large one has the next slices.
    zone.core.issue(draft(Priority.PRIORITY_IMMINENT, -9_050, 60, 14))
    zone.core.issue(draft(Priority.PRIORITY_IMMINENT, -6_000, 1_000, 97))
    const before = sent.length
    for (let turn = 0; turn < 10; turn++) zone.core.flush()
    expect(sent.slice(before).filter(({ cause }) => cause === 10).length).toBeLessThanOrEqual(2 * slice)
    zone.turn()
    expect(new Set(sent.filter(({ cause }) => cause === 10).map(({ name }) => name)).size).toBe(crowd)
    expect(zone.core.totals().pending).toBe(zone.core.totals().targeted)
  })

  it('lets an imminent alert overtake thousands of information alerts after the slice under way, across sockets', () => {
    const crowd = 5_000
    const flushSends = 100
    const { zone, sent } = createStreet(
      Array.from({ length: crowd }, (_, index) => 4_000 + index),
      flushSends,
    )
    zone.core.issue(draft(Priority.PRIORITY_INFORMATION, 0, 20))
    expect(zone.core.flush()).toMatchObject({ more: true })
    expect(sent.length).toBe(flushSends)
    const outcome = zone.core.issue(draft(Priority.PRIORITY_IMMINENT, -4_500, 300, 14))
    expect(outcome.outcome).toBe('changed')
    const before = sent.length
    zone.core.flush()
    // With an imminent one comes all that is due to the same vehicle: at most one message more each.
    const next = sent.slice(before)
    expect(next.length).toBeLessThanOrEqual(flushSends + 1)
    for (const [at, message] of next.entries()) if (at === 0 || next[at - 1]!.name !== message.name) expect(message.cause).toBe(14)
    zone.turn()
    expect(sent.length).toBe(2 * crowd)
  })
})
