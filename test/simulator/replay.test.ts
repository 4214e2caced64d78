import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clearNodes, type EdgeNode } from '../edge/edge-node.js'
import { type BrakingTrace, brakingCsv, brakingFcd, brakingNdjson } from './braking-trace.js'
import { startTwoNodes } from './city-nodes.js'
import { clearCommands, outrider } from './outrider-lines.js'

const insecure = { OUTRIDER_INSECURE: '1' }
let folder = ''
let node: EdgeNode

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-replay-'))
  node = (await startTwoNodes())[0]
})

afterAll(async () => {
  await clearCommands()
  await clearNodes()
  rmSync(folder, { recursive: true })
})

function write(name: string, text: string | Uint8Array): string {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

interface Result {
  readonly alerts: readonly { readonly cause: number; readonly vehiclesWarned: number }[]
  readonly trace: { readonly rows: number; readonly samples: number; readonly reasons: Record<string, { readonly count: number }> }
  readonly samples: number
  readonly reportsSent: number
  readonly reportsAccepted: number
  readonly reportsRefused: Readonly<Record<string, number>>
  readonly deliveriesAcknowledged: number
  readonly warnings: number
}

// Side by side, 3 km apart.
describe.concurrent('a recording in which one brakes hard', () => {
  it.each<[string, BrakingTrace, boolean]>([
    ['CSV', brakingCsv(53.5, 9.99), false],
    ['NDJSON, gzip', brakingNdjson(53.53, 9.99), true],
    ['SUMO FCD', brakingFcd(53.56, 9.99), false],
  ])('%s: warns the one behind, and counts what is dirty', async (name, { text, tag, dirty }, isGzip) => {
    const file = write(`${tag}.trace`, isGzip ? gzipSync(text) : text)
    const replay = outrider(['replay', file, '--to', node.url, '--json'], insecure)
    const result = (await replay.value('result')) as unknown as Result
    expect(await replay.ended, name).toBe(0)
    const warned = replay.values('warned') as unknown as { vehicle: string; cause: number; atS: number; distanceM: number }[]
    const behind = warned.find(({ vehicle }) => vehicle === `behind${tag}`)
    expect(behind).toMatchObject({ cause: 99 })
    expect(behind!.distanceM).toBeGreaterThan(20)
    expect(behind!.distanceM).toBeLessThan(200)
    // Not before it happened; when exactly is the zone's business.
    expect(behind!.atS).toBeGreaterThan(104)
    expect(warned.map(({ vehicle }) => vehicle)).not.toContain(`ahead${tag}`)
    expect(result.warnings).toBe(warned.length)
    expect(result.alerts.reduce((sum, { vehiclesWarned }) => sum + vehiclesWarned, 0)).toBe(warned.length)
    expect(result.deliveriesAcknowledged).toBeGreaterThanOrEqual(warned.length)
    const reasons = Object.fromEntries(
      Object.entries(result.trace.reasons)
        .filter(([reason]) => reason !== 'unknown_column')
        .map(([reason, { count }]) => [reason, count]),
    )
    expect(reasons).toEqual(dirty)
    // No dirty row became a sample, and no clean one was lost.
    expect(result.trace.samples).toBe(27)
    expect(result.samples).toBe(27)
    // A node on a busy machine may shed telemetry, and says so.
    expect(result.reportsAccepted + (result.reportsRefused.shed ?? 0)).toBe(result.reportsSent)
  })
})

it('--equipped and --until: who is not equipped, or later, never connects', async () => {
  const file = write('equipped.csv', brakingCsv(53.59, 9.99).text)
  const replay = outrider(['replay', file, '--to', node.url, '--until', '102', '--equipped', '0.5', '--seed', '5', '--json'], insecure)
  const result = await replay.value('result')
  expect(await replay.ended).toBe(0)
  const { unequipped } = result.trace as unknown as { unequipped: number }
  expect(unequipped).toBe(3)
  expect((result as unknown as Result).samples).toBe(6)
})

it('for people: who was warned, and at the end what was read', async () => {
  // Vehicles of their own: who was 13 km away a moment ago is not believed.
  const file = write('people.csv', brakingCsv(53.62, 9.99, '-people').text)
  const replay = outrider(['replay', file, '--to', node.url], insecure)
  expect(await replay.ended).toBe(0)
  const text = replay.lines.join('\n')
  expect(text).toMatch(/behind-people +99\/1 dangerousSituation +\d+ m away/)
  expect(text).toMatch(/recording: 30 rows read, 27 samples, 3 rows and 0 values rejected/)
  expect(text).toMatch(/malformed_line: 1, first in line 9/)
})

it('stops at once when asked, with what it saw so far', async () => {
  const file = write('stopped.csv', brakingCsv(53.6, 9.99).text)
  const replay = outrider(['replay', file, '--to', node.url, '--json'], insecure)
  await replay.value('status')
  replay.process.kill('SIGTERM')
  await replay.value('result')
  expect(await replay.ended).toBe(0)
})

it('--bounds says where it is and writes a zone table, once', async () => {
  const file = write('bounds.csv', brakingCsv(10, -20).text)
  const zones = path.join(folder, 'zones.json')
  const bounds = outrider(['replay', file, '--bounds', '--zones', zones, '--json'])
  expect(await bounds.ended).toBe(0)
  expect(bounds.lines[0]).toMatchObject({ fromS: 100, untilS: 108, vehicles: 3 })
  const again = outrider(['replay', file, '--bounds', '--zones', zones])
  expect(await again.ended).toBe(2)
  expect(again.errors.join('\n')).toContain('is there already')
})

describe.concurrent('what is wrong is said', () => {
  it.each<[string, string[], number, RegExp]>([
    ['no file', ['replay'], 2, /missing required argument/],
    ['a file that is not there', ['replay', 'nowhere.csv'], 2, /nowhere\.csv/],
    ['a file of no format', ['replay', fileOfNoFormat()], 2, /no known format/],
    ['faster than time', ['replay', 'x.csv', '--speed', '10'], 2, /cannot be honest/],
    ['a wrong origin', ['replay', 'x.csv', '--origin', '99,0'], 2, /LAT,LON/],
    ['a wrong URL', ['replay', 'x.csv', '--to', 'http://x'], 2, /ws:\/\//],
    ['--zones alone', ['replay', 'x.csv', '--zones', 'z.json'], 2, /--bounds/],
  ])('%s', async (_, args, code, message) => {
    const command = outrider(args, insecure)
    expect(await command.ended).toBe(code)
    expect(command.errors.join('\n')).toMatch(message)
  })

  it('no keys, and no word that there are none', async () => {
    const command = outrider(['replay', 'x.csv'])
    expect(await command.ended).toBe(2)
    expect(command.errors.join('\n')).toMatch(/--keys/)
  })

  it('--help', async () => {
    const command = outrider(['replay', '--help'])
    expect(await command.ended).toBe(0)
    expect(command.lines.join('\n')).toMatch(/--equipped/)
  })
})

/** This test itself. */
function fileOfNoFormat(): string {
  return new URL(import.meta.url).pathname
}
