// "How many were warned, how far ahead, who not and why", for one alert: read back from rows that real records filled, on both databases; held
// against a reckoning that shares no code; and over real HTTP, public and not.
import type { LogRecord } from '@outrider/event-log'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readLeads } from '../../apps/central/src/api/read-leads.js'
import { readLedger } from '../../apps/central/src/api/read-ledger.js'
import { readVehicles } from '../../apps/central/src/api/read-vehicles.js'
import { applyRecords } from '../../apps/central/src/apply/apply-records.js'
import { emptyStore, migrate } from '../../apps/central/src/store/migrations.js'
import type { Store } from '../../apps/central/src/store/store.js'
import { type CentralPlace, createCentralPlace, until } from './central-process.js'
import { describeStores } from './databases.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { createDatabase } from './postgres-server.js'
import { alertMessage, authority, endBody, placed, reportBody } from './records.js'

const { DeliveryStage, DeliveryState, DropReason, Lane } = outrider.v1
const { DELIVERY_STATE_TARGETED: targeted, DELIVERY_STATE_ACKNOWLEDGED: acknowledged, DELIVERY_STATE_DROPPED: dropped } = DeliveryState
const { DELIVERY_STATE_WITHDRAWN: withdrawn, DELIVERY_STATE_MOVED: moved, DELIVERY_STATE_ENDED: ended } = DeliveryState
const startMs = Date.now() - 600_000
const plan = { id: { node: 'edge-1', boot: 0xbeef, sequence: 1 }, atMs: startMs }
const key = 'edge-1/0000beef/1'

type Step = Omit<outrider.v1.DeliveryTransition.$Properties, 'alertId'>
/** What happened to one alert, by node and in order; times in s after its issue. */
const at = (second: number) => startMs + second * 1_000
const scene: readonly (readonly [node: string, step: Step])[] = [
  // Warned at 1 s, shown at 2 s, at the hazard at 22 s.
  ['edge-1', { vehicle: 'reaches', state: targeted, timeMs: at(0), distanceM: 480, timeToHazardMs: 24_000 }],
  [
    'edge-1',
    {
      vehicle: 'reaches',
      state: targeted,
      stage: DeliveryStage.DELIVERY_STAGE_RECEIVED,
      timeMs: at(0.5),
      sentTimeMs: at(0.1),
      vehicleTimeMs: at(3_600),
    },
  ],
  ['edge-1', { vehicle: 'reaches', state: acknowledged, stage: DeliveryStage.DELIVERY_STAGE_TAKEN, timeMs: at(1), sentTimeMs: at(0.1) }],
  [
    'edge-1',
    { vehicle: 'reaches', state: acknowledged, stage: DeliveryStage.DELIVERY_STAGE_SHOWN, timeMs: at(2), vehicleTimeMs: at(3_602) },
  ],
  ['edge-1', { vehicle: 'reaches', state: acknowledged, timeMs: at(22), reachedTimeMs: at(22) }],
  // Shown, and turned off.
  ['edge-1', { vehicle: 'turns', state: targeted, timeMs: at(0), distanceM: 300, timeToHazardMs: 15_000 }],
  ['edge-1', { vehicle: 'turns', state: acknowledged, stage: DeliveryStage.DELIVERY_STAGE_TAKEN, timeMs: at(1) }],
  ['edge-1', { vehicle: 'turns', state: acknowledged, stage: DeliveryStage.DELIVERY_STAGE_SHOWN, timeMs: at(2) }],
  // Moved to the next node, which warned it.
  ['edge-1', { vehicle: 'moves', state: targeted, timeMs: at(0), distanceM: 900 }],
  ['edge-1', { vehicle: 'moves', state: moved, timeMs: at(4), movedTo: 'edge-2' }],
  ['edge-2', { vehicle: 'moves', state: targeted, timeMs: at(3), distanceM: 700 }],
  ['edge-2', { vehicle: 'moves', state: acknowledged, alreadyHeld: true, timeMs: at(5) }],
  // Withdrawn before it was sent, targeted again, and not reached by the end.
  ['edge-1', { vehicle: 'late', state: targeted, timeMs: at(0) }],
  ['edge-1', { vehicle: 'late', state: withdrawn, timeMs: at(1) }],
  ['edge-1', { vehicle: 'late', state: targeted, timeMs: at(2) }],
  ['edge-1', { vehicle: 'late', state: ended, timeMs: at(60) }],
  // At the hazard, and its link was dead.
  ['edge-1', { vehicle: 'dead', state: targeted, timeMs: at(0), distanceM: 100 }],
  ['edge-1', { vehicle: 'dead', state: targeted, timeMs: at(5), reachedTimeMs: at(5) }],
  ['edge-1', { vehicle: 'dead', state: dropped, dropReason: DropReason.DROP_REASON_DISCONNECTED, timeMs: at(120) }],
]

function recordsOf(steps: readonly (readonly [node: string, step: Step])[]) {
  const bodies = [
    ['edge-1', { alert: alertMessage(plan, 1) }],
    ['edge-1', endBody(plan, 1)],
    // An hour of one vehicle that drives.
    ['edge-1', reportBody('reaches', 1, 1, startMs - 3_000_000, true)],
    ['edge-1', reportBody('reaches', 1, 2, startMs + 600_000, true)],
    ...steps.map(([node, step]) => [node, { delivery: { alertId: plan.id, revision: 1, ...step } }] as const),
  ] as const
  return bodies.map(([node, body], index) => placed({ node, lane: Lane.LANE_URGENT, epoch: 1, sequence: index + 1 }, body, startMs + index))
}

const wantedVehicles = { targeted: 5, warned: 3, notWarned: 2, shown: 2, reached: 2, reachedWarned: 1, reachedUnwarned: 1, neverReached: 1 }
const wantedDeliveries = {
  targeted: 5,
  acknowledged: 3,
  ended: 1,
  dropped: 1,
  droppedBy: { disconnected: 1 },
  withdrawn: 0,
  moved: 0,
  pending: 0,
}

describeStores('the ledger of an alert', createStore => {
  let store: Store

  beforeAll(async () => {
    store = await createStore()
    await store.start()
    await migrate(store)
  })
  afterAll(() => store.stop())

  async function apply(steps: readonly (readonly [node: string, step: Step])[]): Promise<void> {
    await store.transaction(emptyStore)
    const records = recordsOf(steps).map(
      ({ record }, offset) => ({ ...record, partition: 'p', offset, headers: {} }) as unknown as LogRecord,
    )
    const batch = { topic: 'outrider.deliveries', partition: 'p', records, fromOffset: undefined, nextOffset: records.length }
    const applied = await applyRecords(
      { store, authority, writeLetters: async () => expect.unreachable('a dead letter'), wallMs: Date.now },
      batch,
    )
    expect(applied.applied.delivery ?? 0).toBe(steps.length)
  }

  test('says how many were warned, how far ahead, who not and why', async () => {
    await apply(scene)
    const ledger = (await readLedger(store, key, Date.now()))!
    expect(ledger).toMatchObject({
      alert: key,
      state: 'ended',
      vehicles: wantedVehicles,
      notWarnedBy: { ended: 1, dropped_disconnected: 1 },
      ahead: {
        // The first distance of who moved is that of the node it left.
        distanceM: { vehicles: 3, min: 300, median: 480, max: 900 },
        timeToHazardS: { vehicles: 2, min: 15, max: 24 },
      },
      leadS: { vehicles: 1, min: 20, median: 20, max: 20 },
      deliveries: { ...wantedDeliveries, shown: 2, alreadyHeld: 1, recovered: 0 },
      revisionsLeftOut: 0,
      complete: true,
    })
    const [revision] = ledger.revisions
    expect(revision).toMatchObject({ revision: 1, ...wantedDeliveries })
    expect(revision!.nodes).toMatchObject([
      { node: 'edge-1', targeted: 5, acknowledged: 2, moved: 1, ended: 1, dropped: 1 },
      { node: 'edge-2', targeted: 1, acknowledged: 1, alreadyHeld: 1 },
    ])
    const vehicles = await readVehicles(store, key, '', 100)
    expect(vehicles.map(({ vehicle, warned, outcome }) => [vehicle, warned, outcome])).toEqual([
      ['dead', false, 'dropped_disconnected'],
      ['late', false, 'ended'],
      ['moves', true, 'acknowledged'],
      ['reaches', true, 'acknowledged'],
      ['turns', true, 'acknowledged'],
    ])
    const time = (second: number) => new Date(at(second)).toISOString()
    expect(vehicles[3]).toEqual({
      vehicle: 'reaches',
      warned: true,
      outcome: 'acknowledged',
      revision: 1,
      node: 'edge-1',
      movedTo: null,
      targetedAt: time(0),
      sentAt: time(0.1),
      receivedAt: time(3_600),
      acknowledgedAt: time(1),
      shownAt: time(3_602),
      reachedAt: time(22),
      leadS: 20,
      distanceM: 480,
      timeToHazardS: 24,
    })
    expect((await readVehicles(store, key, 'moves', 1)).map(({ vehicle }) => vehicle)).toEqual(['reaches'])
    expect(await readLedger(store, 'edge-1/0000beef/2', Date.now())).toBeUndefined()
  })

  test('lead times of all alerts by cause, and what drivers were shown and never came to', async () => {
    await apply(scene)
    expect(await readLeads(store, Date.now())).toEqual({
      shown: 2,
      reached: 1,
      neverReached: 1,
      reachedUnwarned: 1,
      vehicleHours: 1,
      neverReachedPerVehicleHour: 1,
      leadS: { 94: { vehicles: 1, min: 20, p10: 20, median: 20, p90: 20, max: 20, histogram: [{ upToS: 20, vehicles: 1 }] } },
    })
  })

  test('adds up, whatever the steps and their order, and counts every vehicle once', async () => {
    const step = fc.record({
      vehicle: fc.constantFrom('v', 'w', 'x'),
      revision: fc.integer({ min: 1, max: 2 }),
      state: fc.integer({ min: 1, max: 8 }),
      stage: fc.integer({ min: 0, max: 3 }),
      dropReason: fc.nat(8),
      timeMs: fc.integer({ min: 0, max: 5 }).map(at),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('edge-1', 'edge-2'), step), { maxLength: 10 }), async steps => {
        await apply(steps)
        const ledger = (await readLedger(store, key, Date.now()))!
        const sum = ({ targeted: _all, droppedBy, shown: _s, alreadyHeld: _h, recovered: _r, ...outcomes }: typeof ledger.deliveries) => {
          expect(Object.values(droppedBy).reduce((total, count) => total + count, 0)).toBe(outcomes.dropped)
          const { acknowledged: a, expired, superseded, ended: e, withdrawn: w, moved: m, dropped: d, pending } = outcomes
          return a + expired + superseded + e + w + m + d + pending
        }
        const different = (name: (each: (typeof steps)[number]) => unknown) => new Set(steps.map(each => JSON.stringify(name(each)))).size
        expect(sum(ledger.deliveries)).toBe(ledger.deliveries.targeted)
        expect(ledger.deliveries.targeted).toBe(different(([, { vehicle, revision }]) => [vehicle, revision]))
        const nodes = ledger.revisions.flatMap(({ nodes: own }) => own)
        for (const node of nodes) expect(sum(node)).toBe(node.targeted)
        expect(nodes.reduce((total, node) => total + node.targeted, 0)).toBe(
          different(([node, { vehicle, revision }]) => [node, vehicle, revision]),
        )
        expect(ledger.revisions.reduce((total, each) => total + each.targeted, 0)).toBe(ledger.deliveries.targeted)
        const { targeted: all, warned, notWarned } = ledger.vehicles
        expect(all).toBe(different(([, { vehicle }]) => vehicle))
        expect(warned + notWarned).toBe(all)
        expect(Object.values(ledger.notWarnedBy).reduce((total, count) => total + count, 0)).toBe(notWarned)
        const has = ({ state, stage }: Step) => state === acknowledged || stage === 2 || stage === 3
        expect(warned).toBe(new Set(steps.filter(([, each]) => has(each)).map(([, { vehicle }]) => vehicle)).size)
      }),
      { numRuns: 40 },
    )
  })
})

test('over HTTP the public is told counts and no vehicle, the admin port the pseudonyms', async () => {
  const place: CentralPlace = await createCentralPlace()
  try {
    const writer = await openWriter(place.eventLogFolder, 'region-1')
    await appendAll(writer, recordsOf(scene))
    await writer.stop()
    const postgresUrl = inject('postgresUrl')
    const central = await place.start(
      postgresUrl === undefined ? {} : { DATABASE_URL: await createDatabase(postgresUrl, `ledger_${process.pid}_${startMs}`) },
    )
    await until(central.stats, ({ eventLog }) => eventLog.lag === 0)
    const open = await central.get(`/v1/alerts/${key}/ledger`)
    expect([open.status, open.headers.get('content-type')]).toEqual([200, 'application/json'])
    const text = await open.text()
    expect(JSON.parse(text)).toMatchObject({ alert: key, vehicles: wantedVehicles, deliveries: wantedDeliveries })
    for (const [, { vehicle }] of scene) expect(text).not.toContain(`"${vehicle}"`)
    expect((await central.get(`/v1/alerts/${encodeURIComponent(key)}/ledger`)).status).toBe(200)
    expect((await central.get('/v1/alerts/edge-1/0000beef/9/ledger')).status).toBe(404)
    expect((await central.get('/v1/alerts/ledger')).status).toBe(404)
    expect(await central.stats()).toMatchObject({ leads: { shown: 2, reached: 1, neverReached: 1 } })

    const admin = (query: string) => fetch(`http://127.0.0.1:${central.adminPort}/ledger${query}`)
    const page = await (await admin(`?alert=${key}&limit=2`)).json()
    expect(page).toMatchObject({ vehicles: wantedVehicles, vehicleList: [{ vehicle: 'dead' }, { vehicle: 'late' }], next: 'late' })
    for (const query of ['', '?alert=nonsense', `?alert=${key}&limit=0`, `?alert=${key}&limit=1e9`, `?alert=${key}&after=%00`]) {
      const refused = await admin(query)
      expect([query, refused.status, Object.keys((await refused.json()) as object)]).toEqual([query, 400, ['error']])
    }
  } finally {
    await place.remove()
  }
})
