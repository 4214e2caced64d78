import { mkdtempSync, rmSync } from 'node:fs'
import files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createKeyFolder } from '@outrider/identity'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { clearNodes } from '../edge/edge-node.js'
import { border, detailsOf, startTwoNodes } from './city-nodes.js'
import { clearCommands, outrider } from './outrider-lines.js'

let folder = ''
let keys = ''

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-city-'))
  keys = path.join(folder, 'keys')
  await createKeyFolder({ path: keys, files, nowMs: Date.now, authority: 'outrider.local', certificates: [] })
})

afterEach(async () => {
  await clearCommands()
  await clearNodes()
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Counts {
  readonly alertsShown: number
  readonly moves: number
  readonly recipientsAtIssue: number
}

interface Result extends Counts {
  readonly reportsSent: number
  readonly reportsAccepted: number
  readonly reportsRefused: Readonly<Record<string, number>>
  readonly reportsUnacknowledged: number
  readonly reportsExpired: number
  readonly reportsOpen: number
  readonly alertsReceived: number
  readonly deliveriesAcknowledged: number
  readonly linksWelcomed: number
  readonly samples: number
  readonly samplesBeforeLink: number
  readonly failures: Readonly<Record<string, number>>
  readonly reportToAlertMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

describe('a city on two nodes, with keys', () => {
  it('warns its vehicles across a border; counts add up with the nodes; it ends cleanly at SIGTERM', async () => {
    const nodes = await startTwoNodes({ OUTRIDER_EDGE_KEYS: path.join(keys, 'jwks.json') })
    const [at, to] = [
      ['--lat', String(border.latitude), '--lon', String(border.longitude)],
      ['--url', nodes[0].url, '--keys', keys],
    ]
    const city = outrider(['simulate', ...to, ...at, '--vehicles', '120', '--seed', '3', '--hazard-every', '2', '--json'])
    await city.value('status', status => {
      const { alertsShown, moves, recipientsAtIssue } = status as unknown as Counts
      return alertsShown >= 20 && moves >= 3 && recipientsAtIssue >= 10
    })
    city.process.kill('SIGTERM')
    const result = (await city.value('result')) as unknown as Result
    expect(await city.ended).toBe(0)

    expect(result.failures).toEqual({})
    expect(result.alertsShown).toBe(result.alertsReceived)
    const { reportsSent, reportsAccepted, reportsRefused, reportsUnacknowledged, reportsExpired, reportsOpen } = result
    expect(reportsAccepted + sum(Object.values(reportsRefused)) + reportsUnacknowledged + reportsExpired + reportsOpen).toBe(reportsSent)
    // Nothing was open at the end: the nodes were asked and answered.
    expect(reportsOpen).toBe(0)
    // Whoever changed its node was welcomed by two.
    expect(result.linksWelcomed).toBeGreaterThan(120)
    const { p50, p99, max } = result.reportToAlertMs
    expect(0 < p50 && p50 <= p99 && p99 <= max * 1.001).toBe(true)

    const details = await Promise.all(nodes.map(detailsOf))
    // What a vehicle counts as accepted, a node has recorded; a node may have recorded more, whose acknowledgement was under way.
    const recorded = sum(details.map(({ counts }) => counts.reportsAccepted.telemetry + counts.reportsAccepted.urgent))
    expect(recorded).toBeGreaterThanOrEqual(reportsAccepted)
    expect(recorded).toBeLessThanOrEqual(reportsAccepted + reportsUnacknowledged + reportsExpired)
    // Every acknowledgement is of a delivery a node had targeted.
    const targeted = sum(details.map(({ ledger }) => ledger.targeted + ledger.recovered))
    const acknowledged = sum(details.map(({ ledger }) => ledger.acknowledged))
    expect(result.deliveriesAcknowledged).toBeLessThanOrEqual(targeted)
    expect(result.deliveriesAcknowledged).toBeGreaterThanOrEqual(result.alertsShown)
    expect(acknowledged).toBeGreaterThan(0)
  })

  it('drives for as long as it was told, and says so to people', async () => {
    const nodes = await startTwoNodes()
    const args = ['simulate', '--url', nodes[1].url, '--vehicles', '20', '--duration', '3s']
    const city = outrider(args, { OUTRIDER_INSECURE: '1' })
    expect(await city.ended).toBe(0)
    expect(city.lines.join('\n')).toMatch(/The city drives[\s\S]*drove +0:0[34][\s\S]*reports +[\d,]+ sent, [\d,]+ accepted/)
  })
})

describe('outrider simulate says what is wrong', () => {
  it.each<[string, string[], number, RegExp]>([
    ['no keys', [], 2, /--keys/],
    ['keys that are not there', ['--keys', 'nowhere'], 2, /authority\.json/],
    ['too many vehicles', ['--vehicles', '20001'], 2, /1 to 20000/],
    ['half a seed', ['--seed', '0.5'], 2, /whole number/],
    ['a duration without a unit', ['--duration', '20'], 2, /30s/],
    ['a URL of a page', ['--url', 'https://x'], 2, /ws:\/\//],
    ['an argument too many', ['now'], 2, /too many arguments/],
    ['an unknown flag', ['--fast'], 2, /unknown option/],
  ])('%s', async (_, args, code, message) => {
    const command = outrider(['simulate', ...args])
    expect(await command.ended).toBe(code)
    expect(command.errors.join('\n')).toMatch(message)
  })

  it('--help', async () => {
    const command = outrider(['simulate', '--help'])
    expect(await command.ended).toBe(0)
    expect(command.lines.join('\n')).toMatch(/--hazard-every/)
  })
})
