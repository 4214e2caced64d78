import { outrider } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import type { Alert } from './index.js'
import { checkAlert, createAlertRegistry } from './index.js'

const { AlertStatus, IssuerRole, TrafficDirection } = outrider.v1

const place = { latitudeE7: 535_000_000, longitudeE7: 100_000_000 }
const valid: Alert = {
  status: AlertStatus.ALERT_STATUS_ACTUAL,
  issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
  cause: { code: 94, subCause: 2 },
  eventPosition: place,
  area: { circle: { center: place, radiusCm: 2_000 } },
  history: [{ position: place, timeMs: 1 }],
  referenceHeadingDecideg: 3_599,
  trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
  awarenessDistanceM: 10_000,
  lanePosition: -1,
  texts: [{ language: 'de', text: 'x'.repeat(500) }],
}
const compileArea = (area: outrider.v1.Area.$Properties) =>
  area.circle?.radiusCm
    ? ({ ok: true, area } as const)
    : ({ ok: false, problem: { field: 'circle.radiusCm', message: 'is needed' } } as const)

describe('an alert from outside', () => {
  test('is taken with every value at its limit, and gives its compiled area', () => {
    expect(checkAlert(valid, compileArea, 'issuer')).toEqual({ ok: true, area: valid.area })
  })

  const wrong: readonly (readonly [string, Alert])[] = [
    ['status', { status: AlertStatus.ALERT_STATUS_UNSPECIFIED }],
    ['status', { status: 4 as never }],
    ['issuerRole', { issuerRole: IssuerRole.ISSUER_ROLE_UNSPECIFIED }],
    ['cause.code', { cause: null }],
    ['cause.code', { cause: { code: 93 } }],
    ['cause.code', { cause: { code: 8 as never } }],
    ['cause.subCause', { cause: { code: 94, subCause: 256 } }],
    ['eventPosition.latitudeE7', { eventPosition: null }],
    ['eventPosition.latitudeE7', { eventPosition: { ...place, latitudeE7: 900_000_001 } }],
    ['eventPosition.longitudeE7', { eventPosition: { latitudeE7: 0 } }],
    ['eventPosition.longitudeE7', { eventPosition: { ...place, longitudeE7: Number.NaN } }],
    ['area', { area: null }],
    ['area.circle.radiusCm', { area: {} }],
    ['awarenessDistanceM', { awarenessDistanceM: 10_001 }],
    ['awarenessDistanceM', { awarenessDistanceM: 0.5 }],
    ['referenceHeadingDecideg', { referenceHeadingDecideg: 3_600 }],
    ['referenceHeadingDecideg', { referenceHeadingDecideg: null }],
    ['trafficDirection', { trafficDirection: 5 as never }],
    ['lanePosition', { lanePosition: -2 }],
    ['informationQuality', { informationQuality: 8 }],
    ['priority', { priority: 4 as never }],
    ['advice', { advice: 10 as never }],
    ['advisedSpeedCmps', { advisedSpeedCmps: 16_383 }],
    ['eventSpeedCmps', { eventSpeedCmps: -1 }],
    ['sources', { sources: 0 }],
    ['history', { history: Array.from({ length: 24 }, () => ({ position: place })) }],
    ['history[1].position.latitudeE7', { history: [{ position: place }, {}] }],
    ['linkedCauses[0].code', { linkedCauses: [{ code: 8 as never }] }],
    ['linkedCauses', { linkedCauses: Array.from({ length: 9 }, () => ({ code: 94 })) }],
    ['texts[0].language', { texts: [{ language: 'd', text: 'x' }] }],
    ['texts[0].language', { texts: [{ language: 'de\u001b[2J', text: 'x' }] }],
    ['texts[0].text', { texts: [{ language: 'de', text: '' }] }],
    ...['\u001b[2J', '\r\nissued by operator', '\u009b2J', '\u202e', '\u2028', '\0'].map((words): readonly [string, Alert] => [
      'texts[0].text',
      { texts: [{ language: 'de', text: `Stau${words}` }] },
    ]),
    [
      'texts[1].text',
      {
        texts: [
          { language: 'de', text: 'x' },
          { language: 'en', text: 'x'.repeat(501) },
        ],
      },
    ],
    ['replaces[0].node', { replaces: [{ node: 'a/b', sequence: 1 }] }],
    ['replaces[0].sequence', { replaces: [{ node: 'a' }] }],
  ]
  test.each(wrong)('is refused by its field: %s', (field, change) => {
    expect(checkAlert({ ...valid, ...change }, compileArea, 'issuer')).toMatchObject({ ok: false, problem: { field } })
  })

  test('is refused if it is too long to be sent, at the door a little earlier than on a link', () => {
    const takesAll = () => ({ ok: true, area: true }) as const
    const withPoints = (count: number) => {
      const points = Array.from({ length: count }, (_, index) => ({ latitudeE7: index, longitudeE7: -index }))
      return { ...valid, area: { polygons: { polygons: [{ outer: { points } }] } } }
    }
    const longest = (source: 'issuer' | 'link') => {
      let count = 3
      while (checkAlert(withPoints(count + 50), takesAll, source).ok) count += 50
      return count
    }
    const [atDoor, onLink] = [longest('issuer'), longest('link')]
    expect(atDoor).toBeGreaterThan(2_000)
    expect(onLink).toBeGreaterThan(atDoor)
    expect(checkAlert(withPoints(atDoor + 50), takesAll, 'issuer')).toMatchObject({ problem: { field: 'area' } })
  })

  test('keeps a cause of a later release of the standard on a link, where dropping it would split registries', () => {
    expect(checkAlert({ ...valid, cause: { code: 101 as never } }, compileArea, 'link').ok).toBe(true)
    expect(checkAlert({ ...valid, cause: { code: 256 as never } }, compileArea, 'link').ok).toBe(false)
  })

  test('goes nowhere without a valid area, whichever way it comes', () => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
    const now = { monotonicMs: 0, wallMs: 0 }
    const alert = { ...valid, area: {}, id: { node: 'there', boot: 1, sequence: 1 }, revision: 1, validUntilMs: 1, keepUntilMs: 2 }
    const live = { alert, remainingMs: 1_000, keepRemainingMs: 1_000 }
    expect(registry.receiveAlert(live, now)).toMatchObject({ reason: 'invalid', problem: { field: 'alert.area.circle.radiusCm' } })
    const draft = { content: { ...valid, area: null }, validityMs: 1_000, renewable: false }
    expect(registry.issue(draft, now)).toMatchObject({ reason: 'invalid', problem: { field: 'area' } })
    expect([...registry.entries()]).toEqual([])
  })

  test.each([
    ['remainingMs', { remainingMs: null }],
    ['remainingMs', { remainingMs: 86_400_001 }],
    ['keepRemainingMs', { keepRemainingMs: null }],
    ['alert', { alert: null }],
    ['alert.revision', { alert: { ...valid, id: { node: 'there', boot: 1, sequence: 1 }, validUntilMs: 1, keepUntilMs: 2 } }],
    ['alert.validUntilMs', { alert: { ...valid, id: { node: 'there', boot: 1, sequence: 1 }, revision: 1, validUntilMs: Number.NaN } }],
    ['alert.id.node', { alert: { ...valid, revision: 1 } }],
  ])('is refused on a link by its field: %s', (field, change) => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
    const alert = { ...valid, id: { node: 'there', boot: 1, sequence: 1 }, revision: 1, validUntilMs: 1, keepUntilMs: 2 }
    const outcome = registry.receiveAlert({ alert, remainingMs: 1_000, keepRemainingMs: 1_000, ...change }, { monotonicMs: 0, wallMs: 0 })
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'invalid', problem: { field } })
  })

  test.each([0, 86_400_001, 1.5, Number.NaN])('is refused with a validity of %d ms', validityMs => {
    const registry = createAlertRegistry({ node: 'here', boot: 1, compileArea })
    const outcome = registry.issue({ content: valid, validityMs, renewable: false }, { monotonicMs: 0, wallMs: 0 })
    expect(outcome).toMatchObject({ reason: 'invalid', problem: { field: 'validityMs' } })
  })

  test.each([{ node: '' }, { node: 'a/b' }, { boot: -1 }, { entriesMax: 0 }])('no registry is made of %o', options => {
    expect(() => createAlertRegistry({ node: 'here', boot: 1, compileArea, ...options })).toThrowError(
      expect.objectContaining({ code: 'invalid_option' }),
    )
  })
})
