// The whole way of an operator's alert in a run without a simulator: from the command by the region and its nodes to vehicles, and its end.
import files, { readFile } from 'node:fs/promises'
import path from 'node:path'
import { openKeyFolder } from '@outrider/identity'
import { type Alert, connect, type Vehicle } from '@outrider/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { outrider } from '../event-log/outrider-command.js'
import { clearUp, makeFolder, shows, startUp, type UpProcess } from './up-process.js'

vi.setConfig({ testTimeout: 200_000, hookTimeout: 200_000 })

let up: UpProcess
let folder: string
const vehicles: Vehicle[] = []

beforeAll(async () => {
  folder = await makeFolder()
  up = startUp('--no-simulator', '--data', folder)
  await shows(up, ' running, ')
})

afterAll(async () => {
  for (const vehicle of vehicles) await vehicle.close()
  up?.process.kill('SIGINT')
  await up?.ended
  await clearUp()
})

/** Connected to the node of its half of the city, standing. */
async function join(
  name: string,
  edge: number,
  latitude: number,
  longitude: number,
): Promise<{ readonly vehicle: Vehicle; readonly shown: Alert[] }> {
  const running = JSON.parse(await readFile(path.join(folder, 'running.json'), 'utf8'))
  const issuer = await (await openKeyFolder({ path: running.keys, files, nowMs: Date.now })).tokenIssuer()
  const token = async () => (await issuer.issue({ enrolment: name, role: 'default', lifetimeMs: 3_600_000 })).token
  const vehicle = await connect({ url: running.edges[edge], token })
  vehicles.push(vehicle)
  const report = setInterval(() => vehicle.isConnected && vehicle.report({ latitude, longitude, speedMps: 0 }), 500)
  const shown: Alert[] = []
  const follow = async () => {
    for await (const alert of vehicle.alerts()) {
      shown.push(alert)
      alert.shown()
    }
  }
  void follow()
    .catch(() => undefined) // it was closed
    .finally(() => clearInterval(report))
  return { vehicle, shown }
}

async function command(...args: string[]) {
  const { exitCode, stdout, stderr } = await outrider(['alert', ...args, '--data', folder, '--json'])
  expect({ args, exitCode, stderr }).toMatchObject({ exitCode: 0 })
  return JSON.parse(stdout)
}

test('it reaches the vehicles of both zones it touches and no other, by its end it is over there, and central has it all', async () => {
  // The border is at 9.99°: the alert lies 130 m west of it, and concerns who is within 500 m.
  const west = await join('west', 0, 53.55, 9.987)
  const east = await join('east', 1, 53.55, 9.991)
  const far = await join('far', 1, 53.57, 10.02)
  const { alert } = await command(
    'issue',
    '--cause',
    '94',
    '--at',
    '53.55,9.988',
    '--radius',
    '20',
    '--awareness',
    '500',
    '--validity',
    '10m',
  )
  const key = `${alert.id.node}/${alert.id.boot.toString(16).padStart(8, '0')}/${alert.id.sequence}`
  for (const { shown } of [west, east]) {
    await expect.poll(() => shown.map(({ id }) => id), { timeout: 60_000 }).toEqual([key])
    expect(shown[0]).toMatchObject({ causeCode: 94, isActive: true })
  }
  await command('update', key, '--advice', 'slow')
  for (const { shown } of [west, east]) await expect.poll(() => shown[0]!.message.revision, { timeout: 60_000 }).toBe(2)
  const listed = await command('list', '--zone', 'east')
  expect(listed).toHaveLength(1)
  await command('end', key)
  for (const { shown } of [west, east]) await expect.poll(() => shown[0]!.isActive, { timeout: 60_000 }).toBe(false)
  expect(far.shown).toEqual([])
  const { central } = JSON.parse(await readFile(path.join(folder, 'running.json'), 'utf8'))
  const stats = async () => (await fetch(`${central}/v1/stats`)).json()
  await expect
    .poll(stats, { timeout: 60_000, interval: 500 })
    .toMatchObject({ alerts: { total: 1, active: 0 }, reports: { duplicates: 0 } })
  const shown = await outrider(['alert', 'show', key, '--data', folder])
  expect(shown.stdout).toContain('ended (cancelled)')
})
