import { expect, test } from 'vitest'
import { createHealthServer } from './health-server.js'
import { createMetrics } from './metrics.js'

test('healthz, readyz and metrics answer what the parts say at that moment', async () => {
  let isOpen = true
  let taken = 3
  const metrics = createMetrics({ app: 'test' })
  metrics.counter('things_taken_total', 'Things taken', () => taken)
  metrics.gauge('things_waiting', 'Things that wait', () => [{ labels: { lane: 'urgent' }, value: 2 }], ['lane'])
  const server = createHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    warnings: ['no keys'],
    checks: { log: () => ({ ok: isOpen, detail: isOpen ? 'open' : 'closed' }) },
  })
  const port = await server.start()
  const get = (page: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${page}`, { method })
  try {
    expect((await get('/healthz')).status).toBe(200)
    expect(await (await get('/readyz')).json()).toEqual({
      ready: true,
      checks: { log: { ok: true, detail: 'open' } },
      warnings: ['no keys'],
    })
    isOpen = false
    const degraded = await get('/readyz')
    expect([degraded.status, ((await degraded.json()) as { ready: boolean }).ready]).toEqual([503, false])
    expect(await (await get('/metrics')).text()).toContain('things_taken_total{app="test"} 3')
    taken = 5
    const text = await (await get('/metrics')).text()
    expect(text).toContain('things_taken_total{app="test"} 5')
    expect(text).toContain('things_waiting{lane="urgent",app="test"} 2')
    expect((await get('/elsewhere')).status).toBe(404)
    expect((await get('/healthz', 'POST')).status).toBe(405)
  } finally {
    await server.stop()
    await server.stop()
  }
})
