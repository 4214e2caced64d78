// The process dies with all it knows; another one starts from the records of its urgent lane.
import { outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { createOpenDeliveries } from './open-deliveries.js'
import { createTestZone, positionAt } from './test-zone.js'

const { AlertStatus, DeliveryState, EndReason, IssuerRole } = outrider.v1
type TestZone = ReturnType<typeof createTestZone>

const draft = (validityMs = 60_000) => ({
  content: {
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 10, subCause: 1 },
    eventPosition: positionAt(0, 0),
    area: { circle: { center: positionAt(0, 0), radiusCm: 5_000 } },
    issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
  },
  validityMs,
  renewable: false,
})

/** A zone in which `names` were sent the alert; who is not in `answering` owes an answer. */
function beforeCrash(names: readonly string[], answering: readonly string[]) {
  const zone = createTestZone()
  for (const name of names) {
    const vehicle = zone.vehicle(name).connect()
    vehicle.answers = answering.includes(name)
    vehicle.report({ eastM: 0, northM: 10, speedMps: 0 })
  }
  const outcome = zone.core.issue(draft())
  if (outcome.outcome !== 'changed') throw new Error('refused')
  zone.turn()
  return { zone, key: outcome.changes[0]!.entry.key }
}

function openIn(...lanes: readonly (readonly Uint8Array[])[]) {
  const open = createOpenDeliveries()
  for (const record of lanes.flat()) open.read(record)
  return open
}

/** The next process of the node, at the same moment. */
function restart(before: TestZone, boot = 0xb008): TestZone {
  const after = createTestZone({ boot })
  after.setNow(before.nowMs())
  const open = openIn(before.lanes.urgent.records)
  expect(after.core.recover(open.list())).toEqual({ reopened: open.list().length, leftOpen: 0 })
  return after
}

const statesOf = (zone: TestZone) =>
  zone.records('urgent').map(({ delivery }) => delivery && `${delivery.vehicle} ${DeliveryState[delivery.state ?? 0]}`)

describe('after a crash', () => {
  it('what was open is open again, and what was closed is not', () => {
    const { zone } = beforeCrash(['a', 'b', 'c'], ['b'])
    expect(
      openIn(zone.lanes.urgent.records)
        .list()
        .map(({ vehicle, revision }) => [vehicle, revision]),
    ).toEqual([
      ['a', 1],
      ['c', 1],
    ])
    const after = restart(zone)
    expect(after.core.totals()).toMatchObject({ targeted: 2, pending: 2 })
    expect(after.records('urgent')).toEqual([])
  })

  it('a vehicle that holds the alert says so at its return, and that is its outcome', () => {
    const { zone, key } = beforeCrash(['a'], [])
    const after = restart(zone)
    const { id, revision } = zone.core.registry.get(key)!
    const vehicle = after.vehicle('a').connect({ held: [{ alertId: id, revision }] })
    expect(after.core.totals()).toMatchObject({ targeted: 1, acknowledged: 1, pending: 0 })
    expect(statesOf(after)).toEqual(['a DELIVERY_STATE_ACKNOWLEDGED'])
    expect(vehicle.gotten('end')).toEqual([])
  })

  it('one that does not is sent nothing from records, but what the registry confirms, and once', () => {
    const { zone, key } = beforeCrash(['a'], [])
    const after = restart(zone)
    const vehicle = after.vehicle('a').connect()
    vehicle.report({ eastM: 0, northM: 10, speedMps: 0 })
    after.turn()
    expect(vehicle.alerts()).toEqual([])
    const now = { monotonicMs: zone.nowMs(), wallMs: zone.wallMs() }
    const [live] = zone.core.registry.answer([zone.core.registry.get(key)!.id], now).alerts
    after.core.takeAlert(live!)
    after.turn()
    vehicle.report({ eastM: 0, northM: 10, speedMps: 0 })
    after.turn()
    expect(vehicle.alerts()).toEqual(['10/1 r1'])
    expect(after.core.totals()).toMatchObject({ targeted: 1, acknowledged: 1, pending: 0 })
  })

  it('an alert that nobody confirms is over with its recorded validity', () => {
    const { zone, key } = beforeCrash(['a'], [])
    const after = restart(zone)
    after.pass(59_000)
    expect(after.core.totals().pending).toBe(1)
    after.pass(2_000)
    expect(after.core.totals()).toMatchObject({ targeted: 1, expired: 1, pending: 0 })
    expect(statesOf(after)).toEqual(['a DELIVERY_STATE_EXPIRED'])
    expect(after.core.ledger(key)).toBeUndefined()
    expect(after.core.gauges().deliveries).toMatchObject({ alerts: 0, pairs: 0 })
  })

  it('one that had ended is over at once, and a vehicle that never comes back is given up', () => {
    const { zone, key } = beforeCrash(['a'], [])
    const records = [...zone.lanes.urgent.records]
    zone.core.end(key, { reason: EndReason.END_REASON_CANCELLED, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR })
    const end = zone.lanes.urgent.records.find(record => outrider.v1.Record.decode(record).end != null)!
    const open = openIn(records, [end]).list()
    expect(open.map(({ validUntilWallMs }) => validUntilWallMs)).toEqual([0])
    const after = createTestZone({ boot: 0xb008 })
    after.core.recover(open)
    after.pass(500)
    expect(after.core.totals()).toMatchObject({ expired: 1, pending: 0 })

    const gone = createTestZone({ boot: 0xb009, policy: { recoveredMs: 600_000 } })
    gone.core.recover(open.map(each => ({ ...each, validUntilWallMs: undefined })))
    gone.pass(121_000)
    expect(gone.core.totals()).toMatchObject({ targeted: 1, pending: 0 })
    expect(gone.core.totals().dropped.reduce((all, each) => all + each, 0)).toBe(1)
  })

  it('a second crash finds what the first one left, and bytes that are no record are counted', () => {
    const { zone } = beforeCrash(['a', 'b'], [])
    const after = restart(zone)
    after.vehicle('a').connect({ held: [{ alertId: { node: 'node-a', boot: 0xb007, sequence: 1 }, revision: 1 }] })
    const open = openIn(zone.lanes.urgent.records, after.lanes.urgent.records, [Uint8Array.of(255, 255)])
    expect(open.list().map(({ vehicle }) => vehicle)).toEqual(['b'])
    expect([open.unreadable, open.leftOut]).toEqual([1, 0])
  })
})
