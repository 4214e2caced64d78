// The vehicle in ten lines, from the text that people read, as a process of its own at a real node.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import * as files from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createKeyFolder } from '@outrider/identity'
import { afterAll, expect, it } from 'vitest'
import { clearNodes, makeFolder, startEdge } from '../edge/edge-node.js'
import { TestVehicle } from '../edge/test-vehicle.js'

const root = path.resolve(import.meta.dirname, '../..')
const metresPerDegree = 111_195

afterAll(clearNodes)

/** The first block of JavaScript that uses the SDK: of README.md if it has one, else of docs/sdk.md. */
function findSnippet(): { readonly from: string; readonly code: string } {
  for (const from of ['README.md', 'docs/sdk.md']) {
    const text = existsSync(path.join(root, from)) ? readFileSync(path.join(root, from), 'utf8') : ''
    const code = [...text.matchAll(/```(?:js|javascript|ts|typescript)\n(.*?)```/gs)].find(([, block]) =>
      block!.includes('@outrider/sdk'),
    )?.[1]
    if (code !== undefined) return { from, code }
  }
  throw new Error('neither README.md nor docs/sdk.md has a block of JavaScript with the SDK')
}

const { from, code } = findSnippet()

function numberOf(name: string): number {
  return Number(new RegExp(`\\b${name}: (-?[\\d.]+)`).exec(code)?.[1])
}

it(`${from}: connects, reports, is warned by a vehicle ahead that brakes hard, and says so`, async () => {
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10)
  const at = makeFolder()
  const keys = await createKeyFolder({
    path: path.join(at.folder, 'keys'),
    files,
    authority: 'outrider.local',
    certificates: [],
    nowMs: Date.now,
  })
  const issuer = await keys.tokenIssuer()
  const issue = async (enrolment: string) => (await issuer.issue({ enrolment, role: 'default', lifetimeMs: 3_600_000 })).token
  const node = await startEdge({ OUTRIDER_EDGE_KEYS: path.join(at.folder, 'keys', 'jwks.json') }, at)
  const vehicle = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
    env: { ...process.env, OUTRIDER_URL: node.url, OUTRIDER_TOKEN: await issue('reader') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(vehicle, 'exit')
  try {
    const lines = createInterface({ input: vehicle.stdout })
    const printed = once(lines, 'line')
    const details = async () => JSON.parse(await (await fetch(`${node.admin}/details`)).text())
    await expect.poll(async () => (await details()).gauges.connected, { timeout: 30_000, interval: 50 }).toBe(1)
    const braker = await TestVehicle.join(node.url, { token: await issue('braker') })
    const latitude = numberOf('latitude')
    const eastMPerDegree = metresPerDegree * Math.cos((latitude * Math.PI) / 180)
    // Four seconds on the same road, the last one with 8 m/s2.
    const samples = [20, 40, 60, 76].map((aheadM, index) => ({
      timeOffsetMs: index * 1_000,
      latitudeE7: Math.round(latitude * 1e7),
      longitudeE7: Math.round((numberOf('longitude') + (200 + aheadM) / eastMPerDegree) * 1e7),
      speedCmps: index === 3 ? 1_200 : 2_000,
      headingDecideg: 900,
    }))
    braker.send('telemetry', { number: 1, timeMs: Date.now() - 3_000, samples })
    const [line] = await Promise.race([printed, ended.then(([status]) => [`it ended with ${status}`])])
    expect(line).toMatch(/^Emergency braking in (250|300) m/)
    await expect.poll(async () => (await details()).ledger.acknowledged, { timeout: 30_000, interval: 50 }).toBe(1)
  } finally {
    vehicle.kill()
    await ended
  }
})
