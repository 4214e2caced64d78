import { createMetrics } from '@outrider/service'
import { expect, test } from 'vitest'
import { parseScrape } from './scrape.js'

test('reads what our apps show: sums, and those of some labels', async () => {
  const metrics = createMetrics({ app: 'edge', instance: 'edge-1' })
  metrics.gauge('outrider_edge_sockets', 'Vehicles connected', () => 3)
  const byKind = [
    { labels: { kind: 'acknowledged' }, value: 2 },
    { labels: { kind: 'expired' }, value: 5 },
  ]
  metrics.gauge('outrider_edge_deliveries', 'Deliveries, with a "quote" and a {brace}', () => byKind, ['kind'])
  const read = parseScrape(await metrics.scrape())
  expect(read.sum('outrider_edge_sockets')).toBe(3)
  expect(read.sum('outrider_edge_deliveries')).toBe(7)
  expect(read.sum('outrider_edge_deliveries', { kind: 'acknowledged', instance: 'edge-1' })).toBe(2)
  expect(read.sum('outrider_edge_deliveries', { kind: 'none' })).toBeUndefined()
  expect(read.sum('outrider_edge_socket')).toBeUndefined()
})
