import { outrider } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import type { Alert, AlertRegistry } from './index.js'
import { createAlertRegistry } from './index.js'

const { AlertStatus, EndReason, IssuerRole } = outrider.v1
const { ISSUER_ROLE_DETECTED: detected, ISSUER_ROLE_OPERATOR: operator, ISSUER_ROLE_PARTNER: partner } = IssuerRole

const now = { monotonicMs: 0, wallMs: 1.7e12 }
const compileArea = () => ({ ok: true, area: true }) as const
const content: Alert = {
  status: AlertStatus.ALERT_STATUS_ACTUAL,
  cause: { code: 94 },
  eventPosition: { latitudeE7: 1, longitudeE7: 1 },
  area: { circle: {} },
}

function hear(registry: AlertRegistry<true>, node: string, issuerRole: outrider.v1.IssuerRole, sequence = 1): string {
  const alert = { ...content, issuerRole, id: { node, boot: 1, sequence }, revision: 1, validUntilMs: 1, keepUntilMs: 2 }
  registry.receiveAlert({ alert, remainingMs: 50_000, keepRemainingMs: 90_000 }, now)
  return `${node}/00000001/${sequence}`
}

describe('two alerts for one hazard', () => {
  const cases = [
    ['the operator stays before the partner', ['b', operator], ['a', partner], [], 'b'],
    ['the partner stays before the detected', ['b', partner], ['a', detected], [], 'b'],
    ['of equals the smaller identity stays', ['b', detected], ['a', detected], [], 'a'],
    ['one whose origin is gone does not stay', ['b', detected], ['a', operator], ['a'], 'b'],
    ['with both origins gone the order is as if both were there', ['b', detected], ['a', operator], ['a', 'b'], 'a'],
  ] as const
  test.each(cases)('%s', (_, [oneNode, oneRole], [otherNode, otherRole], gone: readonly string[], stays) => {
    for (const isSwapped of [false, true]) {
      const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
      const keys = [hear(registry, oneNode, oneRole), hear(registry, otherNode, otherRole)] as const
      const outcome = registry.mergeTwins(keys[isSwapped ? 1 : 0], keys[isSwapped ? 0 : 1], now, id => !gone.includes(id.node))
      const ending = { reason: EndReason.END_REASON_MERGED, mergedInto: { node: stays } }
      expect(outcome).toMatchObject({ outcome: 'changed', changes: [{ kind: 'ended', made: 'here', entry: { ending } }] })
      expect(registry.get(`${stays}/00000001/1`)).toMatchObject({ state: 'active' })
    }
  })

  test('an alert is not its own twin, and an ended one has none', () => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
    const [one, other] = [hear(registry, 'a', detected), hear(registry, 'b', detected)]
    expect(registry.mergeTwins(one, one, now, () => true)).toEqual({ outcome: 'refused', reason: 'unknown' })
    registry.mergeTwins(one, other, now, () => true)
    expect(registry.mergeTwins(one, other, now, () => true)).toEqual({ outcome: 'ignored', reason: 'ended' })
  })
})

describe('an alert whose origin is gone', () => {
  test('is issued anew by the acting owner, which alone revises it from then on', () => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
    const lost = hear(registry, 'gone', detected)
    const draft = { content: { ...content, issuerRole: detected }, validityMs: 1_000, renewable: true }
    expect(registry.revise(lost, draft, now)).toEqual({ outcome: 'refused', reason: 'notOrigin' })
    const outcome = registry.takeOver(lost, 60_000, 60_000, now)
    expect(outcome).toMatchObject({
      changes: [
        { kind: 'issued', entry: { own: true, alert: { replaces: [{ node: 'gone', boot: 1, sequence: 1 }] } } },
        { kind: 'ended', entry: { key: lost, ending: { reason: EndReason.END_REASON_ORIGIN_LOST } } },
      ],
    })
    expect(registry.revise('here/00000001/1', draft, now, 1)).toMatchObject({ outcome: 'changed' })
    expect(registry.revise('here/00000001/1', draft, now, 1)).toEqual({ outcome: 'refused', reason: 'conflict' })
  })

  test('nobody rewrites an alert of ours', () => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
    registry.issue({ content: { ...content, issuerRole: detected }, validityMs: 1_000, renewable: false }, now)
    const forged = {
      ...content,
      issuerRole: operator,
      id: { node: 'here', boot: 1, sequence: 1 },
      revision: 9,
      validUntilMs: 1,
      keepUntilMs: 2,
    }
    expect(registry.receiveAlert({ alert: forged, remainingMs: 1, keepRemainingMs: 1 }, now)).toEqual({
      outcome: 'refused',
      reason: 'notOrigin',
    })
  })
})
