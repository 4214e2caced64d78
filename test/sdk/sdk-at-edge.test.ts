// The SDK at a real node: what only shows when both ends are real.
import * as files from 'node:fs/promises'
import path from 'node:path'
import { createKeyFolder } from '@outrider/identity'
import { connect, type Vehicle } from '@outrider/sdk'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { clearNodes, type EdgeNode, makeFolder, startEdge } from '../edge/edge-node.js'

const place = { latitude: 53.55, longitude: 9.99, speedMps: 0 }
const poll = { timeout: 60_000, interval: 20 }
let node: EdgeNode
let issue: (lifetimeMs: number) => Promise<string>
const vehicles: Vehicle[] = []

beforeAll(async () => {
  const at = makeFolder()
  const keys = await createKeyFolder({
    path: path.join(at.folder, 'keys'),
    files,
    authority: 'outrider.local',
    certificates: [],
    nowMs: Date.now,
  })
  const issuer = await keys.tokenIssuer()
  issue = async lifetimeMs => (await issuer.issue({ enrolment: 'CAR-1', role: 'default', lifetimeMs })).token
  node = await startEdge({ OUTRIDER_EDGE_KEYS: path.join(at.folder, 'keys', 'jwks.json') }, at)
})
afterEach(() => Promise.all(vehicles.splice(0).map(vehicle => vehicle.close())))
afterAll(clearNodes)

it('has forty urgent reports at once accepted, all of them, however the limits of both ends meet', async () => {
  const vehicle = await connect({ url: node.url, token: await issue(600_000) })
  vehicles.push(vehicle)
  const reports = Array.from({ length: 40 }, () => vehicle.report({ ...place, observations: [{ cause: 10, source: 'camera' }] })!)
  const kinds = new Set((await Promise.all(reports.map(report => report.outcome))).map(outcome => outcome.kind))
  expect(kinds).toEqual(new Set(['accepted']))
})

it('renews its token in time: the node knows the same vehicle, closes the older session, and nothing is lost', async () => {
  const reasons: string[] = []
  const links: string[] = []
  const vehicle = await connect({
    url: node.url,
    // Renewed after 5 s.
    token: reason => {
      reasons.push(reason)
      return issue(reason === 'connect' ? 35_000 : 600_000)
    },
    onEvent: event => {
      if (event.event === 'link_welcomed' || event.event === 'link_ended' || event.event === 'reconnect_planned') links.push(event.event)
    },
  })
  vehicles.push(vehicle)
  await expect.poll(() => reasons, poll).toEqual(['connect', 'refresh'])
  await expect.poll(() => vehicle.stats.linksWelcomed, poll).toBe(2)
  expect(await vehicle.report({ ...place, flags: ['abs'] })!.outcome).toEqual({ kind: 'accepted' })
  expect(vehicle.isConnected).toBe(true)
  expect(links).not.toContain('reconnect_planned')
})

it('closes so that an urgent report just made is known to be durable', async () => {
  const vehicle = await connect({ url: node.url, token: await issue(600_000) })
  const report = vehicle.report({ ...place, flags: ['airbag'] })!
  await vehicle.close()
  expect(await report.outcome).toEqual({ kind: 'accepted' })
})
