import { afterEach, describe, expect, it } from 'vitest'
import { clearNodes } from '../edge/edge-node.js'
import { border, detailsOf, startTwoNodes } from './city-nodes.js'
import { clearApps, startApp } from './simulator-process.js'

afterEach(async () => {
  await clearApps()
  await clearNodes()
})

describe('a city on two nodes', () => {
  it('warns its vehicles, whose acknowledgements add up with the ledgers, and ends cleanly at SIGTERM', async () => {
    const nodes = await startTwoNodes()
    const city = startApp('main', {
      OUTRIDER_INSECURE: '1',
      OUTRIDER_SIMULATOR_URL: nodes[0].url,
      OUTRIDER_SIMULATOR_VEHICLES: '300',
      OUTRIDER_SIMULATOR_SEED: '3',
      OUTRIDER_SIMULATOR_LATITUDE: String(border.latitude),
      OUTRIDER_SIMULATOR_LONGITUDE: String(border.longitude),
      OUTRIDER_SIMULATOR_HAZARD_S: '2',
    })
    await city.line('status', ({ cityS }: { cityS: number }) => cityS >= Number(process.env.CITY_S ?? 30))
    for (const line of city.lines.slice(-1)) console.log(JSON.stringify(line))
    city.process.kill('SIGTERM')
    const result = await city.line('result')
    console.log(JSON.stringify(result))
    console.log(JSON.stringify((await Promise.all(nodes.map(detailsOf))).map(d => d.ledger)))
    console.log(city.errors.join('\n'))
    expect(await city.ended).toBe(0)
  })
})
