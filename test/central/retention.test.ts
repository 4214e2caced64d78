// What is past its time goes, what is not stays; on both databases.
import { outrider } from '@outrider/protocol'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readStats } from '../../apps/central/src/api/read-stats.js'
import { applyRecords } from '../../apps/central/src/apply/apply-records.js'
import { createRetention, removeExpired } from '../../apps/central/src/retention.js'
import { migrate } from '../../apps/central/src/store/migrations.js'
import type { Store } from '../../apps/central/src/store/store.js'
import { describeStores } from './databases.js'
import { alertMessage, authority, deliveryBody, placed, reportBody } from './records.js'

const { DeliveryState, Lane } = outrider.v1
const hourMs = 3_600_000
const nowMs = 1_800_000_000_000
const keepMs = { reports: 24 * hourMs, deliveries: 30 * 24 * hourMs, alerts: 365 * 24 * hourMs }

describeStores('retention', createStore => {
  let store: Store

  beforeAll(async () => {
    store = await createStore()
    await store.start()
    await migrate(store)
  })

  afterAll(() => store.stop())

  test('each kind by its own time, a record from the future by ours', async () => {
    let sequence = 0
    const records = [25 * hourMs, 23 * hourMs, -1_000 * hourMs].flatMap(ageMs => recordsOf(nowMs - ageMs))
    function recordsOf(atMs: number) {
      const vehicle = `at-${atMs}`
      const id = { node: 'n', boot: 1, sequence: sequence + 1 }
      const bodies = [
        reportBody(vehicle, 1, 1, atMs, true),
        { alert: alertMessage({ id, atMs }, 1) },
        deliveryBody(id, 1, vehicle, DeliveryState.DELIVERY_STATE_TARGETED, atMs),
      ]
      return bodies.map(body => placed({ node: 'n', lane: Lane.LANE_URGENT, epoch: 1, sequence: ++sequence }, body, atMs).record)
    }
    const batch = {
      topic: 'outrider.reports',
      partition: '0',
      fromOffset: undefined,
      nextOffset: records.length,
      records: records.map((record, offset) => ({ ...record, headers: {}, offset })),
    }
    await applyRecords({ store, authority, wallMs: () => nowMs, writeLetters: async () => {} }, batch)
    const counts = async () => {
      const { reports, alerts, deliveries } = await readStats(store, nowMs)
      return [reports.identities, deliveries.targeted, alerts.total]
    }
    expect(await counts()).toEqual([3, 3, 3])
    expect(await removeExpired(store, keepMs, nowMs)).toBe(1)
    expect(await counts()).toEqual([2, 3, 3])
    // The numbers of its reports stay known for a day more.
    const known = () => store.query("SELECT 1 FROM sequence_source WHERE kind = 'report'")
    expect(await known()).toHaveLength(3)
    await removeExpired(store, keepMs, nowMs + 24 * hourMs)
    expect(await known()).toHaveLength(2)
    expect(await counts()).toEqual([1, 3, 3])
    await removeExpired(store, keepMs, nowMs + 31 * 24 * hourMs)
    expect(await counts()).toEqual([0, 0, 3])
    await removeExpired(store, keepMs, nowMs + 366 * 24 * hourMs)
    expect(await counts()).toEqual([0, 0, 0])
  })

  test('thousands of rows go in pieces', async () => {
    await store.query(`INSERT INTO report SELECT 'v', 1, n, false, 0, 0, 'n', 1, 1, n, ''::bytea FROM generate_series(1, 4500) AS s(n)`)
    expect(await removeExpired(store, keepMs, nowMs)).toBe(4_500)
  })

  test('the first look is soon after the start, once the store is ready, and a small one', async () => {
    await store.query(`INSERT INTO report SELECT 'v', 1, n, false, 0, 0, 'n', 1, 1, n, ''::bytea FROM generate_series(1, 11000) AS s(n)`)
    let askedFirst = 0
    const faults: unknown[] = []
    const retention = createRetention({
      store,
      keepMs,
      wallMs: () => nowMs,
      isStoreReady: () => ++askedFirst > 3,
      onEvent: event => event.event === 'retention_failed' && faults.push(event.cause),
      firstMs: 1,
      everyMs: 3_600_000,
    })
    retention.start()
    await vi.waitFor(() => expect(retention.removedRows()).toBe(10_000), { timeout: 20_000 })
    await retention.stop()
    expect([askedFirst, faults]).toEqual([4, []])
    expect(await removeExpired(store, keepMs, nowMs)).toBe(1_000)
  })
})
