// `outrider alert` as a person uses it, against a real region over mTLS.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outrider } from '../event-log/outrider-command.js'
import { createRegionPlace, type RegionPlace, type RegionProcess } from '../region/region-process.js'

const bin = fileURLToPath(new URL('../../apps/cli/bin/outrider.js', import.meta.url))

let place: RegionPlace
let region: RegionProcess
let files = ''

beforeAll(async () => {
  place = await createRegionPlace()
  region = await place.start()
  files = await mkdtemp(path.join(tmpdir(), 'outrider-alert-'))
})

afterAll(async () => {
  await place?.remove()
  await rm(files, { recursive: true, force: true })
})

function reach(role = 'operator', name = 'control-room'): string[] {
  const { ca, certificate, key } = place.credentials(role, name)
  return ['--region', `127.0.0.1:${region.grpcPort}`, '--ca', ca, '--cert', certificate, '--key', key]
}

const alert = (...args: string[]) => outrider(['alert', ...args, ...reach()])

async function json(...args: string[]) {
  const { exitCode, stdout, stderr } = await alert(...args, '--json')
  expect({ args, exitCode, stderr }).toMatchObject({ exitCode: 0 })
  return JSON.parse(stdout)
}

const idOf = ({ id }: { id: { node: string; boot: number; sequence: number } }) =>
  `${id.node}/${id.boot.toString(16).padStart(8, '0')}/${id.sequence}`

const issued = ['issue', '--cause', '94', '--sub-cause', '2', '--at', '60.25,25.0', '--radius', '50']

test('an alert is issued with its cause’s defaults, changed, shown, listed and ended', async () => {
  const { alert: first } = await json(...issued, '--heading', '90', '--text', 'en=Broken down', '--text', 'de=Panne')
  expect(first).toMatchObject({
    revision: 1,
    status: 'ALERT_STATUS_ACTUAL',
    cause: { code: 'CAUSE_CODE_STATIONARY_VEHICLE', subCause: 2 },
    eventPosition: { latitudeE7: 602_500_000, longitudeE7: 250_000_000 },
    area: { circle: { radiusCm: 5_000 } },
    referenceHeadingDecideg: 900,
    trafficDirection: 'TRAFFIC_DIRECTION_UPSTREAM',
    awarenessDistanceM: 1_000,
    priority: 'PRIORITY_WARNING',
    issuerRole: 'ISSUER_ROLE_OPERATOR',
    texts: [
      { language: 'en', text: 'Broken down' },
      { language: 'de', text: 'Panne' },
    ],
  })
  const id = idOf(first)
  const { alert: second } = await json('update', id, '--advice', 'slow', '--validity', '50m')
  expect(second).toMatchObject({
    ...first,
    revision: 2,
    advice: 'ADVICE_SLOW',
    referenceTimeMs: expect.any(Number),
    validUntilMs: expect.any(Number),
  })
  expect((await json('list', '--cause', 'stationaryVehicle', '--zone', 'north')).map((live: { alert: never }) => idOf(live.alert))).toEqual(
    [id],
  )
  expect(await json('list', '--zone', 'south')).toEqual([])
  const shown = await alert('show', id)
  for (const words of [
    id,
    'active',
    'stationary vehicle (94/2), warning',
    '60.2500000,25.0000000',
    'upstream of heading 90°',
    'Panne',
    'slow',
    'operator',
    // No node is there to have told anybody.
    'deliveries  none',
    `outrider alert ledger ${id}`,
  ])
    expect(shown.stdout).toContain(words)
  expect(await json('show', id)).toMatchObject({ alert: { revision: 2 }, ledger: { complete: true } })
  expect((await json('end', id, '--reason', 'resolved')).alert.ending).toMatchObject({ reason: 'END_REASON_RESOLVED' })
  expect((await alert('list', '--ended')).stdout).toContain('ended (resolved)')
  expect(await alert('update', id, '--advice', 'none')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('has ended; issue a new one'),
  })
})

test('a retry with the same request id gives the same alert, another content is refused', async () => {
  const first = await json(...issued, '--request-id', 'retried')
  expect((await json(...issued, '--request-id', 'retried')).alert).toEqual(first.alert)
  const other = await alert(...issued, '--awareness', '1', '--request-id', 'retried')
  expect(other).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('request_id was used') })
})

test('an alert that reaches no zone is issued, and whoever issued it is told that nobody hears of it', async () => {
  const swapped = await alert('issue', '--cause', '94', '--at', '25.0,60.25', '--radius', '50', '--json')
  expect(swapped).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('it reaches no zone of 127.0.0.1:') })
  expect(await alert(...issued, '--json')).toMatchObject({ exitCode: 0, stderr: '' })
})

const ring = (...points: number[][]) => ({ type: 'Polygon', coordinates: [points] })

test.each([
  ['an open ring', ring([25, 60.2], [25.1, 60.2], [25.1, 60.3], [25, 60.3]), 'geometry.coordinates[0] is open'],
  ['a ring that crosses itself', ring([25, 60.2], [25.1, 60.3], [25.1, 60.2], [25, 60.31], [25, 60.2]), 'area.polygons.polygons[0].outer'],
  ['no numbers', ring([25, 60.2], [25.1, Number.NaN], [25.1, 60.3], [25, 60.2]), 'area.polygons.polygons[0].outer.points[1].latitudeE7'],
  ['a latitude out of range', ring([25, 91], [25.1, 60.2], [25.1, 60.3], [25, 91]), 'area.polygons.polygons[0].outer.points[0].latitudeE7'],
  ['no ring at all', { type: 'Polygon', coordinates: [] }, 'area.polygons.polygons[0].outer'],
  ['a point without a radius', { type: 'Point', coordinates: [25, 60] }, 'area.circle.radiusCm'],
  ['no geometry', { type: 'Feature', geometry: null }, 'geometry.type'],
  ['two features', { type: 'FeatureCollection', features: [1, 2] }, 'features has 2 entries'],
])('an area with %s is refused by its field', async (name, geometry, field) => {
  const file = path.join(files, `${name}.geojson`)
  await writeFile(file, JSON.stringify(geometry))
  const { exitCode, stdout, stderr } = await alert('issue', '--cause', '94', '--area', file)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(`--area ${file}`)
  expect(stderr).toContain(field)
})

test.each([
  [['issue', '--cause', '94'], 'an alert without an area would go to nobody'],
  [['issue', '--cause', '93', '--at', '60.25,25', '--radius', '50'], '--cause'],
  [['issue', '--cause', 'boredom', '--at', '60.25,25', '--radius', '50'], '--cause'],
  [['issue', '--cause', '94', '--at', 'NaN,25', '--radius', '50'], '--at'],
  [['issue', '--cause', '94', '--at', '60.25,181', '--radius', '50'], '--at'],
  [['issue', '--cause', '94', '--at', '60.25,25', '--radius', '-1'], '--radius'],
  [['issue', '--cause', '3', '--at', '60.25,25', '--radius', '50'], '--validity'],
  [['issue', '--cause', '94', '--at', '60.25,25', '--radius', '50', '--direction', 'upstream'], 'referenceHeadingDecideg'],
  [['show', 'nonsense'], 'region-1/0a1b2c3d/7'],
  [['update', 'region-1/00000000/1'], 'nothing to change'],
])('%j is refused with what is wrong', async (args, text) => {
  const { exitCode, stdout, stderr } = await alert(...args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(text)
})

test('who does not get through is told why, with exit code 3', async () => {
  const reader = await outrider(['alert', ...issued, ...reach('service', 'dashboard')])
  expect(reader).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('use a certificate of role operator or partner') })
  const insecure = await outrider(['alert', 'list', '--insecure', '--region', `127.0.0.1:${region.grpcPort}`])
  expect(insecure).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('it may ask for keys') })
  const nobody = await outrider(['alert', 'list', '--insecure', '--region', '127.0.0.1:1'])
  expect(nobody).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('is it running there?') })
  const stranger = await createRegionPlace()
  const { ca, certificate, key } = stranger.credentials('operator', 'control-room')
  const foreign = await outrider([
    'alert',
    'list',
    '--region',
    `127.0.0.1:${region.grpcPort}`,
    '--ca',
    ca,
    '--cert',
    certificate,
    '--key',
    key,
  ])
  await stranger.remove()
  expect(foreign).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('does it use the same authority') })
  const unnamed = await outrider(['alert', 'list', '--data', files])
  expect(unnamed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('No outrider up runs with data folder') })
})

test('watch prints what is there and what happens, and goes on after the region was gone', async () => {
  const { alert: before } = await json(...issued, '--validity', '1h')
  const child = spawn(process.execPath, [bin, 'alert', 'watch', ...reach()], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  createInterface({ input: child.stdout! }).on('line', line => lines.push(line))
  createInterface({ input: child.stderr! }).on('line', line => lines.push(line))
  const seen = (words: readonly string[]) =>
    expect.poll(() => lines.join('\n'), { timeout: 60_000 }).toMatch(new RegExp(words.join('[^]*')))
  try {
    await seen(['active', idOf(before)])
    await json('update', idOf(before), '--advice', 'stop')
    await seen(['changed', idOf(before), 'revision 2'])
    const port = region.grpcPort
    await region.stop()
    await seen(['lost 127.0.0.1'])
    region = await place.start({ OUTRIDER_REGION_PORT: String(port) })
    const { alert: after } = await json(...issued)
    await seen([`new +${idOf(after)}`])
    await json('end', idOf(before))
    await seen(['ended', idOf(before), 'cancelled'])
  } finally {
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  }
})
