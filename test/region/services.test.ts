// The region's services over real sockets with mTLS, as operators, partners, nodes and strangers meet them.
import { status } from '@grpc/grpc-js'
import { lanes, outrider } from '@outrider/protocol'
import { createNodeUplink, type Handed, type NodeUplink } from '@outrider/uplink'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNodeSpool, type NodeSpool } from './node-spool.js'
import {
  type Answer,
  createServiceClient,
  credentialsOf,
  openRegionLink,
  type ServiceClient,
  withoutCertificate,
} from './region-clients.js'
import { createRegionPlace, type RegionPlace, type RegionProcess, twoZones } from './region-process.js'

let place: RegionPlace
let region: RegionProcess
let operator: ServiceClient
const nodes: { readonly uplink: NodeUplink; readonly spool: NodeSpool; readonly handed: Handed[] }[] = []
const opened: ServiceClient[] = []

beforeAll(async () => {
  place = await createRegionPlace()
  region = await place.start()
  operator = client('AlertService', 'operator', 'control-room')
  for (const name of ['north-1', 'south-1']) nodes.push(await startNode(name))
})

afterAll(async () => {
  for (const { uplink, spool } of nodes) {
    await uplink.stop()
    await spool.remove()
  }
  for (const each of opened) each.close()
  await place?.remove()
})

function client(service: 'AlertService' | 'ZoneService', role: string, name: string): ServiceClient {
  const made = createServiceClient(service, region.grpcPort, credentialsOf(place, role, name))
  opened.push(made)
  return made
}

async function startNode(name: string, as = name) {
  const spool = await createNodeSpool()
  const handed: Handed[] = []
  const uplink = createNodeUplink({
    node: name,
    zone: name.split('-')[0]!,
    lane: lanes.urgent,
    boot: 1,
    log: spool.log,
    epoch: spool.epoch,
    openLink: openRegionLink(() => region.grpcPort, place, as),
    time: spool.time,
    random: Math.random,
    onHanded: what => void handed.push(what),
    onEvent: () => {},
  })
  uplink.start()
  return { uplink, spool, handed }
}

let requests = 0
/** An alert on a circle; north of 60.2° it lies in zone north. */
function issueRequest(latitude: number, more: object = {}, alert: object = {}) {
  const at = { latitudeE7: Math.round(latitude * 1e7), longitudeE7: 250_000_000 }
  return {
    requestId: `request-${++requests}`,
    validityMs: 600_000,
    alert: {
      status: 'ALERT_STATUS_ACTUAL',
      cause: { code: 'CAUSE_CODE_ACCIDENT' },
      eventPosition: at,
      area: { circle: { center: at, radiusCm: 5_000 } },
      awarenessDistanceM: 500,
      ...alert,
    },
    ...more,
  }
}

async function eventually<Found>(find: () => Found | undefined | false): Promise<Found> {
  for (;;) {
    const found = find()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

const alertsOf = (index: number) => nodes[index]!.handed.flatMap(handed => (handed.kind === 'alert' ? [handed.alert] : []))
const endsOf = (index: number) => nodes[index]!.handed.flatMap(handed => (handed.kind === 'end' ? [handed.end] : []))

test('an alert reaches the nodes of every zone its reach touches, and its end ends it there', async () => {
  const { alert: far } = await operator.call('Issue', issueRequest(60.25))
  const { alert: near } = await operator.call('Issue', issueRequest(60.203))
  expect(near.alert).toMatchObject({ revision: 1, issuerRole: 'ISSUER_ROLE_OPERATOR', id: { node: 'region-1' } })
  expect(near.remainingMs).toBeGreaterThan(590_000)
  const isSequence = (sequence: number) => (live: outrider.v1.LiveAlert.$Properties) => live.alert?.id?.sequence === sequence
  await eventually(() => alertsOf(0).find(isSequence(near.alert.id.sequence)))
  const south = await eventually(() => alertsOf(1).find(isSequence(near.alert.id.sequence)))
  expect(south.remainingMs).toBeLessThanOrEqual(600_000)
  // The far one came first: had it been for the south, it would be there.
  await eventually(() => alertsOf(0).find(isSequence(far.alert.id.sequence)))
  expect(alertsOf(1).find(isSequence(far.alert.id.sequence))).toBeUndefined()

  const ended = await operator.call('End', { requestId: 'end-1', alertId: near.alert.id, expectedRevision: 1 })
  expect(ended.alert.alert.ending).toMatchObject({ reason: 'END_REASON_CANCELLED', endedBy: 'ISSUER_ROLE_OPERATOR' })
  for (const index of [0, 1]) await eventually(() => endsOf(index).find(({ end }) => end?.alertId?.sequence === near.alert.id.sequence))
  expect((await operator.call('End', { requestId: 'end-2', alertId: near.alert.id })).alert.alert.ending.reason).toBe(
    'END_REASON_CANCELLED',
  )
})

test('a node that connects is told the zone table and all live alerts that touch its footprint', async () => {
  const { alert } = await operator.call('Issue', issueRequest(60.15))
  const again = await startNode('south-1')
  try {
    await eventually(() =>
      again.handed.find(handed => handed.kind === 'alert' && handed.alert.alert?.id?.sequence === alert.alert.id.sequence),
    )
    const told = again.handed.find(handed => handed.kind === 'zoneTable')
    expect(told?.kind === 'zoneTable' && told.zoneTable.zones).toHaveLength(2)
  } finally {
    await again.uplink.stop()
    await again.spool.remove()
  }
})

test('a retry gives the same alert; the same request id for something else is refused', async () => {
  const request = issueRequest(60.25)
  const first = await operator.call('Issue', request)
  const second = await operator.call('Issue', request)
  expect(second.alert.alert).toEqual(first.alert.alert)
  await expect(operator.call('Issue', { ...request, validityMs: 1_000 })).rejects.toMatchObject({ code: status.ALREADY_EXISTS })
  // Another caller's ids are its own.
  const other = await client('AlertService', 'partner', 'roadworks').call('Issue', request)
  expect(other.alert.alert.id.sequence).not.toBe(first.alert.alert.id.sequence)
  expect(other.alert.alert.issuerRole).toBe('ISSUER_ROLE_PARTNER')
})

test('a revision is written only upon the one it builds on', async () => {
  const request = issueRequest(60.25)
  const { alert } = await operator.call('Issue', request)
  const update = { requestId: 'update-1', alert: { ...request.alert, id: alert.alert.id, advice: 'ADVICE_SLOW' }, expectedRevision: 1 }
  const updated = await operator.call('Update', update)
  expect(updated.alert.alert).toMatchObject({ revision: 2, advice: 'ADVICE_SLOW', keepUntilMs: alert.alert.keepUntilMs })
  await expect(operator.call('Update', { ...update, requestId: 'update-2' })).rejects.toMatchObject({ code: status.ABORTED })
  // Of two at once with one expected revision one wins.
  const both = [3, 4].map(n => operator.call('Update', { ...update, requestId: `update-${n}`, expectedRevision: 2 }))
  const outcomes = await Promise.allSettled(both)
  expect(outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.code : 'ok')).sort()).toEqual(
    [status.ABORTED, 'ok'].sort(),
  )
  await operator.call('End', { requestId: 'end-3', alertId: alert.alert.id })
  await expect(operator.call('Update', { ...update, requestId: 'update-5', expectedRevision: 3 })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
  })
})

/** A count of the admin port, by a label's value. */
async function countOf(metric: string, label: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${region.adminPort}/metrics`)).text()
  const line = text.split('\n').find(row => row.startsWith(`outrider_region_${metric}{`) && row.includes(`="${label}"`))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}

const corner = (latitude: number, longitude: number) => ({ latitudeE7: latitude * 1e7, longitudeE7: longitude * 1e7 })
const polygon = (...points: object[]) => ({ area: { polygons: { polygons: [{ outer: { points } }] } } })
const circle = (center: object) => ({ area: { circle: { center, radiusCm: 5_000 } } })

test.each([
  ['no area', { area: undefined }, 'alert.area'],
  ['an empty area', { area: { polygons: { polygons: [] } } }, 'alert.area'],
  ['a ring of two corners', polygon(corner(60, 25), corner(61, 25)), 'alert.area.polygons'],
  ['a ring that crosses itself', polygon(corner(60, 25), corner(61, 26), corner(61, 25), corner(60, 26)), 'alert.area.polygons'],
  ['a latitude out of range', circle(corner(91, 25)), 'alert.area.circle.center'],
  ['a longitude out of range', circle(corner(60, 181)), 'alert.area.circle.center'],
  ['an open corridor', { area: { corridor: { line: [], widthCm: 100 } } }, 'alert.area.corridor'],
  ['a circle without a radius', { area: { circle: { center: { latitudeE7: 1, longitudeE7: 1 } } } }, 'alert.area.circle.radiusCm'],
  ['health as a cause', { cause: { code: 'CAUSE_CODE_HUMAN_PROBLEM' } }, 'alert.cause.code'],
  ['no status', { status: 'ALERT_STATUS_UNSPECIFIED' }, 'alert.status'],
])('an alert with %s is refused by name', async (_, alert, field) => {
  const before = await countOf('calls_refused_total', 'invalid_argument')
  await expect(operator.call('Issue', issueRequest(60.25, {}, alert))).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining(field),
  })
  expect(await countOf('calls_refused_total', 'invalid_argument')).toBe(before + 1)
})

test('a message that is larger than any may be is refused unread, and its sender may go on', async () => {
  const texts = [{ language: 'en', text: 'x'.repeat(5 * 1024 * 1024) }]
  await expect(operator.call('Issue', issueRequest(60.25, {}, { texts }))).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  expect((await operator.call('List', {})).alerts.length).toBeGreaterThanOrEqual(0)
})

test('who may not write is told so, and who shows no certificate does not get in', async () => {
  for (const [role, name] of [
    ['service', 'dashboard'],
    ['node', 'north-1'],
  ] as const) {
    await expect(client('AlertService', role, name).call('Issue', issueRequest(60.25))).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
    })
  }
  expect(await countOf('calls_refused_total', 'permission_denied')).toBe(2)
  const reader = client('AlertService', 'service', 'dashboard')
  expect((await reader.call('List', {})).alerts.length).toBeGreaterThan(0)
  const stranger = createServiceClient('AlertService', region.grpcPort, withoutCertificate(place))
  await expect(stranger.call('List', {})).rejects.toMatchObject({ code: status.UNAVAILABLE })
  stranger.close()
  await expect(operator.call('GetLedger', { alertId: { node: 'a', sequence: 1 } })).rejects.toMatchObject({ code: status.NOT_FOUND })
})

test('a node drains its own log and nobody else’s', async () => {
  const impostor = await startNode('north-1', 'south-1')
  try {
    impostor.spool.append(outrider.v1.Record.encode({ schema: 1 }).finish())
    await eventually(() => impostor.uplink.state().failedAttempts > 0)
    expect(impostor.uplink.state()).toMatchObject({ connected: false, waitingRecords: 1 })
  } finally {
    await impostor.uplink.stop()
    await impostor.spool.remove()
  }
  expect(region.log()).toContain('may not drain the log of node north-1')
  expect(await countOf('uplink_refusals_total', 'not_allowed')).toBeGreaterThan(0)
})

test('List goes page by page through what a filter selects', async () => {
  const requests = [0, 1, 2].map(() => issueRequest(60.25, {}, { cause: { code: 'CAUSE_CODE_AQUAPLANING' } }))
  for (const request of requests) await operator.call('Issue', request)
  await operator.call('Issue', issueRequest(60.11, {}, { cause: { code: 'CAUSE_CODE_AQUAPLANING' } }))
  const filter = { causes: ['CAUSE_CODE_AQUAPLANING'], zones: ['north'] }
  const first = await operator.call('List', { filter, pageSize: 2 })
  expect(first.alerts).toHaveLength(2)
  const second = await operator.call('List', { filter, pageSize: 2, pageToken: first.nextPageToken })
  expect(second).toMatchObject({ nextPageToken: '' })
  expect(second.alerts).toHaveLength(1)
  expect(new Set([...first.alerts, ...second.alerts].map(({ alert }: Answer) => alert.id.sequence)).size).toBe(3)
})

test('List ends a page before it is more than a client takes', async () => {
  const cause = { code: 'CAUSE_CODE_ADVERSE_WEATHER_VISIBILITY' }
  const count = 80
  for (let each = 0; each < count; each++) await operator.call('Issue', issueRequest(60.25, {}, { cause, area: wideArea() }))
  const found: string[] = []
  let pageToken = ''
  do {
    const page = await operator.call('List', { filter: { causes: [cause.code] }, pageSize: count, pageToken })
    found.push(...page.alerts.map(({ alert }: Answer) => alert.id.sequence))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(new Set(found).size).toBe(count)
  expect(found).toHaveLength(count)
})

/** A ring of 5,000 corners, 60 KB on the wire. */
function wideArea() {
  const points = Array.from({ length: 5_000 }, (_, index) => {
    const angle = (2 * Math.PI * index) / 5_000
    return {
      latitudeE7: Math.round(602_500_000 + 100_000 * Math.sin(angle)),
      longitudeE7: Math.round(250_000_000 + 200_000 * Math.cos(angle)),
    }
  })
  return { polygons: { polygons: [{ outer: { points } }] } }
}

test('Watch gives a snapshot and what follows, goes on from a token, and marks a new snapshot where the token means nothing', async () => {
  const filter = { causes: ['CAUSE_CODE_ADHESION'] }
  const { alert } = await operator.call('Issue', issueRequest(60.25, {}, { cause: { code: 'CAUSE_CODE_ADHESION' } }))
  const update = {
    requestId: 'w-1',
    alert: { ...issueRequest(60.25).alert, cause: { code: 'CAUSE_CODE_ADHESION' }, id: alert.alert.id },
    expectedRevision: 1,
  }
  /** The first messages of a watch; `then` happens once as many have come. */
  const read = async (resumeToken: string, counts: readonly number[], then = async () => {}) => {
    const call = operator.stream('Watch', { filter, resumeToken })
    call.on('error', () => {}) // cancelled below
    const messages: Answer[] = []
    call.on('data', message => messages.push(message))
    for (const [index, count] of counts.entries()) {
      if (index > 0) await then()
      await eventually(() => messages.length >= count)
    }
    call.cancel()
    return messages
  }
  const fresh = await read('', [2, 3], async () => void (await operator.call('Update', update)))
  expect(fresh[0]).toMatchObject({ snapshot: true, alert: { alert: { id: alert.alert.id } } })
  expect(fresh[1]).toMatchObject({ snapshot: true, snapshotComplete: { entries: 1 } })
  expect(fresh[2]).toMatchObject({ snapshot: false, alert: { alert: { revision: 2 } } })
  await operator.call('End', { requestId: 'w-2', alertId: alert.alert.id })
  const resumed = await read(fresh[2].resumeToken, [1])
  expect(resumed[0]).toMatchObject({ snapshot: false, end: { end: { alertId: alert.alert.id } } })
  const [again] = await read('bm9uc2Vuc2U', [1])
  expect(again).toMatchObject({ snapshot: true, snapshotComplete: { entries: 0 } })
})

test('the zone table is served, and a later version of its file takes its place', async () => {
  const zones = client('ZoneService', 'service', 'dashboard')
  expect((await zones.call('List', {})).table.nodes).toHaveLength(2)
  expect((await zones.call('List', { knownVersion: 1 })).table).toMatchObject({ version: 1, nodes: [] })
  const located = await zones.call('Locate', { position: { latitudeE7: 601_500_000, longitudeE7: 250_000_000 } })
  expect(located).toMatchObject({ footprint: 'south-a', node: { name: 'south-1' } })
  await expect(zones.call('Locate', { position: { latitudeE7: 0, longitudeE7: 0 } })).rejects.toMatchObject({ code: status.NOT_FOUND })
  expect((await zones.call('Neighbours', { node: 'north-1' })).nodes).toMatchObject([{ name: 'south-1' }])
  await place.writeZones({ ...twoZones, version: 2 })
  await eventually(() => nodes[0]!.handed.find(handed => handed.kind === 'zoneTable' && handed.zoneTable.version === 2))
  expect((await zones.call('List', {})).table.version).toBe(2)
})

test('alerts of a node cross the border through the region, with what is left of them, and its ends too', async () => {
  const [north] = nodes
  const at = { latitudeE7: 602_010_000, longitudeE7: 250_000_000 }
  const id = { node: 'north-1', boot: 1, sequence: 9 }
  const now = Date.now()
  const alert = {
    id,
    revision: 1,
    status: 1,
    cause: { code: 94 },
    eventPosition: at,
    area: { circle: { center: at, radiusCm: 2_000 } },
    awarenessDistanceM: 1_000,
    issuerRole: 1,
    referenceTimeMs: now,
    validUntilMs: now + 60_000,
    keepUntilMs: now + 3_600_000,
  }
  north!.spool.append(outrider.v1.Record.encode({ schema: 1, alert }).finish())
  const told = await eventually(() => alertsOf(1).find(live => live.alert?.id?.node === 'north-1'))
  expect(told.remainingMs).toBeLessThanOrEqual(60_000)
  expect(alertsOf(0).find(live => live.alert?.id?.node === 'north-1')).toBeUndefined()
  const end = { alertId: id, revision: 1, ending: { reason: 2, endedTimeMs: now }, keepUntilMs: now + 3_600_000 }
  north!.spool.append(outrider.v1.Record.encode({ schema: 1, end }).finish())
  await eventually(() => endsOf(1).find(live => live.end?.alertId?.node === 'north-1'))
})

test('an update of a node’s alert is asked of that node', async () => {
  const request = issueRequest(60.25)
  const id = { node: 'north-1', boot: 1, sequence: 77 }
  const now = Date.now()
  const alert = {
    id,
    revision: 3,
    status: 1,
    cause: { code: 94 },
    eventPosition: { latitudeE7: 602_500_000, longitudeE7: 250_000_000 },
    area: { circle: { center: { latitudeE7: 602_500_000, longitudeE7: 250_000_000 }, radiusCm: 100 } },
    issuerRole: 1,
    validUntilMs: now + 60_000,
    keepUntilMs: now + 3_600_000,
  }
  nodes[0]!.spool.append(outrider.v1.Record.encode({ schema: 1, alert }).finish())
  await eventually(() => nodes[0]!.uplink.state().waitingRecords === 0)
  const asking = operator.call('Update', { requestId: 'ask-1', alert: { ...request.alert, id }, expectedRevision: 3 })
  const asked = await eventually(() => nodes[0]!.handed.find(handed => handed.kind === 'request'))
  if (asked.kind !== 'request') return
  expect(asked.request).toMatchObject({ expectedRevision: 3, askedBy: 2 })
  nodes[0]!.uplink.reply({ requestId: asked.request.requestId ?? '', result: 2 })
  await expect(asking).rejects.toMatchObject({ code: status.ABORTED })
})

test('health and metrics say how it stands', async () => {
  const ready = await fetch(`http://127.0.0.1:${region.adminPort}/readyz`)
  expect(await ready.json()).toMatchObject({ ready: true, warnings: [] })
  const metrics = await (await fetch(`http://127.0.0.1:${region.adminPort}/metrics`)).text()
  expect(metrics).toMatch(/outrider_region_alerts_active\{.*\} [1-9]/)
})

test('the node knows its clock’s offset to the region', async () => {
  const { clockOffset } = await eventually(() => nodes[0]!.uplink.state().clockOffset && nodes[0]!.uplink.state())
  expect(Math.abs(clockOffset!.offsetMs)).toBeLessThanOrEqual(clockOffset!.roundTripMs / 2 + 2)
})
