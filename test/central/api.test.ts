// The public API over real HTTP, on PostgreSQL where there is one: what it answers, and to wrong input.
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { outrider } from '@outrider/protocol'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type CentralPlace, type CentralProcess, type CentralStats, createCentralPlace, until } from './central-process.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { createDatabase } from './postgres-server.js'
import { alertMessage, deliveryBody, endBody, placed, reportBody } from './records.js'

const { AlertStatus, DeliveryState, Lane } = outrider.v1

interface Feature {
  readonly type: string
  readonly id: string
  readonly geometry: { readonly type: string; readonly coordinates: unknown } | null
  readonly properties: Readonly<Record<string, unknown>>
}

interface Collection {
  readonly type: string
  readonly features: readonly Feature[]
  readonly next?: string
}

const startMs = Date.now() - 60_000
const plan = (sequence: number, latitudeE7 = 602_000_000, longitudeE7 = 249_000_000) => ({
  id: { node: 'north-1', boot: 0xbeef, sequence },
  atMs: startMs + sequence,
  latitudeE7,
  longitudeE7,
})
const key = (sequence: number) => `north-1/0000beef/${sequence}`
const at = (latitude: number, longitude: number) => ({ latitudeE7: Math.round(latitude * 1e7), longitudeE7: Math.round(longitude * 1e7) })

const square = {
  outer: { points: [at(60.1, 24.8), at(60.2, 24.8), at(60.2, 24.9), at(60.1, 24.9)] },
  holes: [{ points: [at(60.14, 24.84), at(60.14, 24.86), at(60.16, 24.86)] }],
}
const bodies: readonly outrider.v1.Record.$Properties[] = [
  { alert: alertMessage(plan(1), 1) },
  { alert: { ...alertMessage(plan(1), 2), priority: 3, texts: [{ language: 'fi', text: 'Pysähtynyt ajoneuvo' }] } },
  // The later revision came first, and the end before its alert.
  { alert: alertMessage(plan(2, 482_000_000, 116_000_000), 2) },
  { alert: alertMessage(plan(2, 482_000_000, 116_000_000), 1) },
  endBody(plan(3), 1),
  {
    alert: { ...alertMessage(plan(3), 1), area: { corridor: { line: [at(60.2, 24.9), at(60.21, 24.92)], widthCm: 1_200, direction: 2 } } },
  },
  {
    alert: {
      ...alertMessage(plan(4), 1),
      cause: { code: 93, subCause: 2 },
      linkedCauses: [{ code: 91, subCause: 0 }],
      area: { polygons: { polygons: [square] } },
    },
  },
  { alert: { ...alertMessage(plan(5), 1), status: AlertStatus.ALERT_STATUS_TEST } },
  { alert: { ...alertMessage(plan(6, 0, 1_799_999_000), 1), cause: { code: 6, subCause: 5 } } },
  { alert: { ...alertMessage(plan(7), 1), validUntilMs: startMs + 1_000 } },
  {
    alert: {
      ...alertMessage(plan(8), 1),
      area: {
        moving: { position: at(60.2, 24.9), timeMs: startMs, headingDecideg: 900, speedCmps: 2_000, aheadCm: 50_000, widthCm: 4_000 },
      },
    },
  },
  endBody(plan(9), 1),
  // Without an area it goes to nobody, and is no alert.
  { alert: { ...alertMessage(plan(10), 1), area: null } },
  reportBody('secret-vehicle', 1, 1, startMs, true),
  deliveryBody(plan(1).id, 2, 'secret-vehicle', DeliveryState.DELIVERY_STATE_TARGETED, startMs),
]

let place: CentralPlace
let central: CentralProcess

beforeAll(async () => {
  place = await createCentralPlace()
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  await appendAll(
    writer,
    bodies.map((body, index) => placed({ node: 'north-1', lane: Lane.LANE_URGENT, epoch: 1, sequence: index + 1 }, body, startMs + index)),
  )
  await writer.stop()
  const postgresUrl = inject('postgresUrl')
  const database = postgresUrl && (await createDatabase(postgresUrl, `api_${randomBytes(6).toString('hex')}`))
  central = await place.start(database === undefined ? {} : { DATABASE_URL: database })
  await until(central.stats, ({ eventLog, deadLetters }) => eventLog.lag === 0 && deadLetters === 1)
})

afterAll(() => place.remove())

async function list(query = ''): Promise<Collection> {
  const answer = await central.get(`/v1/alerts${query}`)
  expect(answer.status, query).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/geo+json')
  return (await answer.json()) as Collection
}

const ids = (collection: Collection) => collection.features.map(({ id }) => Number(id.split('/')[2]))

test('all that is meant for the public, newest first; tests only when asked for', async () => {
  const all = await list()
  expect(all.type).toBe('FeatureCollection')
  expect(ids(all)).toEqual([8, 7, 6, 4, 3, 2, 1])
  expect(ids(await list('?status=test,actual'))).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
})

test.each([
  ['?active=true', [8, 6, 4, 2, 1]],
  ['?active=false', [7, 3]],
  ['?cause=94', [8, 7, 3, 2, 1]],
  ['?cause=adhesion,vehicleBreakdown', [6, 4]],
  ['?cause=93', []],
  ['?bbox=24,60,25,61', [8, 7, 4, 3, 1]],
  ['?bbox=11.5,48,11.7,48.5', [2]],
  // Across the antimeridian: the alert lies 10 m west of it, and its circle reaches over.
  ['?bbox=179.9,-1,-179.9,1', [6]],
  ['?bbox=-180,-1,-179.999,1', [6]],
  ['?bbox=-179.9,-1,179.9,1', []],
  [`?to=${new Date(startMs - 5_000).toISOString()}`, []],
  [`?from=${new Date(startMs + 2_000).toISOString()}&active=false`, [3]],
  [`?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00%2B02:00`, []],
])('%s', async (query, wanted) => {
  expect(ids(await list(query))).toEqual(wanted)
})

test('pages: bounded, in order, none twice, and the way to the next', async () => {
  const seen: number[] = []
  let target = '/v1/alerts?limit=3'
  for (let pages = 1; ; pages++) {
    const answer = await central.get(target)
    const page = (await answer.json()) as Collection
    expect(page.features.length).toBeLessThanOrEqual(3)
    seen.push(...ids(page))
    const link = /<(.*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
    expect(link !== undefined).toBe(page.next !== undefined)
    if (link === undefined) {
      expect(pages).toBe(3)
      break
    }
    target = link
  }
  expect(seen).toEqual([8, 7, 6, 4, 3, 2, 1])
})

describe('one alert', () => {
  async function one(sequence: number): Promise<Feature> {
    const answer = await central.get(`/v1/alerts/${key(sequence)}`)
    expect(answer.status).toBe(200)
    return (await answer.json()) as Feature
  }

  test('a circle, whole', async () => {
    const { geometry, properties } = await one(1)
    expect(properties).toMatchObject({
      state: 'active',
      revision: 2,
      status: 'actual',
      cause: { code: 94, name: 'stationaryVehicle', subCause: 2, subCauseName: 'vehicleBreakdown' },
      priority: 'imminent',
      eventPosition: [24.9, 60.2],
      referenceHeadingDeg: 90,
      trafficDirection: 'upstream',
      awarenessDistanceM: 1_000,
      area: { kind: 'circle', center: [24.9, 60.2], radiusM: 30 },
      issuerRole: 'detected',
      sources: 2,
      texts: { fi: 'Pysähtynyt ajoneuvo' },
      validUntil: new Date(startMs + 1 + 3_600_000).toISOString(),
    })
    const ring = (geometry as { coordinates: [number, number][][] }).coordinates[0]!
    expect(ring).toHaveLength(65)
    expect(ring[0]).toEqual(ring[64])
    expect(signedArea(ring)).toBeGreaterThan(0)
  })

  test('out of order: the newest revision, the end', async () => {
    expect((await one(2)).properties.revision).toBe(2)
    expect(await one(3)).toMatchObject({
      geometry: {
        type: 'LineString',
        coordinates: [
          [24.9, 60.2],
          [24.92, 60.21],
        ],
      },
      properties: {
        state: 'ended',
        area: { kind: 'corridor', widthM: 12, direction: 'along' },
        ending: { reason: 'resolved', endedBy: 'detected' },
      },
    })
    expect(await one(9)).toMatchObject({ geometry: null, properties: { state: 'ended', revision: 1, ending: { reason: 'resolved' } } })
  })

  test('health is published as a breakdown or a stationary vehicle', async () => {
    const { geometry, properties } = await one(4)
    expect(properties.cause).toMatchObject({ code: 91, subCause: 0 })
    const [outer, hole] = (geometry as { coordinates: [number, number][][] }).coordinates
    expect(signedArea(outer!)).toBeGreaterThan(0)
    expect(signedArea(hole!)).toBeLessThan(0)
  })

  test('a moving area as it lay; an expired alert', async () => {
    expect(await one(8)).toMatchObject({
      geometry: { type: 'Polygon' },
      properties: { area: { kind: 'moving', headingDeg: 90, speedMps: 20 } },
    })
    expect((await one(7)).properties.state).toBe('expired')
  })

  test('the same by its id escaped, and with its entity tag', async () => {
    const answer = await central.get(`/v1/alerts/${encodeURIComponent(key(1))}`)
    expect(answer.status).toBe(200)
    const tag = answer.headers.get('etag')
    expect(tag).not.toBeNull()
    expect((await central.get(`/v1/alerts/${key(1)}`, { headers: { 'if-none-match': tag! } })).status).toBe(304)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1')
  })

  test.each([key(99), key(10), 'north-1/beef/1', 'x', '%00/0000beef/1', '..%2f..%2fetc/0000beef/1'])('none: %s', async id => {
    const answer = await central.get(`/v1/alerts/${id}`)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ type: 'urn:outrider:problem:alert_unknown', status: 404 })
  })
})

describe('wrong input', () => {
  test.each([
    ['bbox=1,2,3', 'bbox'],
    ['bbox=a,b,c,d', 'bbox'],
    ['bbox=0,10,1,5', 'bbox'],
    ['bbox=0,-91,1,5', 'bbox'],
    ['bbox=-181,0,1,5', 'bbox'],
    ['bbox=NaN,0,1,5', 'bbox'],
    ['bbox=1e2,0,1,5', 'bbox'],
    ['cause=0', 'cause'],
    ['cause=256', 'cause'],
    ['cause=constructor', 'cause'],
    [`cause=${Array(33).fill('94').join(',')}`, 'cause'],
    ['status=toString', 'status'],
    ['from=yesterday', 'from'],
    ['from=2026-01-01T00:00:00', 'from'],
    ['to=2026-13-01T00:00:00Z', 'to'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'to'],
    ['active=yes', 'active'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['cursor=abc', 'cursor'],
    [`cursor=${Buffer.from('[1,"a\\u0000"]').toString('base64url')}`, 'cursor'],
    ['cursor=', 'cursor'],
    ['vehicle=secret-vehicle', 'vehicle'],
    ['__proto__=1', '__proto__'],
  ])('%s', async (query, field) => {
    const answer = await central.get(`/v1/alerts?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      type: 'urn:outrider:problem:parameter_invalid',
      field,
      detail: expect.stringContaining(`${field} `),
    })
  })

  test('too long, another method, nothing here', async () => {
    expect((await central.get(`/v1/alerts?cursor=${'a'.repeat(3_000)}`)).status).toBe(414)
    const post = await central.get('/v1/alerts', { method: 'POST', body: 'x'.repeat(100_000) })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await central.get('/')).status).toBe(404)
    expect((await central.get('/v1/alerts', { method: 'HEAD' })).status).toBe(200)
  })

  test('a header beyond the limit is refused by the server', async () => {
    const status = await new Promise(resolve => {
      http.get({ port: central.httpPort, path: '/v1/stats', headers: { filler: 'x'.repeat(9_000) } }, ({ statusCode }) =>
        resolve(statusCode),
      )
    })
    expect(status).toBe(431)
  })
})

test('pages of other origins may read', async () => {
  const answer = await central.get('/v1/alerts', { headers: { origin: 'https://map.example' } })
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  const preflight = await central.get('/v1/alerts', {
    method: 'OPTIONS',
    headers: { origin: 'https://map.example', 'access-control-request-method': 'GET' },
  })
  expect(preflight.status).toBe(204)
})

test('one address over its rate is told to wait, and let in again', async () => {
  const slow = await createCentralPlace()
  try {
    const other = await slow.start({ OUTRIDER_CENTRAL_REQUESTS_PER_SECOND: '1' })
    const answers = await Promise.all(Array.from({ length: 12 }, () => other.get('/v1/nothing')))
    const refused = answers.find(({ status }) => status === 429)!
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toMatchObject({ type: 'urn:outrider:problem:rate_exceeded' })
    await until(
      () => other.get('/v1/nothing'),
      ({ status }) => status === 404,
    )
  } finally {
    await slow.remove()
  }
})

test('counts since a time: reports received, alerts first recorded, deliveries targeted', async () => {
  const own = await createCentralPlace()
  try {
    const { DELIVERY_STATE_TARGETED: targeted, DELIVERY_STATE_ACKNOWLEDGED: acknowledged } = DeliveryState
    const splitMs = startMs + 30_000
    const given: readonly (readonly [outrider.v1.Record.$Properties, number])[] = [splitMs - 1_000, splitMs].flatMap((atMs, round) => [
      [reportBody('v', round + 1, 1, atMs, true), atMs] as const,
      [{ alert: alertMessage({ ...plan(round + 1), atMs }, 1) }, atMs] as const,
      // The second round targets again who has the first one's alert, and someone new.
      [deliveryBody(plan(1).id, 1, 'v', targeted, atMs), atMs] as const,
      [deliveryBody(plan(1).id, 1, 'v', acknowledged, atMs + 10), atMs + 10] as const,
      [deliveryBody(plan(1).id, 1, `only-${round}`, targeted, atMs), atMs] as const,
    ])
    const writer = await openWriter(own.eventLogFolder, 'region-1')
    await appendAll(
      writer,
      given.map(([body, atMs], index) => placed({ node: 'north-1', lane: Lane.LANE_URGENT, epoch: 1, sequence: index + 1 }, body, atMs)),
    )
    await writer.stop()
    const other = await own.start()
    await until(other.stats, ({ eventLog }) => eventLog.lag === 0)
    // Another time than the one before has its turn a moment later.
    const since = (sinceMs: number) =>
      until(
        async () => (await (await other.get(`/v1/stats?since=${sinceMs}`)).json()) as Partial<CentralStats>,
        answer => answer.reports !== undefined,
      )
    const counts = (identities: number, total: number, targetedCount: number, acknowledgedCount: number) => ({
      reports: { identities, duplicates: 0 },
      alerts: { total },
      deliveries: { targeted: targetedCount, acknowledged: acknowledgedCount },
    })
    expect(await other.stats()).toMatchObject(counts(2, 2, 3, 1))
    expect(await since(0)).toMatchObject(counts(2, 2, 3, 1))
    expect(await since(splitMs)).toMatchObject(counts(1, 1, 2, 1))
    expect(await since(splitMs + 1)).toMatchObject(counts(0, 0, 0, 0))
    for (const wrong of ['', 'yesterday', '-1', '1.5', '9999999999999999', '1&since=2']) {
      const answer = await other.get(`/v1/stats?since=${wrong}`)
      expect([answer.status, await answer.json()], wrong).toMatchObject([400, { field: 'since' }])
    }
  } finally {
    await own.remove()
  }
})

test('no answer names a vehicle', async () => {
  const targets = ['/v1/alerts?status=actual,exercise,test', `/v1/alerts/${key(1)}`, '/v1/stats']
  for (const target of targets) expect(await (await central.get(target)).text(), target).not.toContain('secret-vehicle')
  expect(await (await fetch(`http://127.0.0.1:${central.adminPort}/metrics`)).text()).not.toContain('secret-vehicle')
  expect(central.log()).not.toContain('secret-vehicle')
})

test('ready, with its parts and metrics', async () => {
  const ready = await fetch(`http://127.0.0.1:${central.adminPort}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ ready: true })])
  const text = await (await fetch(`http://127.0.0.1:${central.adminPort}/metrics`)).text()
  expect(text).toMatch(/outrider_central_dead_letters_total\{reason="invalid_body".*\} 1/)
})

function signedArea(ring: readonly [number, number][]): number {
  let doubled = 0
  for (let index = 1; index < ring.length; index++) doubled += ring[index - 1]![0] * ring[index]![1] - ring[index]![0] * ring[index - 1]![1]
  return doubled / 2
}
