// The vehicle's SDK in a real browser, at a real node, among other vehicles.
import * as files from 'node:fs/promises'
import path from 'node:path'
import { createKeyFolder } from '@outrider/identity'
import { outrider } from '@outrider/protocol'
import { nodeClock, nodeFiles, openSpoolReader } from '@outrider/spool'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { freePort } from '../../scripts/kafka-broker/broker.mjs'
import { clearNodes, type EdgeNode, makeFolder, type NodeFolder, origin, startEdge } from '../edge/edge-node.js'
import { TestVehicle } from '../edge/test-vehicle.js'
import { type PageServer, servePage } from './page-server.js'

const program = inject('chromium')
const middle = { latitude: origin.latitudeE7 / 1e7, longitude: origin.longitudeE7 / 1e7 }
const poll = { timeout: 60_000, interval: 50 }

interface PageState {
  readonly tokenReasons: readonly string[]
  readonly texts: readonly string[]
  readonly ended: readonly string[]
  readonly links: readonly (string | number)[]
  readonly isConnected: boolean
  readonly stats: { readonly accepted: number; readonly telemetrySent: number; readonly shown: number }
  readonly clockOffset: { readonly offsetMs: number; readonly errorMs: number } | undefined
}

describe.skipIf(program === undefined)('in Chromium', () => {
  let at: NodeFolder
  let node: EdgeNode
  let pages: PageServer
  let browser: Browser
  let page: Page
  let settings: Record<string, string>
  let issue: (enrolment: string) => Promise<string>
  const complaints: string[] = []

  beforeAll(async () => {
    at = makeFolder()
    const keys = await createKeyFolder({
      path: path.join(at.folder, 'keys'),
      files,
      authority: 'outrider.local',
      certificates: [],
      nowMs: Date.now,
    })
    const issuer = await keys.tokenIssuer()
    issue = async enrolment => (await issuer.issue({ enrolment, role: 'default', lifetimeMs: 3_600_000 })).token
    pages = await servePage()
    settings = {
      OUTRIDER_EDGE_KEYS: path.join(at.folder, 'keys', 'jwks.json'),
      OUTRIDER_EDGE_ORIGINS: pages.origin,
      // Named, so that the second process can have it too.
      OUTRIDER_EDGE_PORT: String(await freePort()),
    }
    node = await startEdge(settings, at)
    // Chromium’s own sandbox needs rights that root in a container lacks; the only page it opens is ours.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath: program!, args: [...args, '--disable-dev-shm-usage'] })
    page = await browser.newPage()
    page.on('pageerror', error => complaints.push(error.message))
    await page.exposeFunction('issueToken', () => issue('page'))
    await page.goto(pages.origin)
  })

  afterAll(async () => {
    await browser?.close()
    await pages?.stop()
    await clearNodes()
  })

  const state = () => page.evaluate('vehicle.state()') as Promise<PageState>
  const until = (look: (state: PageState) => unknown) => expect.poll(async () => look(await state()), poll)

  /** Another vehicle brakes hard in the middle, ahead of the page's. */
  async function brakeAhead(enrolment: string): Promise<void> {
    const braker = await TestVehicle.join(node.url, { token: await issue(enrolment) })
    braker.drive('telemetry', 1, [
      { eastM: 0, northM: 0, speedMps: 20 },
      { eastM: 0, northM: 20, speedMps: 20 },
      { eastM: 0, northM: 40, speedMps: 20 },
      { eastM: 0, northM: 56, speedMps: 12 },
    ])
    await braker.settled()
    braker.socket.close(1000)
  }

  it('is let in from its page, and from no other', async () => {
    await page.evaluate(`vehicle.start(${JSON.stringify({ url: node.url, ...middle, south: 300 })})`)
    const { isConnected, tokenReasons, links } = await state()
    expect({ isConnected, tokenReasons, links }).toEqual({ isConnected: true, tokenReasons: ['connect'], links: ['edge-1'] })
    const stranger = await browser.newPage()
    // The same page by another name of this machine: another origin.
    await stranger.goto(pages.origin.replace('127.0.0.1', 'localhost'))
    await stranger.exposeFunction('issueToken', () => issue('stranger'))
    const refused = await stranger.evaluate(
      `vehicle.start(${JSON.stringify({ url: node.url, ...middle, south: 300, connectTimeoutMs: 1_500 })}).then(() => 'let in', error => error.code)`,
    )
    expect(refused).toBe('unreachable')
    await stranger.close()
  })

  it('reports: telemetry and urgent reports are accepted, and the clocks compared', async () => {
    expect(await page.evaluate('vehicle.reportObstacle()')).toBe('accepted')
    await until(({ stats }) => stats.telemetrySent).toBeGreaterThan(2)
    const { clockOffset } = await state()
    // One machine, one clock.
    expect(Math.abs(clockOffset!.offsetMs)).toBeLessThanOrEqual(clockOffset!.errorMs + 1)
  })

  it('is warned of another vehicle that brakes ahead', async () => {
    await brakeAhead('braker-1')
    await until(({ texts }) => texts).toEqual([expect.stringMatching(/^Notbremsung in \d+ m\b/)])
    await expect.poll(() => page.textContent('body'), poll).toMatch(/^Notbremsung/)
  })

  it('comes back by itself when the node dies and another process takes its place, and is warned again', async () => {
    node.process.kill('SIGKILL')
    await node.ended
    await until(({ isConnected }) => isConnected).toBe(false)
    node = await startEdge(settings, at)
    await until(({ isConnected }) => isConnected).toBe(true)
    const { links } = await state()
    // However many attempts came too early.
    expect([links[0], new Set(links.slice(1, -1)), links.at(-1)]).toEqual(['edge-1', new Set([1006]), 'edge-1'])
    const sent = (await state()).stats.telemetrySent
    await until(({ stats }) => stats.telemetrySent).toBeGreaterThan(sent + 1)
    await brakeAhead('braker-2')
    await until(({ texts }) => texts.length).toBe(2)
  })

  it('leaves in good order, and the node has on record that each alert was received, taken and shown', async () => {
    await page.evaluate('vehicle.close()')
    await until(({ texts }) => texts.at(-1)).toBe('over')
    expect(complaints).toEqual([])
    node.process.kill('SIGTERM')
    expect(await node.ended).toBe(0)
    const stages = await stagesOnRecord(path.join(at.folder, 'data', 'urgent'))
    expect(stages.size).toBe(2)
    // What went out shortly before the node died was said again to the next one.
    for (const reached of stages.values()) expect([...new Set(reached)]).toEqual(['RECEIVED', 'TAKEN', 'SHOWN'])
  })
})

/** Stages that the page's vehicle reached, by alert: the brakers never acknowledge anything. */
async function stagesOnRecord(folder: string): Promise<Map<string, string[]>> {
  const reader = openSpoolReader({ folder, files: nodeFiles, clock: nodeClock })
  const { firstSequence } = await reader.position()
  const found = new Map<string, string[]>()
  for await (const item of reader.read({ from: firstSequence })) {
    if (!('bytes' in item)) continue
    const { delivery } = outrider.v1.Record.decode(item.bytes)
    if (delivery?.alertId == null || !delivery.stage) continue
    const key = `${delivery.alertId.boot}/${delivery.alertId.sequence}`
    const stage = outrider.v1.DeliveryStage[delivery.stage]!.slice('DELIVERY_STAGE_'.length)
    found.set(key, [...(found.get(key) ?? []), stage])
  }
  return found
}
