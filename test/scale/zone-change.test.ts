// Many vehicles cross the border between two nodes while alerts are active: by either node, and an operator's at both.
import { randomUUID } from 'node:crypto'
import { credentials } from '@grpc/grpc-js'
import { formatAlertKey, outrider } from '@outrider/protocol'
import { connect } from '@outrider/sdk'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clearNodes, type EdgeNode } from '../edge/edge-node.js'
import { createServiceClient, type ServiceClient } from '../region/region-clients.js'
import { authority, createRegionPlace, type RegionPlace } from '../region/region-process.js'
import { eastOfBorder, planTwoNodes, startTwoNodes } from '../sdk/two-nodes.js'
import { type CrossingVehicle, endM, startCrossing } from './crossing-vehicle.js'
import { extent, poll } from './extent.js'
import { accountedFor, type LedgerCounts } from './ledger-counts.js'

const { DropReason } = outrider.v1
const { perSecond, seconds } = extent.crossing
/** Side by side, so that a second's vehicles do not drive in each other. */
const lanes = 30
const laneM = 3.5
const beatMs = 100
/** A vehicle that is gone is remembered for 120 s; what it was still to get is settled then. */
const givenUp = { timeout: 180_000, interval: 1_000 }
/** Beyond its end, for what is still to come to it. */
const patienceM = 500

let place: RegionPlace
let nodes: readonly [EdgeNode, EdgeNode]
let operator: ServiceClient
const ending: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const plan = await planTwoNodes()
  place = await createRegionPlace()
  await place.writeZones(plan.table)
  const region = await place.start({ OUTRIDER_INSECURE: '1' })
  operator = createServiceClient('AlertService', region.grpcPort, credentials.createInsecure())
  const more = {
    OUTRIDER_INSECURE: '1',
    OUTRIDER_AUTHORITY: authority,
    OUTRIDER_EDGE_REGION: `127.0.0.1:${region.grpcPort}`,
    OUTRIDER_EDGE_HANDSHAKES_ADDRESS: '10000',
  }
  nodes = await startTwoNodes(more, plan)
})

afterAll(async () => {
  for (const end of ending) await end()
  operator?.close()
  await clearNodes()
  await place?.remove()
})

interface Details {
  readonly gauges: { readonly activeAlerts: number; readonly connected: number }
  readonly ledger: LedgerCounts
  readonly alerts: readonly { readonly alert: string; readonly state: string }[]
}

async function details(node: EdgeNode): Promise<Details> {
  return (await (await fetch(`${node.admin}/details`)).json()) as Details
}

/** A vehicle that stands on the road with its hazard lights on. */
async function stand(node: EdgeNode, eastM: number): Promise<void> {
  const vehicle = await connect({ url: node.url, token: `stands-at.${eastM}.x`, presentation: false })
  const report = () => void vehicle.report({ ...eastOfBorder(eastM), speedMps: 0, headingDeg: 90, flags: ['hazard_lights', 'breakdown'] })
  report()
  const timer = setInterval(report, 500)
  ending.push(async () => {
    clearInterval(timer)
    await vehicle.close()
  })
  void (async () => {
    for await (const alert of vehicle.alerts()) alert.shown()
  })()
}

/** An operator's alert in a circle that both nodes have a part of. */
async function warnAtBorder(): Promise<string> {
  const degrees = eastOfBorder(0)
  const center = { latitudeE7: Math.round(degrees.latitude * 1e7), longitudeE7: Math.round(degrees.longitude * 1e7) }
  const cause = { code: 'CAUSE_CODE_ROADWORKS' }
  const alert = { status: 'ALERT_STATUS_ACTUAL', cause, eventPosition: center, area: { circle: { center, radiusCm: 50_000 } } }
  const issued = await operator.call('Issue', { requestId: randomUUID(), validityMs: 1_800_000, alert })
  return formatAlertKey(issued.alert.alert.id)
}

it(`${perSecond} vehicles a second change the node for ${seconds} s: none misses an alert, none is told twice`, {
  timeout: 300_000,
}, async () => {
  await stand(nodes[0], -100)
  await stand(nodes[1], 500)
  const atBoth = await warnAtBorder()
  const activeAt = async (node: EdgeNode) =>
    (await details(node)).alerts.filter(({ state }) => state === 'active').map(({ alert }) => alert)
  const active = async () => new Set((await Promise.all(nodes.map(activeAt))).flat())
  await expect.poll(async () => (await active()).size, poll).toBe(3)
  for (const node of nodes) await expect.poll(() => activeAt(node), poll).toContain(atBoth)
  const keys = await active()

  const count = perSecond * seconds
  const driving = new Set<CrossingVehicle>()
  const missed: string[] = []
  const doubled: string[] = []
  const failed: string[] = []
  const gapsMs: number[] = []
  const closing: Promise<void>[] = []

  function arrive(vehicle: CrossingVehicle): void {
    driving.delete(vehicle)
    gapsMs.push(vehicle.gapMs)
    for (const key of keys) if (!vehicle.told.has(key)) missed.push(key)
    for (const [key, times] of vehicle.told) if (times > 1) doubled.push(key)
    if (!vehicle.hasMoved) failed.push('is not with the next node')
    closing.push(vehicle.close())
  }

  const beat = setInterval(() => {
    for (const vehicle of driving) {
      const eastM = vehicle.drive()
      const isDone = vehicle.hasMoved && [...keys].every(key => vehicle.told.has(key))
      if (eastM >= endM && (isDone || eastM >= endM + patienceM)) arrive(vehicle)
    }
  }, beatMs)
  ending.push(async () => clearInterval(beat))

  const startedAtMs = performance.now()
  const starting: Promise<unknown>[] = []
  while (starting.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAtMs) / 1_000) * perSecond))
    while (starting.length < due) {
      const index = starting.length
      const vehicle = startCrossing(nodes[0].url, `crosses-${index}.east.x`, ((index % lanes) - lanes / 2) * laneM)
      starting.push(
        vehicle.then(
          ready => driving.add(ready),
          (error: Error) => failed.push(error.message),
        ),
      )
    }
    await new Promise(resolve => setTimeout(resolve, beatMs / 4))
  }
  await Promise.all(starting)
  await expect.poll(() => driving.size, { timeout: 120_000, interval: 200 }).toBe(0)
  await Promise.all(closing)

  const inOrder = gapsMs.sort((a, b) => a - b)
  const without = gapsMs.filter(ms => ms === 0).length
  const late = gapsMs.filter(ms => ms >= 120).length
  process.stderr.write(
    `outrider: ${count} vehicles changed the node in ${seconds} s with ${keys.size} alerts active: ${missed.length} alerts missed, ${doubled.length} told twice; ${without} were never without a node, the longest gap was ${inOrder.at(-1)?.toFixed(1)} ms, ${late} were 120 ms or longer\n`,
  )
  expect({ failed, missed, doubled }).toEqual({ failed: [], missed: [], doubled: [] })
  expect(gapsMs).toHaveLength(count)
  for (const node of nodes) {
    if (extent.isFull) await expect.poll(async () => (await details(node)).ledger.pending, givenUp).toBe(0)
    const { ledger } = await details(node)
    expect(accountedFor(ledger)).toBe(ledger.targeted)
    // A vehicle that is done closes whatever has just come.
    expect(ledger.dropped.every((drops, reason) => drops === 0 || reason === DropReason.DROP_REASON_DISCONNECTED)).toBe(true)
  }
})
