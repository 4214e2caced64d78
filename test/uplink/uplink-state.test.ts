// What a node shows of its uplink, and what the region's zone table does to it.
import type { outrider } from '@outrider/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeFolder, startEdge, zoneTable } from '../edge/edge-node.js'
import { TestVehicle } from '../edge/test-vehicle.js'
import { createTiers, metricOf, readyOf, type Tiers } from './tiers.js'

let tiers: Tiers
beforeEach(async () => {
  tiers = await createTiers()
})
afterEach(() => tiers.remove())

it('a node without a region says that it is an island, is ready, and shows what waits', async () => {
  const node = await startEdge()
  const vehicle = await TestVehicle.join(node.url)
  vehicle.drive('urgent', 1, [{ eastM: 0, northM: 0, speedMps: 0 }])
  await vehicle.next('reportAck')
  const { ready, checks } = await readyOf(node)
  expect(ready).toBe(true)
  expect(checks.uplink.detail).toMatch(
    /^an island: urgent lane not connected since \d{4}-.*Z \(OUTRIDER_EDGE_REGION is unset\), 1 records? waits?, .*; telemetry lane .*, no record waits$/,
  )
  expect(checks.clock.detail).toBe('not compared with a region')
  expect(await metricOf(node, 'uplink_connected', 'urgent')).toBe(0)
  expect(await metricOf(node, 'uplink_waiting_records', 'urgent')).toBe(1)
  expect(await metricOf(node, 'uplink_oldest_waiting_seconds', 'urgent')).toBeGreaterThan(0)
  expect(await metricOf(node, 'uplink_oldest_waiting_seconds', 'telemetry')).toBe(0)
})

it('a node with a region shows both lanes and whose clock it keeps', async () => {
  await tiers.startRegion()
  const node = await tiers.startNode('edge-1')
  await expect
    .poll(async () => (await readyOf(node)).checks.uplink.detail, { timeout: 30_000 })
    .toBe('urgent lane connected, no record waits; telemetry lane connected, no record waits')
  // One machine: the offset is what the ways took unevenly.
  await expect
    .poll(async () => (await readyOf(node)).checks.clock.detail, { timeout: 30_000 })
    .toMatch(/^\d+ ms (?:ahead of|behind) the region, corrected$/)
  for (const lane of ['urgent', 'telemetry']) expect(await metricOf(node, 'uplink_connected', lane)).toBe(1)
})

it('a later zone table of the region is taken by its nodes, and kept for a start without it', async () => {
  await tiers.startRegion()
  const at = makeFolder()
  const versionOf = async ({ http }: { readonly http: string }) =>
    ((await (await fetch(`${http}/v1/zone`)).json()) as { tableVersion: number }).tableVersion
  const node = await tiers.startNode('edge-1', {}, at)
  expect(await versionOf(node)).toBe(1)
  await tiers.place.writeZones({ ...(zoneTable as outrider.v1.ZoneTable.$Properties), version: 7 })
  await expect.poll(() => versionOf(node), { timeout: 30_000 }).toBe(7)
  node.process.kill('SIGTERM')
  expect(await node.ended).toBe(0)

  tiers.relay.target = undefined
  const again = await tiers.startNode('edge-1', {}, at)
  expect(await versionOf(again)).toBe(7)
  expect((await readyOf(again)).checks.zones.detail).toMatch(/version of the file is 1; must be above 7/)
})
