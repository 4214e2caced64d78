import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert, AlertChange, AlertDraft, AlertIdentity, AlertRegistry } from './index.js'
import { createAlertRegistry, encodeAlertEnd, encodeLiveAlert, longestLifeMs } from './index.js'

const { AlertStatus, EndReason, IssuerRole } = outrider.v1

type Registry = AlertRegistry<true>

const content: Alert = {
  status: AlertStatus.ALERT_STATUS_ACTUAL,
  issuerRole: IssuerRole.ISSUER_ROLE_DETECTED,
  cause: { code: 94 },
  eventPosition: { latitudeE7: 535_000_000, longitudeE7: 100_000_000 },
  area: { circle: { radiusCm: 2_000 } },
}
const at = (monotonicMs: number) => ({ monotonicMs, wallMs: 1.7e12 + monotonicMs })
const compileArea = () => ({ ok: true, area: true }) as const
const create = (options: { entriesMax?: number; keepMs?: () => number; node?: string } = {}): Registry =>
  createAlertRegistry({ node: 'here', boot: 7, compileArea, ...options })

/** Issues and returns the key. */
function issue(registry: Registry, draft: Partial<AlertDraft>, nowMs: number): string {
  const outcome = registry.issue({ content, validityMs: 60_000, renewable: false, ...draft }, at(nowMs))
  if (outcome.outcome !== 'changed') throw new Error(JSON.stringify(outcome))
  return outcome.changes.at(-1)!.entry.key
}

const kinds = (changes: readonly AlertChange<true>[]) => changes.map(change => change.kind)

describe('time', () => {
  test('an alert expires without anyone telling, and is forgotten a minute after its keep time', () => {
    const registry = create({ keepMs: () => 100_000 })
    const key = issue(registry, {}, 0)
    expect(registry.tick(at(59_999), () => true)).toEqual([])
    const [expired, ...rest] = registry.tick(at(60_000), () => true)
    expect(expired).toMatchObject({ kind: 'expired', made: 'here', entry: { key, state: 'expired' } })
    expect(rest).toEqual([])
    expect(registry.tick(at(159_999), () => true)).toEqual([])
    expect(kinds(registry.tick(at(160_000), () => true))).toEqual(['forgotten'])
    expect(registry.get(key)).toBeUndefined()
  })

  test('a renewal is written at half the validity while evidence lasts, and evidence that comes back later still counts', () => {
    const registry = create()
    const key = issue(registry, { renewable: true }, 0)
    expect(registry.tick(at(29_999), () => true)).toEqual([])
    const [renewed] = registry.tick(at(30_000), () => true)
    expect(renewed).toMatchObject({ kind: 'revised', made: 'here', entry: { revision: 2, validUntilMs: 90_000, alert: { renewal: true } } })
    expect(registry.tick(at(60_000), () => false)).toEqual([])
    expect(kinds(registry.tick(at(70_000), () => true))).toEqual(['revised'])
    expect(registry.get(key)).toMatchObject({ revision: 3, validUntilMs: 130_000 })
    for (const nowMs of [100_000, 110_000, 120_000]) expect(registry.tick(at(nowMs), () => false)).toEqual([])
    expect(kinds(registry.tick(at(130_000), () => true))).toEqual(['expired'])
    expect(registry.revise(key, { content, validityMs: 1, renewable: true }, at(130_001))).toMatchObject({ reason: 'over' })
  })

  test('what lasts longer than its keep time goes on as a new alert with replaces', () => {
    const registry = create({ keepMs: () => 100_000 })
    const key = issue(registry, { renewable: true }, 0)
    expect(kinds(registry.tick(at(30_000), () => true))).toEqual(['revised'])
    const changes = registry.tick(at(60_000), () => true)
    expect(kinds(changes)).toEqual(['issued', 'ended'])
    const [issued, ended] = changes
    expect(issued).toMatchObject({
      entry: { revision: 1, alert: { replaces: [{ sequence: 1 }], renewal: false, detectionTimeMs: 1.7e12 } },
    })
    expect(ended).toMatchObject({ entry: { key, ending: { reason: EndReason.END_REASON_REPLACED } } })
    expect(kinds(registry.tick(at(90_000), () => true))).toEqual(['revised'])
  })

  test('no validity goes beyond the keep time, and that stays what revision 1 said', () => {
    const registry = create({ keepMs: () => 100_000 })
    const key = issue(registry, {}, 0)
    registry.revise(key, { content, validityMs: 86_400_000, renewable: false }, at(50_000))
    expect(registry.get(key)).toMatchObject({ validUntilMs: 100_000, keepUntilMs: 100_000, alert: { validUntilMs: 1.7e12 + 100_000 } })
  })

  test('a receiver counts the remainder down on its own clock, whatever the wall clock says', () => {
    const [here, there] = [create(), create({ node: 'there' })]
    const key = issue(here, {}, 0)
    const live = encodeLiveAlert(here.get(key) as never, 20_000)
    there.receiveAlert(live, { monotonicMs: 5, wallMs: 0 })
    expect(kinds(there.tick({ monotonicMs: 40_004, wallMs: 9e12 }, () => true))).toEqual([])
    expect(there.tick({ monotonicMs: 40_005, wallMs: 0 }, () => true)).toMatchObject([{ kind: 'expired', made: 'elsewhere' }])
  })

  test('a message that comes again later lengthens nothing', () => {
    const registry = create()
    const alert = { ...content, id: { node: 'there', boot: 1, sequence: 1 }, revision: 1, validUntilMs: 1, keepUntilMs: 2 }
    const live = { alert, remainingMs: 1_000, keepRemainingMs: 9_000 }
    registry.receiveAlert(live, at(0))
    expect(registry.receiveAlert(live, at(900))).toEqual({ outcome: 'ignored', reason: 'repeated' })
    expect(kinds(registry.tick(at(1_000), () => true))).toEqual(['expired'])
  })

  test('an expired alert that is heard of is kept and told to nobody; a newer revision makes it active again', () => {
    const registry = create()
    const alert = { ...content, id: { node: 'there', boot: 1, sequence: 1 }, revision: 1, validUntilMs: 1, keepUntilMs: 2 }
    expect(registry.receiveAlert({ alert, remainingMs: 0, keepRemainingMs: 9_000 }, at(0))).toEqual({ outcome: 'changed', changes: [] })
    const newer = { alert: { ...alert, revision: 2 }, remainingMs: 100, keepRemainingMs: 9_000 }
    expect(registry.receiveAlert(newer, at(1))).toMatchObject({ changes: [{ kind: 'revised', made: 'elsewhere' }] })
  })

  test('messages about what is over are ignored and counted', () => {
    const registry = create({ keepMs: () => 1_000 })
    const key = issue(registry, {}, 0)
    registry.end(key, { reason: EndReason.END_REASON_RESOLVED, endedBy: IssuerRole.ISSUER_ROLE_DETECTED }, at(10))
    const ended = registry.get(key)!
    if (ended.state !== 'ended') throw new Error('not ended')
    const end = { end: encodeAlertEnd(ended), keepRemainingMs: 500 }
    expect(registry.receiveEnd(end, at(1_000))).toEqual({ outcome: 'ignored', reason: 'late' })
    expect(registry.digest(() => true, at(1_000))).toEqual([])
    registry.tick(at(61_000), () => true)
    expect(registry.receiveEnd(end, at(61_001))).toEqual({ outcome: 'ignored', reason: 'late' })
    expect(registry.counts()).toMatchObject({ late: 2, entries: 0 })
  })

  test('the longest life follows the cause and never exceeds a day', () => {
    expect([99, 94, 2, 3, 1_000].map(longestLifeMs)).toEqual([1_200_000, 14_400_000, 72_000_000, 86_400_000, 86_400_000])
  })
})

describe('any sequence of calls', { timeout: 60_000 }, () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('issue' as const), validityMs: fc.integer({ min: 1, max: 50 }), renewable: fc.boolean() }),
    fc.record({ kind: fc.constant('revise' as const), pick: fc.nat(), validityMs: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ kind: fc.constant('end' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('takeOver' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('merge' as const), pick: fc.nat(), other: fc.nat() }),
    fc.record({
      kind: fc.constant('hear' as const),
      sequence: fc.integer({ min: 1, max: 5 }),
      revision: fc.integer({ min: 1, max: 5 }),
      remainingMs: fc.nat(80),
    }),
    fc.record({
      kind: fc.constant('tick' as const),
      afterMs: fc.oneof(fc.nat(20), fc.integer({ min: 60_000, max: 70_000 })),
      lasts: fc.boolean(),
    }),
  )

  test('keeps to validity, keep time, end and bound', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), steps => {
        const entriesMax = 8
        const registry = create({ entriesMax, keepMs: () => 100 })
        const keepUntilMs = new Map<string, number>()
        const ended = new Set<string>()
        let nowMs = 0
        for (const item of steps) {
          if (item.kind === 'tick') nowMs += item.afterMs
          const changes = changesOf(registry, item, nowMs)
          for (const change of changes) {
            const { key } = change.entry
            if (change.kind === 'issued' || change.kind === 'revised') {
              expect(ended.has(key)).toBe(false)
              expect(change.entry.validUntilMs).toBeLessThanOrEqual(change.entry.keepUntilMs)
              expect(change.entry.keepUntilMs).toBeLessThanOrEqual(keepUntilMs.get(key) ?? Number.POSITIVE_INFINITY)
              keepUntilMs.set(key, change.entry.keepUntilMs)
            }
            if (change.kind === 'ended') ended.add(key)
            if (change.kind === 'forgotten') {
              ended.delete(key)
              keepUntilMs.delete(key)
              expect(registry.get(key)).toBeUndefined()
            }
          }
          expect(registry.counts().entries).toBeLessThanOrEqual(entriesMax)
          for (const entry of registry.entries()) {
            expect(entry.state === 'ended').toBe(ended.has(entry.key))
            if (item.kind !== 'tick') continue
            if (entry.state === 'active') expect(entry.validUntilMs).toBeGreaterThan(nowMs)
            expect(entry.keepUntilMs + 60_000).toBeGreaterThan(nowMs)
          }
        }
      }),
      { seed: 6, numRuns: 150 },
    )
  })

  function changesOf(registry: Registry, item: typeof step extends fc.Arbitrary<infer Step> ? Step : never, nowMs: number) {
    const now = at(nowMs)
    const keys = [...registry.entries()].map(entry => entry.key)
    const pick = (index: number) => keys[index % Math.max(1, keys.length)] ?? 'none'
    if (item.kind === 'tick') return registry.tick(now, () => item.lasts)
    const alive = (id: AlertIdentity) => id.node === 'here'
    const heard = (sequence: number, revision: number) => ({
      ...content,
      id: { node: 'there', boot: 1, sequence },
      revision,
      validUntilMs: 1,
      keepUntilMs: 2,
    })
    const outcome =
      item.kind === 'issue'
        ? registry.issue({ content, validityMs: item.validityMs, renewable: item.renewable }, now)
        : item.kind === 'revise'
          ? registry.revise(pick(item.pick), { content, validityMs: item.validityMs, renewable: false }, now)
          : item.kind === 'end'
            ? registry.end(pick(item.pick), { reason: EndReason.END_REASON_RESOLVED, endedBy: IssuerRole.ISSUER_ROLE_DETECTED }, now)
            : item.kind === 'takeOver'
              ? registry.takeOver(pick(item.pick), 30, 30, now)
              : item.kind === 'merge'
                ? registry.mergeTwins(pick(item.pick), pick(item.other), now, alive)
                : registry.receiveAlert(
                    { alert: heard(item.sequence, item.revision), remainingMs: item.remainingMs, keepRemainingMs: 100 },
                    now,
                  )
    return outcome.outcome === 'changed' ? outcome.changes : []
  }
})

describe('room', () => {
  test('what is expired makes room before what ended, and an alert is refused only among active ones', () => {
    const registry = create({ entriesMax: 3 })
    const [ended, expired] = [issue(registry, {}, 0), issue(registry, { validityMs: 10 }, 0)]
    issue(registry, {}, 0)
    registry.end(ended, { reason: EndReason.END_REASON_RESOLVED, endedBy: IssuerRole.ISSUER_ROLE_DETECTED }, at(5))
    registry.tick(at(10), () => true)
    issue(registry, {}, 20)
    expect([registry.get(expired), registry.get(ended)?.state]).toEqual([undefined, 'ended'])
    issue(registry, {}, 20)
    expect(registry.get(ended)).toBeUndefined()
    expect(registry.issue({ content, validityMs: 1, renewable: false }, at(20))).toEqual({ outcome: 'refused', reason: 'full' })
    expect(registry.counts()).toEqual({ entries: 3, active: 3, late: 0, invalid: 0, full: 1, evicted: 2 })
  })
})
