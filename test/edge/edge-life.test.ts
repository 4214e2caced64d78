import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { clearNodes, makeFolder, origin, runEdge, startEdge } from './edge-node.js'
import { TestVehicle } from './test-vehicle.js'

afterEach(clearNodes)

const insecure = { OUTRIDER_INSECURE: '1' }

async function get(url: string) {
  const response = await fetch(url)
  return { status: response.status, type: response.headers.get('content-type'), body: JSON.parse(await response.text()) }
}

describe('a node', () => {
  it('told to stop asks its vehicles to go, closes who stays, and ends with 0', async () => {
    const node = await startEdge({ ...insecure, OUTRIDER_EDGE_DRAIN_MS: '300' })
    const [leaving, staying] = await Promise.all([TestVehicle.join(node.url), TestVehicle.join(node.url, { json: true })])
    staying.drive('urgent', 1, [{ eastM: 0, northM: 0, speedMps: 1 }])
    await staying.next('reportAck')
    node.process.kill('SIGTERM')
    for (const vehicle of [leaving, staying]) {
      expect(await vehicle.next('drain')).toMatchObject({ closesInMs: 300, reconnect: { allowed: true, afterMs: 150 } })
    }
    leaving.socket.close(1000)
    expect(await staying.closed).toBe(4000)
    expect(await node.ended).toBe(0)
    // The same folder serves the next process.
    await startEdge(insecure, { folder: node.folder, environment: environmentOf(node.folder) })
  })

  it('does not share its port', async () => {
    const { http } = await startEdge()
    const port = new URL(http).port
    const { ended, log } = await runEdge(makeFolder(), { ...insecure, OUTRIDER_EDGE_PORT: port })
    expect(await ended).toBe(1)
    expect(log.join('\n')).toContain(`cannot listen on 127.0.0.1:${port}; is the port taken?`)
  })

  it('stops at once when nobody is there, and so on SIGINT', async () => {
    const node = await startEdge({ ...insecure, OUTRIDER_EDGE_DRAIN_MS: '20000', OUTRIDER_LOG_LEVEL: 'debug' })
    node.process.kill('SIGINT')
    expect(await node.ended).toBe(0)
    const drained = node.log.map(line => JSON.parse(line)).find(({ list, step }) => list === 'stop' && step === 'drain')
    // It did not wait for vehicles that are not there.
    expect(drained.tookMs).toBeLessThan(20_000)
  })

  it('says loudly that it runs without keys', async () => {
    const node = await startEdge()
    expect(node.log.some(line => /"level":"warn".*"event":"running_insecure"/.test(line))).toBe(true)
    for (const at of [node.http, node.admin]) {
      expect(await get(`${at}/readyz`)).toMatchObject({
        status: 200,
        body: { ready: true, warnings: [expect.stringContaining('no keys')] },
      })
    }
  })

  it('answers questions of the public, and problems to wrong ones', async () => {
    const { http } = await startEdge()
    expect(await get(`${http}/healthz`)).toMatchObject({ status: 200, body: { alive: true } })
    expect(await get(`${http}/v1/zone`)).toMatchObject({
      body: { node: 'edge-1', zone: 'altstadt', tableVersion: 1, neighbours: [{ node: 'edge-2' }] },
    })
    const [lat, lon] = [origin.latitudeE7 / 1e7, origin.longitudeE7 / 1e7]
    expect((await get(`${http}/v1/locate?lat=${lat}&lon=${lon}`)).body).toEqual({
      footprint: 'west',
      node: { name: 'edge-1', zone: 'altstadt', vehicleUrl: 'ws://one.example' },
      successors: [{ name: 'edge-2', zone: 'altstadt', vehicleUrl: 'ws://two.example' }],
    })
    expect((await get(`${http}/v1/locate?lat=${lat}&lon=${lon + 0.2}`)).body).toMatchObject({ footprint: 'east', node: { name: 'edge-2' } })
    const wrong = [
      ['/v1/locate?lat=0&lon=0', 404, 'position_outside'],
      ['/v1/locate?lat=91&lon=0', 400, 'position_invalid'],
      ['/v1/locate?lat=NaN&lon=0', 400, 'position_invalid'],
      ['/v1/locate', 400, 'position_invalid'],
      ['/metrics', 404, 'not_found'],
      ['/', 404, 'not_found'],
    ] as const
    for (const [at, status, name] of wrong) {
      expect(await get(http + at)).toMatchObject({
        status,
        type: 'application/problem+json',
        body: { type: `urn:outrider:problem:${name}`, status },
      })
    }
    const posted = await fetch(`${http}/v1/zone`, { method: 'POST', body: 'x' })
    expect(posted.status).toBe(405)
  })

  it('starts from the cached zone table when the file is gone, and not without either', async () => {
    const at = makeFolder()
    const first = await startEdge(insecure, at)
    first.process.kill('SIGTERM')
    await first.ended
    rmSync(path.join(at.folder, 'zones.json'))
    const second = await startEdge(insecure, at)
    expect((await get(`${second.http}/v1/zone`)).body).toMatchObject({ tableVersion: 1 })
    const { ended, log } = await runEdge({ ...makeFolder(), environment: { OUTRIDER_EDGE_ZONES: 'nowhere.json' } }, insecure)
    expect(await ended).toBe(2)
    expect(log.join()).toContain('nowhere.json cannot be read')
  })
})

describe('a node whose disk is broken', () => {
  async function expectWarning(node: Awaited<ReturnType<typeof startEdge>>): Promise<void> {
    const [braker, behind] = await Promise.all([TestVehicle.join(node.url), TestVehicle.join(node.url)])
    behind.drive('telemetry', 1, [{ eastM: 0, northM: -60, speedMps: 20 }])
    await behind.settled()
    braker.brakeHard()
    expect((await behind.next('alert')).alert).toMatchObject({ cause: { code: 99 } })
  }

  it('at the start goes on warning and says that it is not ready', async () => {
    const at = makeFolder()
    mkdirSync(path.join(at.folder, 'data'))
    writeFileSync(path.join(at.folder, 'data', 'urgent'), 'not a folder')
    const node = await startEdge(insecure, at)
    expect(await get(`${node.http}/readyz`)).toMatchObject({ status: 503, body: { ready: false, checks: { records: { ok: false } } } })
    await expectWarning(node)
  })

  it('later stops acknowledging, goes on warning and says that it is not ready', async () => {
    // No file may grow beyond 64 KiB (or 32, by the shell): writes fail, as on a disk that breaks.
    const node = await startEdge(insecure, makeFolder(), 'ulimit -f 64;')
    expect((await get(`${node.http}/readyz`)).status).toBe(200)
    const vehicle = await TestVehicle.join(node.url)
    const samples = Array.from({ length: 10 }, () => ({ eastM: 5_000, northM: 0, speedMps: 0 }))
    let number = 0
    await expect
      .poll(
        async () => {
          for (let count = 0; count < 15; count++) vehicle.drive('telemetry', ++number, samples)
          await vehicle.settled()
          return (await get(`${node.http}/readyz`)).status
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBe(503)
    expect((await get(`${node.admin}/readyz`)).body.checks.records).toMatchObject({ ok: false, detail: expect.stringContaining('failed') })
    await expectWarning(node)
    node.process.kill('SIGTERM')
    expect(await node.ended).toBe(0)
  })
})

function environmentOf(folder: string): Record<string, string> {
  return {
    OUTRIDER_EDGE_DATA: path.join(folder, 'data'),
    OUTRIDER_EDGE_ZONES: path.join(folder, 'zones.json'),
    OUTRIDER_EDGE_PORT: '0',
    OUTRIDER_EDGE_ADMIN_PORT: '0',
  }
}
