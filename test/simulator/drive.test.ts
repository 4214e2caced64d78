import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createKeyFolder } from '@outrider/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clearNodes, type EdgeNode } from '../edge/edge-node.js'
import { startTwoNodes } from './city-nodes.js'
import { clearCommands, outrider } from './outrider-lines.js'

let folder = ''
let keys = ''
let node: EdgeNode

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-drive-'))
  keys = path.join(folder, 'keys')
  await createKeyFolder({ path: keys, files, nowMs: Date.now, authority: 'outrider.local', certificates: [] })
  node = (await startTwoNodes({ OUTRIDER_EDGE_KEYS: path.join(keys, 'jwks.json') }))[0]
})

afterAll(async () => {
  await clearCommands()
  await clearNodes()
  rmSync(folder, { recursive: true })
})

/** Two vehicles with tokens of their own, one 60 m behind the other, both going north. */
function drive(who: string, latitude: number, ...more: readonly string[]) {
  const place = ['--lat', String(latitude), '--lon', '9.99', '--heading', '0']
  return outrider(['drive', '--url', node.url, '--keys', keys, '--enrolment', who, ...place, '--json', ...more])
}

describe('outrider drive', () => {
  it('is warned of the one ahead that brakes hard, in its language, and ends cleanly at Ctrl-C', async () => {
    const behind = drive('behind', 53.5, '--speed', '3', '--language', 'de')
    await behind.value('connected')
    const ahead = drive('ahead', 53.500_54, '--speed', '20', '--brake-after', '3s', '--duration', '10s')
    const alert = await behind.value('alert')
    expect(alert).toMatchObject({ cause: 99, revision: 1 })
    expect(alert.text).toMatch(/Gefahr|Notbremsung|bremst|Brems/i)
    expect(alert.distanceM).toBeGreaterThan(20)
    expect(await behind.value('over')).toMatchObject({ id: alert.id })
    behind.process.kill('SIGINT')
    expect(await behind.value('result')).toMatchObject({ taken: 1, shown: 1 })
    expect(await behind.ended).toBe(0)
    expect(await ahead.ended).toBe(0)
  })

  it('reports what its driver sees; with a second one it is public', async () => {
    const first = drive('first', 53.55, '--speed', '5', '--report', '11', '--ahead', '60')
    expect(await first.value('report')).toMatchObject({ kind: 'accepted' })
    const second = drive('second', 53.55, '--speed', '5', '--report', 'hazardousLocationAnimalOnTheRoad', '--ahead', '60')
    expect(await first.value('alert')).toMatchObject({ cause: 11 })
    for (const each of [first, second]) {
      each.process.kill('SIGTERM')
      expect(await each.ended).toBe(0)
    }
  })

  it('along a route of a file, for people', async () => {
    const file = path.join(folder, 'route.json')
    const line = {
      type: 'LineString',
      coordinates: [
        [9.99, 53.6],
        [9.991, 53.6],
      ],
    }
    writeFileSync(file, JSON.stringify({ type: 'Feature', properties: {}, geometry: line }))
    const driven = outrider(['drive', '--url', node.url, '--keys', keys, '--route', file, '--speed', '30', '--duration', '6s'])
    expect(await driven.ended).toBe(0)
    expect(driven.lines.join('\n')).toMatch(/connected to edge-1 of zone altstadt[\s\S]*reports? accepted/)
  })

  it.each<[string, string[], number, RegExp]>([
    ['nowhere to drive', ['--keys', 'KEYS'], 2, /--lat and --lon/],
    ['a route and a place', ['--keys', 'KEYS', '--route', '1,2 1,3', '--lat', '1'], 2, /leave --lat/],
    ['a route of one point', ['--keys', 'KEYS', '--route', '1,2 1,2'], 2, /two different points/],
    ['a route that is not there', ['--keys', 'KEYS', '--route', 'nowhere.json'], 2, /cannot be read/],
    ['keys that are not there', ['--keys', 'nowhere', '--lat', '1', '--lon', '1'], 2, /authority\.json/],
    ['no token', ['--lat', '1', '--lon', '1'], 2, /needs a token/],
    ['two identities', ['--keys', 'KEYS', '--token', 'a.b.c', '--lat', '1', '--lon', '1'], 2, /one of them/],
    ['a wrong cause', ['--report', '255'], 2, /ETSI cause/],
    ['a wrong speed', ['--speed', 'fast'], 2, /number/],
    ['a token that is refused', ['--token', 'a.b.c', '--lat', '53.5', '--lon', '9.99'], 3, /401|403|refused/],
  ])('says what is wrong: %s', async (_, args, code, message) => {
    const command = outrider(['drive', '--url', node.url, ...args.map(arg => (arg === 'KEYS' ? keys : arg))])
    expect(await command.ended).toBe(code)
    expect(command.errors.join('\n')).toMatch(message)
  })
})
