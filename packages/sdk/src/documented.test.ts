// docs/sdk.md promises what the code does, and its ten lines run.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { languages } from './alert-text.js'
import { framesOf, startRealNode } from './real-node.fixture.js'
import { sdkErrorCodes } from './sdk-error.js'
import { sdkName, sdkVersion } from './sdk-version.js'
import { makeAlert } from './simulated-world.fixture.js'

const folder = path.resolve(import.meta.dirname, '..')
const text = readFileSync(path.resolve(folder, '../../docs/sdk.md'), 'utf8')

test('the documented codes are the table', () => {
  const codes = [...text.matchAll(/^\| `(\w+)` /gm)].map(match => match[1])
  expect(codes).toEqual(Object.keys(sdkErrorCodes))
})

test('the documented languages are those with tables', () => {
  for (const language of languages) expect(text).toContain(`\`${language}\``)
})

test('the hello names this package', () => {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name: string; version: string }
  expect([sdkName, sdkVersion]).toEqual([name, version])
})

test('the vehicle in ten lines connects, reports, prints an alert and shows it', async () => {
  const snippet = /```js\n(.*?)```/s.exec(text)![1]!
  expect(snippet.trim().split('\n').length).toBeLessThanOrEqual(10)
  const node = await startRealNode()
  const vehicle = spawn(process.execPath, ['--input-type=module', '--eval', snippet], {
    cwd: folder,
    env: { ...process.env, OUTRIDER_URL: node.url, OUTRIDER_TOKEN: 'a.b.c' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise(resolve => vehicle.on('exit', resolve))
  let printed = ''
  vehicle.stdout.on('data', chunk => {
    printed += String(chunk)
  })
  try {
    await node.until(() => framesOf(node, 'telemetry').length > 0)
    node.links[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
    const shown = outrider.v1.DeliveryStage.DELIVERY_STAGE_SHOWN
    await node.until(() => framesOf(node, 'deliveryAck').some(ack => ack.entries.some(entry => entry.stage === shown)))
    expect(printed).toBe('Stationary vehicle in 400 m\n')
  } finally {
    vehicle.kill()
    await exited
    await node.stop()
  }
}, 30_000)
