// Processes issue, revise and end; messages between them come in any order, twice or never. After a digest between each pair all hold the same.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert, AlertChange, AlertRegistry } from './index.js'
import { createAlertRegistry, encodeLiveAlert, encodeLiveEnd } from './index.js'

const { Alert: AlertMessage, AlertStatus, EndReason, IssuerRole, LiveAlert, LiveEnd } = outrider.v1

type Message = { readonly kind: 'alert'; readonly bytes: Uint8Array } | { readonly kind: 'end'; readonly bytes: Uint8Array }
type Registry = AlertRegistry<true>
type Create = typeof createAlertRegistry<true>

const processes = 3
const content: Alert = {
  status: AlertStatus.ALERT_STATUS_ACTUAL,
  issuerRole: IssuerRole.ISSUER_ROLE_DETECTED,
  cause: { code: 94 },
  eventPosition: { latitudeE7: 535_000_000, longitudeE7: 100_000_000 },
  area: { circle: { radiusCm: 2_000 } },
}
const draft = (advice: number) => ({ content: { ...content, advice }, validityMs: 60_000, renewable: false })
/** Every process has a monotonic clock of its own base. */
const clock = (process: number, elapsedMs: number) => ({ monotonicMs: process * 1e6 + elapsedMs, wallMs: 1.7e12 + elapsedMs })

const action = fc.oneof(
  fc.record({ kind: fc.constant('issue' as const), at: fc.nat(processes - 1), advice: fc.nat(9) }),
  fc.record({ kind: fc.constant('revise' as const), at: fc.nat(processes - 1), pick: fc.nat(), advice: fc.nat(9) }),
  fc.record({ kind: fc.constant('end' as const), at: fc.nat(processes - 1), pick: fc.nat(), reason: fc.integer({ min: 2, max: 4 }) }),
  fc.record({ kind: fc.constant('deliver' as const), at: fc.nat(processes - 1), pick: fc.nat(), again: fc.boolean() }),
  fc.record({ kind: fc.constant('lose' as const), at: fc.nat(processes - 1), pick: fc.nat() }),
)

/** The messages a change is told by; encoded, as they travel. */
function messagesOf(changes: readonly AlertChange<true>[], nowMs: number): Message[] {
  return changes.flatMap((change): Message[] => {
    if (!('made' in change) || change.made === 'elsewhere' || change.kind === 'expired') return []
    if (change.kind === 'ended') return [{ kind: 'end', bytes: LiveEnd.encode(encodeLiveEnd(change.entry, nowMs)).finish() }]
    return [{ kind: 'alert', bytes: LiveAlert.encode(encodeLiveAlert(change.entry, nowMs)).finish() }]
  })
}

function receive(registry: Registry, message: Message, process: number, elapsedMs: number): void {
  const now = clock(process, elapsedMs)
  if (message.kind === 'alert') registry.receiveAlert(LiveAlert.decode(message.bytes), now)
  else registry.receiveEnd(LiveEnd.decode(message.bytes), now)
}

/** One digest of one side, the other's answer, and what the first one was asked for: enough for both. */
function synchronise(registries: readonly Registry[], from: number, to: number, elapsedMs: number): void {
  const digest = registries[from]!.digest(() => true, clock(from, elapsedMs))
  const difference = registries[to]!.difference(digest, () => true, clock(to, elapsedMs))
  const answer = registries[from]!.answer(difference.wanted, clock(from, elapsedMs))
  for (const [receiver, said] of [
    [from, difference],
    [to, answer],
  ] as const) {
    for (const live of said.alerts) registries[receiver]!.receiveAlert(live, clock(receiver, elapsedMs))
    for (const live of said.ends) registries[receiver]!.receiveEnd(live, clock(receiver, elapsedMs))
  }
}

/** What has to be equal: ended, or the newest revision's bytes. */
function fingerprint(registry: Registry): string[] {
  const lines = [...registry.entries()].map(entry =>
    entry.state === 'ended' ? `${entry.key} ended` : `${entry.key} ${entry.revision} ${entry.state} ${bytesOf(entry.alert)}`,
  )
  return lines.sort()
}

function bytesOf(alert: Alert): string {
  return Buffer.from(AlertMessage.encode(alert).finish()).toString('base64')
}

function converges(create: Create): fc.IProperty<[unknown[]]> {
  return fc.property(fc.array(action, { minLength: 1, maxLength: 60, size: 'max' }), actions => {
    const registries = Array.from({ length: processes }, (_, at) =>
      create({ node: `node-${at}`, boot: at + 1, compileArea: () => ({ ok: true, area: true as const }) }),
    )
    const inboxes: Message[][] = registries.map(() => [])
    actions.forEach((step, elapsedMs) => {
      const registry = registries[step.at]!
      const now = clock(step.at, elapsedMs)
      const inbox = inboxes[step.at]!
      if (step.kind === 'deliver' || step.kind === 'lose') {
        const index = step.pick % Math.max(1, inbox.length)
        const message = inbox[index]
        if (message === undefined) return
        if (step.kind === 'deliver') receive(registry, message, step.at, elapsedMs)
        if (step.kind === 'lose' || !step.again) inbox.splice(index, 1)
        return
      }
      const keys = [...registry.entries()].map(entry => entry.key)
      const key = step.kind === 'issue' ? '' : (keys[step.pick % Math.max(1, keys.length)] ?? '')
      const outcome =
        step.kind === 'issue'
          ? registry.issue(draft(step.advice), now)
          : step.kind === 'revise'
            ? registry.revise(key, draft(step.advice), now)
            : registry.end(key, { reason: step.reason, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR }, now)
      if (outcome.outcome !== 'changed') return
      for (const [at, others] of inboxes.entries()) if (at !== step.at) others.push(...messagesOf(outcome.changes, now.monotonicMs))
    })
    const endMs = actions.length
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [0, 1],
    ] as const)
      synchronise(registries, a, b, endMs)
    expect(fingerprint(registries[1]!)).toEqual(fingerprint(registries[0]!))
    expect(fingerprint(registries[2]!)).toEqual(fingerprint(registries[0]!))
    for (const registry of registries) expect(registry.counts()).toMatchObject({ invalid: 0, full: 0, late: 0 })
    for (const [at, registry] of registries.entries()) {
      const digest = registries[(at + 1) % processes]!.digest(() => true, clock(0, endMs))
      const difference = registry.difference(digest, () => true, clock(at, endMs))
      expect(difference).toEqual({ alerts: [], ends: [], wanted: [] })
    }
  }) as fc.IProperty<[unknown[]]>
}

describe('processes that exchange alerts', { timeout: 60_000 }, () => {
  test('hold the same after any order, repetition and loss, once a digest went round', () => {
    fc.assert(converges(createAlertRegistry), { seed: 4, numRuns: 200 })
  })

  test('the property catches a registry that forgets the end of an alert it has not heard of', () => {
    const forgetful: Create = options => {
      const registry = createAlertRegistry(options)
      const receiveEnd: Registry['receiveEnd'] = (live, now) => {
        const outcome = registry.receiveEnd(live, now)
        const isUnheard =
          outcome.outcome === 'changed' && outcome.changes.some(change => change.kind === 'ended' && change.before === undefined)
        return isUnheard ? { outcome: 'ignored', reason: 'late' } : outcome
      }
      const known = () => [...registry.entries()].filter(entry => entry.state !== 'ended' || entry.alert !== undefined)
      return { ...registry, receiveEnd, entries: () => known().values() }
    }
    expect(fc.check(converges(forgetful), { seed: 4, numRuns: 200 }).failed).toBe(true)
  })

  test('take the same from the same messages in any order, the reason of an end included', () => {
    const messages = fc.array(
      fc.oneof(
        fc.record({ sequence: fc.integer({ min: 1, max: 3 }), revision: fc.integer({ min: 1, max: 5 }) }),
        fc.record({
          sequence: fc.integer({ min: 1, max: 3 }),
          reason: fc.integer({ min: 2, max: 5 }),
          endedTimeMs: fc.integer({ min: 1, max: 3 }),
        }),
      ),
      { minLength: 2, maxLength: 12, size: 'max' },
    )
    const shuffled = messages.chain(list =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length })),
    )
    fc.assert(
      fc.property(shuffled, ([list, otherOrder]) => {
        const ends = (taken: typeof list) => {
          const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea: () => ({ ok: true, area: true as const }) })
          for (const item of taken) {
            const id = { node: 'there', boot: 9, sequence: item.sequence }
            const now = clock(0, 0)
            if ('reason' in item) {
              const ending = { reason: item.reason as outrider.v1.EndReason, endedTimeMs: item.endedTimeMs }
              registry.receiveEnd({ end: { alertId: id, revision: 1, ending, keepUntilMs: 5 }, keepRemainingMs: 1_000 }, now)
            } else {
              const alert = { ...content, id, revision: item.revision, validUntilMs: 4, keepUntilMs: 5 }
              registry.receiveAlert({ alert, remainingMs: 500, keepRemainingMs: 1_000 }, now)
            }
          }
          const endings = [...registry.entries()].map(entry => (entry.state === 'ended' ? JSON.stringify(entry.ending) : ''))
          return [...fingerprint(registry), ...endings.sort()]
        }
        expect(ends(otherOrder)).toEqual(ends(list))
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  test('an end with a later revision than known is kept, and no revision comes back over it', () => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea: () => ({ ok: true, area: true as const }) })
    const id = { node: 'there', boot: 9, sequence: 1 }
    const ending = { reason: EndReason.END_REASON_CANCELLED, endedTimeMs: 1 }
    registry.receiveEnd({ end: { alertId: id, revision: 7, ending, keepUntilMs: 5 }, keepRemainingMs: 1_000 }, clock(0, 0))
    const alert = { ...content, id, revision: 8, validUntilMs: 4, keepUntilMs: 5 }
    const outcome = registry.receiveAlert({ alert, remainingMs: 500, keepRemainingMs: 1_000 }, clock(0, 1))
    expect(outcome).toEqual({ outcome: 'ignored', reason: 'ended' })
  })
})
