// Vehicles with names, plates and tokens drive, warn, are warned and misbehave on a whole service that logs all it can; then everything that
// was written or can be asked is searched for them. docs/privacy.md says what may be where.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import files from 'node:fs/promises'
import path from 'node:path'
import { openKeyFolder } from '@outrider/identity'
import { outrider, topics } from '@outrider/protocol'
import { nodeFiles } from '@outrider/spool'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPgliteStore } from '../../apps/central/src/store/pglite-store.js'
import { type CentralPlace, type CentralProcess, createCentralPlace, until } from '../central/central-process.js'
import { type EdgeNode, makeFolder, origin, zoneTable } from '../edge/edge-node.js'
import { positionAt, refusalOf, TestVehicle } from '../edge/test-vehicle.js'
import { alertsOf, borderM, peersOf } from '../peer/neighbours.js'
import { createServiceClient, credentialsOf } from '../region/region-clients.js'
import { authority, type RegionProcess } from '../region/region-process.js'
import { untilDrained } from '../region/region-topics.js'
import { createRelay, type Relay } from '../uplink/relay.js'
import { createTiers, type Tiers, untilDrainedUp } from '../uplink/tiers.js'
import { findBelow, findIn, type Needles } from './search.js'

const { DeliveryStage, Flag } = outrider.v1
/** Who the vehicles are to the issuer. */
const enrolments = {
  braker: 'VIN/WVWZZZ1JZXW000017',
  behind: 'plate/HH-OR 4711',
  witness: 'fleet-7/driver-jane.doe',
  liar: 'VIN/1M8GDM9AXKP042788',
  crashed: 'plate/HH-CR 2026',
}
/** What vehicles say of themselves where no field asks for it. */
const said: Needles = {
  'plate in a feature': 'HH-XY 9901',
  'plate in the SDK name': 'HH-XY 9902',
  'plate in an unknown JSON field': 'HH-XY 9903',
  'plate in an unknown field': 'HH-XY 9907',
  'plate in the URL': 'HH-XY-9904',
  'plate in a header': 'HH-XY 9905',
  'plate in a frame that cannot be read': 'HH-XY 9906',
}
const debug = { OUTRIDER_LOG_LEVEL: 'debug' }

let tiers: Tiers
let place: CentralPlace
let region: RegionProcess
let central: CentralProcess
let nodes: EdgeNode[] = []
let peerRelay: Relay
/** Nobody behind the door may have one of these. */
const secret: Record<string, string> = { ...said }
/** For reports, deliveries and nothing else. */
const pseudonyms: Record<string, string> = {}
const tokens: Record<string, string> = {}
/** Every frame that a vehicle got, and every answer of a service, by where from. */
const answers: Record<string, string> = {}
/** Of a detected and an issued one. */
const alertIds: outrider.v1.AlertId.$Properties[] = []
let alertKey = ''

beforeAll(async () => {
  tiers = await createTiers()
  place = await createCentralPlace()
  const eventLog = { OUTRIDER_EVENT_LOG: place.eventLogFolder, ...debug }
  region = await tiers.startRegion(eventLog)
  central = await place.start({ OUTRIDER_AUTHORITY: authority, ...eventLog })
  nodes = await startNeighbours()
  await plantTokens()
  await drive(nodes[0]!)
  for (const node of nodes) await untilDrainedUp(node)
  await untilDrained(region)
  await until(central.stats, ({ eventLog: { lag }, alerts, deliveries }) => lag === 0 && alerts.total > 1 && deliveries.acknowledged > 0)
  await askEverything()
  expect(await central.stop()).toBe(0)
  expect(await region.stop()).toBe(0)
  for (const node of nodes) {
    node.process.kill('SIGTERM')
    expect(await node.ended).toBe(0)
  }
}, 240_000)

afterAll(async () => {
  await tiers?.remove()
  await peerRelay?.stop()
  await place?.remove()
})

/** Two nodes that are linked. */
async function startNeighbours(): Promise<EdgeNode[]> {
  peerRelay = await createRelay()
  const linked = zoneTable.nodes.map(node => ({ ...node, peerAddress: `127.0.0.1:${peerRelay.port}` }))
  const started: EdgeNode[] = []
  for (const name of ['edge-1', 'edge-2']) {
    const at = makeFolder()
    await files.writeFile(path.join(at.folder, 'zones.json'), JSON.stringify({ ...zoneTable, nodes: linked }))
    started.push(await tiers.startNode(name, { ...debug, OUTRIDER_EDGE_PEER_PORT: '0' }, at))
  }
  peerRelay.target = started[1]!.peerPort
  for (const node of started)
    await until(
      () => peersOf(node),
      said => /^edge-\d linked$/.test(said),
    )
  return started
}

async function plantTokens(): Promise<void> {
  const keys = await openKeyFolder({ path: path.join(tiers.place.folder, 'keys'), files, nowMs: Date.now })
  const issuer = await keys.tokenIssuer()
  for (const [name, enrolment] of Object.entries(enrolments)) {
    // A whole day, so that the token holds the links of two.
    const { token, identity } = await issuer.issue({ enrolment, role: 'default', lifetimeMs: 86_400_000 })
    tokens[name] = token
    secret[`enrolment of ${name}`] = enrolment
    secret[`bare enrolment of ${name}`] = enrolment.split('/')[1]!
    secret[`token of ${name}`] = token
    secret[`signature of ${name}`] = token.split('.')[2]!
    for (const { day, link } of identity.links) secret[`link of ${name} on day ${day}`] = link
    pseudonyms[`pseudonym of ${name}`] = identity.pseudonym
  }
}

/** A hazard with all that hangs on it, and every way to be refused that has something of the vehicle in hand. */
async function drive(node: EdgeNode): Promise<void> {
  const join = async (name: keyof typeof enrolments, json = false) => {
    const vehicle = await TestVehicle.open(node.url, { token: tokens[name]!, json, headers: { 'user-agent': said['plate in a header']! } })
    vehicle.socket.on('message', (data: Buffer) => {
      answers[`frames to ${name}`] += data.toString('latin1')
    })
    answers[`frames to ${name}`] = ''
    const features = [said['plate in a feature']!]
    vehicle.send('hello', { sdkStart: 7, vehicleTimeMs: Date.now(), features, sdkName: said['plate in the SDK name']! })
    await vehicle.next('welcome')
    return vehicle
  }
  const braker = await join('braker')
  const behind = await join('behind', true)
  const witness = await join('witness', true)
  const liar = await join('liar')

  behind.drive('telemetry', 1, [{ eastM: 0, northM: -60, speedMps: 20 }])
  await behind.settled()
  braker.brakeHard()
  // The same of a newer SDK, or of a maker who adds a field of his own (number 500, a string).
  const report = outrider.v1.Report.encode({ number: 3, timeMs: Date.now(), samples: [{ ...positionAt(0, 56), speedCmps: 0 }] }).finish()
  const own = Buffer.from(said['plate in an unknown field']!)
  braker.socket.send(Buffer.concat([Buffer.from([3]), report, Buffer.from([0xa2, 0x1f, own.length]), own]))
  braker.drive('urgent', 2, [{ eastM: 0, northM: 56, speedMps: 0, flags: [Flag.FLAG_HAZARD_LIGHTS, Flag.FLAG_AIRBAG] }])
  await braker.next('reportAck', ({ through }) => through === 3)
  // Whoever was silent for too long on a slow machine is not sought; who reports again enters what lasts.
  behind.drive('telemetry', 2, [{ eastM: 0, northM: -59, speedMps: 1 }])
  const { alert } = await behind.next('alert')
  alertIds.push(alert!.id!)
  const stages = [DeliveryStage.DELIVERY_STAGE_RECEIVED, DeliveryStage.DELIVERY_STAGE_TAKEN, DeliveryStage.DELIVERY_STAGE_SHOWN]
  for (const stage of stages) behind.send('deliveryAck', { entries: [{ alertId: alert!.id!, revision: 1, stage, timeMs: Date.now() }] })

  // At the border: evidence goes to the neighbour with the vehicle's links, and the alert.
  const crashed = await join('crashed')
  crashed.drive('urgent', 1, [{ eastM: borderM - 5, northM: 0, speedMps: 0, flags: [Flag.FLAG_AIRBAG] }])
  await crashed.next('reportAck', ({ through }) => through === 1)
  await until(
    () => alertsOf(nodes[1]!),
    ({ length }) => length > 0,
  )

  // A report in JSON with fields that nobody knows.
  const sample = { timeOffsetMs: 0, ...positionAt(300, 300), speedCmps: 1_000, plate: said['plate in an unknown JSON field'] }
  witness.socket.send(JSON.stringify({ urgent: { number: 1, timeMs: Date.now(), samples: [sample], vin: enrolments.witness } }))
  await witness.next('reportAck', ({ through }) => through === 1)

  // Implausible, unreadable, and thrown out.
  for (let number = 1; number <= 5; number++) liar.drive('telemetry', number, [{ eastM: number * 9_000, northM: 0, speedMps: 10 }])
  await liar.settled()
  const unreadable = Buffer.concat([Buffer.from([3, 255, 255, 255]), Buffer.from(said['plate in a frame that cannot be read']!)])
  for (let count = 0; count < 10; count++) liar.socket.send(unreadable)
  expect(await liar.closed).toBe(4200)
  const url = `${node.url}/?plate=${said['plate in the URL']}`
  expect(await refusalOf(`${url}&token=${tokens.witness}`, { token: tokens.witness! })).toMatchObject({ status: 400 })
  expect(await refusalOf(url, { token: `${tokens.witness}x` })).toMatchObject({ status: 401 })
  await fetch(`${node.http}/v1/locate?lat=${said['plate in the URL']}&lon=1`, { headers: { authorization: `Bearer ${tokens.witness}` } })
  await central.get(`/v1/alerts?${said['plate in the URL']}=1`, { headers: { authorization: `Bearer ${tokens.witness}` } })
  for (const vehicle of [braker, behind, witness, crashed]) {
    await vehicle.settled()
    vehicle.socket.close()
    await vehicle.closed
  }

  // And an operator's alert beside.
  const at = { latitudeE7: origin.latitudeE7, longitudeE7: origin.longitudeE7 }
  const draft = { status: 'ALERT_STATUS_ACTUAL', cause: { code: 'CAUSE_CODE_ACCIDENT' }, eventPosition: at }
  const { alert: issued } = await tiers.operator(region).call('Issue', {
    requestId: randomUUID(),
    validityMs: 600_000,
    alert: { ...draft, area: { circle: { center: at, radiusCm: 5_000 } }, awarenessDistanceM: 500 },
  })
  alertIds.push(issued.alert.id)
  alertKey = `${issued.alert.id.node}/${issued.alert.id.boot.toString(16).padStart(8, '0')}/${issued.alert.id.sequence}`
}

async function askEverything(): Promise<void> {
  const pages: Record<string, readonly string[]> = {
    [`http://127.0.0.1:${region.adminPort}`]: ['/healthz', '/readyz', '/metrics', '/details'],
    [`http://127.0.0.1:${central.adminPort}`]: ['/healthz', '/readyz', '/metrics', '/details'],
    [`http://127.0.0.1:${central.httpPort}`]: ['/v1/alerts', '/v1/alerts?active=false', `/v1/alerts/${alertKey}`, '/v1/stats', '/v1/none'],
  }
  const located = `/v1/locate?lat=${origin.latitudeE7 / 1e7}&lon=${origin.longitudeE7 / 1e7}`
  for (const { http, admin } of nodes) {
    pages[http] = ['/healthz', '/readyz', '/v1/zone', located, '/metrics']
    pages[admin] = ['/healthz', '/readyz', '/metrics', '/details']
  }
  for (const [base, paths] of Object.entries(pages)) {
    for (const page of paths) answers[base + page] = await (await fetch(base + page)).text()
  }
  const operator = tiers.operator(region)
  const { alerts } = await operator.call('List', {})
  answers['AlertService.List'] = JSON.stringify(alerts)
  expect(alerts.length).toBeGreaterThan(0)
  for (const alertId of alertIds) {
    for (const method of ['Get', 'GetLedger']) {
      const told = await operator.call(method, { alertId }).catch(error => ({ error: String(error) }))
      answers[`AlertService.${method} of ${alertId.node}`] = JSON.stringify(told)
    }
  }
  const watch = operator.stream('Watch', {})
  const told: string[] = []
  await new Promise<void>(resolve => {
    watch.on('error', () => {}) // cancelled below
    watch.on('data', (message: { snapshotComplete?: object | null }) => {
      told.push(JSON.stringify(message))
      if (message.snapshotComplete) resolve()
    })
  })
  watch.cancel()
  answers['AlertService.Watch'] = told.join('\n')
  const zones = createServiceClient('ZoneService', region.grpcPort, credentialsOf(tiers.place, 'service', 'dashboard'))
  answers['ZoneService.List'] = JSON.stringify(await zones.call('List', {}))
  answers['ZoneService.Locate'] = JSON.stringify(await zones.call('Locate', { position: origin }))
  zones.close()
}

const all = () => ({ ...secret, ...pseudonyms })
const folderOf = (topic: { readonly name: string }) => path.join(place.eventLogFolder, 'topics', topic.name)

describe('nobody is named', () => {
  it('in any log line of edge, region and central at debug level', () => {
    for (const node of nodes) {
      expect(findIn(all(), 'log of an edge', node.log.join('\n'))).toEqual([])
      expect(node.log.length).toBeGreaterThan(5)
    }
    expect(findIn(all(), 'log of the region', region.log())).toEqual([])
    expect(findIn(all(), 'log of central', central.log())).toEqual([])
    for (const log of [region.log(), central.log()]) expect(log).toContain('"level":"debug"')
  })

  it('in any answer over HTTP and gRPC, nor in a frame to another vehicle', () => {
    // What a vehicle said of itself may be told back to itself; nothing else to anybody.
    expect(Object.entries(answers).flatMap(([where, text]) => findIn(all(), where, text))).toEqual([])
    expect(Object.values(answers).filter(text => text === '')).toEqual([])
    expect(answers[`http://127.0.0.1:${central.httpPort}/v1/alerts/${alertKey}`]).toContain('"region-1')
  })

  it('in the topics of alerts, hazards, conditions and dead letters', () => {
    for (const topic of [topics.alerts, topics.hazards, topics.conditions, topics.deadLetters])
      expect(findBelow(all(), folderOf(topic))).toEqual([])
    expect(readFileSync(path.join(folderOf(topics.alerts), 'settings')).length).toBeGreaterThan(0)
  })
})

describe('behind the door there are pseudonyms alone', () => {
  it('in the data of nodes and region, and in every topic', () => {
    const folders = [...nodes.map(({ folder }) => path.join(folder, 'data')), path.join(tiers.place.folder, 'data'), place.eventLogFolder]
    expect(folders.flatMap(folder => findBelow(secret, folder))).toEqual([])
    // The same search finds what it is to find.
    const [west, , regionData] = folders
    for (const folder of [west!, regionData!, folderOf(topics.reports), folderOf(topics.deliveries)])
      expect(findBelow(pseudonyms, folder).length).toBeGreaterThan(0)
  })

  it('in the store, in the columns of reports and deliveries', async () => {
    const store = createPgliteStore({ folder: path.join(place.folder, 'data', 'store'), files: nodeFiles })
    await store.start()
    const allowed = ['report.vehicle', 'report.record', 'delivery.vehicle', 'sequence_source.name']
    const found: string[] = []
    const columns = await store.query<{ table: string; column: string }>(
      `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns WHERE table_schema = 'public'`,
    )
    expect(columns.length).toBeGreaterThan(30)
    for (const { table, column } of columns) {
      const rows = await store.query<{ value: string | null }>(`SELECT "${column}"::text AS value FROM "${table}"`)
      found.push(...rows.flatMap(({ value }) => findIn(all(), `${table}.${column}`, decoded(value))))
    }
    await store.stop()
    const places = new Set(found.map(line => line.replace(/^.* in /, '')))
    expect([...places].sort()).toEqual([...allowed].sort())
    expect(found.filter(line => !line.startsWith('pseudonym of'))).toEqual([])
    // Its files too: what was removed from a row must not be one of the secrets either.
    expect(findBelow(secret, path.join(place.folder, 'data'))).toEqual([])
  })
})

/** Text of a column; of bytes, which PostgreSQL writes in hexadecimal, the bytes. */
function decoded(value: string | null): string | Uint8Array {
  return value?.startsWith('\\x') ? Buffer.from(value.slice(2), 'hex') : (value ?? '')
}
