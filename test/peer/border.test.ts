// Warnings cross the border of two real nodes with no region, no Kafka and no central.
import { Client } from '@grpc/grpc-js'
import { type PeerMessage, peerMethod } from '@outrider/peer'
import { formatAlertKey, outrider } from '@outrider/protocol'
import { connect } from '@outrider/sdk'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { positionAt, type TestVehicle } from '../edge/test-vehicle.js'
import { alertsOf, borderM, createNeighbours, type Neighbours, peersOf } from './neighbours.js'

const { VerdictKind } = outrider.v1
const poll = { timeout: 60_000, interval: 50 }
const closing: (() => unknown)[] = []
let neighbours: Neighbours

beforeEach(async () => {
  neighbours = await createNeighbours()
})

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await neighbours.remove()
})

/** Four seconds north at 20 m/s, to `northM`. */
const steady = (eastM: number, northM: number) => [-60, -40, -20, 0].map(behind => ({ eastM, northM: northM + behind, speedMps: 20 }))
/** The same with the last second at 8 m/s2. */
const braking = (eastM: number, northM: number) => [...steady(eastM, northM).slice(0, 3), { eastM, northM: northM - 4, speedMps: 12 }]

async function startBoth() {
  const first = await neighbours.startNode('edge-1')
  const second = await neighbours.startNode('edge-2')
  for (const node of [first, second]) await expect.poll(() => peersOf(node), poll).toMatch(/^edge-\d linked$/)
  return [first, second] as const
}

async function drives(vehicle: TestVehicle, eastM: number, northM: number): Promise<TestVehicle> {
  vehicle.drive('telemetry', 1, steady(eastM, northM))
  await vehicle.settled()
  return vehicle
}

const keyOf = (push: outrider.v1.AlertPush.$Properties) => formatAlertKey(push.alert!.id!)

it('who brakes at the border warns those behind of both nodes, with one alert', async () => {
  const [first, second] = await startBoth()
  const west = await drives(await neighbours.join(first, 'west'), borderM - 5, -80)
  const east = await drives(await neighbours.join(second, 'east'), borderM + 5, -80)
  const far = await drives(await neighbours.join(second, 'far'), borderM + 3_000, -80)
  const braker = await neighbours.join(first, 'braker')
  braker.drive('telemetry', 1, braking(borderM - 5, 0))
  const pushes = [await west.next('alert'), await east.next('alert')]
  expect(pushes.map(({ alert }) => alert)).toMatchObject(
    [1, 2].map(() => ({ cause: { code: 99, subCause: 1 }, revision: 1, id: { node: 'edge-1' } })),
  )
  expect(keyOf(pushes[0]!)).toBe(keyOf(pushes[1]!))
  await far.settled()
  expect(far.count('alert')).toBe(0)
  await expect.poll(async () => (await alertsOf(second)).length, poll).toBe(1)
  expect(await alertsOf(first)).toEqual(await alertsOf(second))
})

it('two drivers, one on each side, make one public alert of what neither is believed alone', async () => {
  const [first, second] = await startBoth()
  const sees = (vehicle: TestVehicle, eastM: number) =>
    vehicle.send('urgent', {
      number: 1,
      timeMs: Date.now(),
      samples: [
        {
          ...positionAt(eastM, 0),
          speedCmps: 1_500,
          headingDecideg: 0,
          observations: [{ cause: 10, subCause: 1, distanceDm: 500, source: 1 }],
        },
      ],
    })
  const west = await neighbours.join(first, 'west')
  const east = await neighbours.join(second, 'east')
  sees(west, borderM - 5)
  await west.settled()
  expect(await alertsOf(first)).toEqual([])
  sees(east, borderM + 5)
  const [atWest, atEast] = [await west.next('alert'), await east.next('alert')]
  expect(atWest.alert).toMatchObject({ cause: { code: 10 }, sources: 2 })
  expect(keyOf(atWest)).toBe(keyOf(atEast))
  await expect.poll(async () => (await alertsOf(second)).length, poll).toBe(1)
  expect(await alertsOf(first)).toEqual(await alertsOf(second))
})

it('a node that is killed: its successor acts within two seconds, and nobody is shown again what goes on', async () => {
  const [first, second] = await startBoth()
  const shown: string[] = []
  const vehicle = await connect({ url: first.url, token: await neighbours.tokenOf('shown once') })
  const place = positionAt(borderM - 5, -300)
  const report = () =>
    void vehicle.report({ latitude: place.latitudeE7 / 1e7, longitude: place.longitudeE7 / 1e7, speedMps: 1, headingDeg: 0 })
  report()
  const timer = setInterval(report, 1_000)
  closing.push(async () => {
    clearInterval(timer)
    await vehicle.close()
  })
  void (async () => {
    for await (const alert of vehicle.alerts()) shown.push(alert.id)
  })()
  const behind = await drives(await neighbours.join(first, 'behind'), borderM - 5, -80)
  const stands = await neighbours.join(second, 'stands')
  stands.send('urgent', {
    number: 1,
    timeMs: Date.now(),
    samples: [{ ...positionAt(borderM + 20, 0), speedCmps: 0, headingDecideg: 0, flags: [outrider.v1.Flag.FLAG_AIRBAG] }],
  })
  const before = await behind.next('alert')
  expect(before.alert!.id!.node).toBe('edge-2')
  await expect.poll(() => shown, poll).toEqual([keyOf(before)])

  const killedAtMs = performance.now()
  second.process.kill('SIGKILL')
  const after = await behind.next('alert', push => push.alert?.id?.node === 'edge-1')
  expect(Math.floor((performance.now() - killedAtMs) / 1_000)).toBeLessThan(2)
  expect(after.alert).toMatchObject({
    cause: before.alert!.cause,
    replaces: [before.alert!.id],
    detectionTimeMs: before.alert!.detectionTimeMs,
  })
  expect(after.remainingMs).toBeLessThanOrEqual(before.remainingMs!)
  const { latitudeE7, longitudeE7 } = positionAt(borderM + 500, 0)
  const located = (await (await fetch(`${first.http}/v1/locate?lat=${latitudeE7 / 1e7}&lon=${longitudeE7 / 1e7}`)).json()) as {
    readonly node: { readonly name: string }
  }
  expect(located.node.name).toBe('edge-1')
  await expect.poll(() => alertsOf(first), poll).toEqual([`${keyOf(after)} r1 active`, `${keyOf(before)} ended`].sort())
  await behind.settled()
  expect(shown).toEqual([keyOf(before)])

  // Who it was starts anew: what ended stays ended, and its ground is its own again.
  const again = await neighbours.startNode('edge-2')
  await expect.poll(() => peersOf(again), poll).toBe('edge-1 linked')
  await expect.poll(async () => (await alertsOf(again)).length, poll).toBe(2)
  expect(await alertsOf(again)).toEqual(await alertsOf(first))
  const back = await fetch(`${first.http}/v1/locate?lat=${latitudeE7 / 1e7}&lon=${longitudeE7 / 1e7}`)
  expect(await back.json()).toMatchObject({ node: { name: 'edge-2' } })
})

it('the vehicles of a killed node go to its successor, which warns them of what their own node had warned of, and of what comes', async () => {
  const [first, second] = await startBoth()
  const shown: string[] = []
  const nodesTold: string[] = []
  const vehicle = await connect({ url: second.url, token: await neighbours.tokenOf('goes over') })
  const { latitudeE7, longitudeE7 } = positionAt(borderM + 400, -80)
  const report = () => void vehicle.report({ latitude: latitudeE7 / 1e7, longitude: longitudeE7 / 1e7, speedMps: 15, headingDeg: 0 })
  report()
  const timer = setInterval(report, 500)
  closing.push(async () => {
    clearInterval(timer)
    await vehicle.close()
  })
  void (async () => {
    for await (const alert of vehicle.alerts()) {
      shown.push(`${alert.causeCode}`)
      nodesTold.push(alert.id.split('/')[0]!)
    }
  })()
  const crash = async (node: typeof first, enrolment: string, northM: number, flag: outrider.v1.Flag) => {
    const crashed = await neighbours.join(node, enrolment)
    const samples = [{ ...positionAt(borderM + 400, northM), speedCmps: 0, headingDecideg: 0, flags: [flag] }]
    crashed.send('urgent', { number: 1, timeMs: Date.now(), samples })
  }
  await crash(second, 'crashes', 0, outrider.v1.Flag.FLAG_AIRBAG)
  await expect.poll(() => shown, poll).toHaveLength(1)
  second.process.kill('SIGKILL')
  const gauges = async () => ((await (await fetch(`${first.admin}/details`)).json()) as { readonly gauges: object }).gauges
  await expect.poll(gauges, poll).toMatchObject({ connected: 1, activeAlerts: 1 })
  const crashed = await neighbours.join(first, 'brakes here')
  crashed.drive('telemetry', 1, braking(borderM + 400, 150))
  await expect.poll(() => shown, poll).toHaveLength(2)
  expect(nodesTold).toEqual(['edge-2', 'edge-1'])
})

it('what both sides issue and end while the border is cut is the same on both once it is healed', async () => {
  const [first, second] = await startBoth()
  const west = await neighbours.join(first, 'west')
  west.drive('telemetry', 1, braking(borderM - 5, 0))
  await expect.poll(async () => (await alertsOf(second)).length, poll).toBe(1)
  const [common] = await alertsOf(second)

  neighbours.relay.freeze(true)
  await expect.poll(() => peersOf(first), poll).toContain('edge-2 gone')
  await expect.poll(() => peersOf(second), poll).toContain('edge-1 gone')
  // The east takes over what the west issued; the west's drivers say that it is gone; both see something new.
  const key = common!.split(' ')[0]!
  const [node, boot, sequence] = key.split('/')
  const verdicts = [
    {
      alertId: { node: node!, boot: Number.parseInt(boot!, 16), sequence: Number(sequence) },
      revision: 1,
      kind: VerdictKind.VERDICT_KIND_GONE,
      timeMs: Date.now(),
    },
  ]
  for (const enrolment of ['one', 'two']) {
    const driver = await neighbours.join(first, enrolment)
    const samples = [{ ...positionAt(borderM - 5, 40), speedCmps: 1_500, headingDecideg: 0 }]
    driver.send('urgent', { number: 1, timeMs: Date.now(), samples, verdicts })
    await driver.settled()
  }
  const newWest = await neighbours.join(first, 'new west')
  newWest.drive('telemetry', 1, braking(borderM - 5, 2_000))
  const newEast = await neighbours.join(second, 'new east')
  newEast.drive('telemetry', 1, braking(borderM + 5, -2_000))
  await Promise.all([newWest.settled(), newEast.settled()])
  await expect.poll(async () => (await alertsOf(first)).length, poll).toBe(2)
  await expect.poll(async () => (await alertsOf(second)).length, poll).toBe(3)
  expect(await alertsOf(first)).toContain(`${key} ended`)
  expect(await alertsOf(second)).toContain(`${key} ended`)

  neighbours.relay.freeze(false)
  await expect.poll(async () => (await alertsOf(first)).length, poll).toBe(4)
  await expect.poll(async () => JSON.stringify(await alertsOf(second)) === JSON.stringify(await alertsOf(first)), poll).toBe(true)
  expect(await alertsOf(first)).toContain(`${key} ended`)
})

it('takes no stream from an operator who says that he is a neighbour, and none from who shows nothing', async () => {
  const second = await neighbours.startNode('edge-2')
  for (const channel of [neighbours.credentials('operator', 'control-room'), undefined]) {
    const client = new Client(`127.0.0.1:${second.peerPort}`, channel ?? neighbours.strangers(), {
      'grpc.ssl_target_name_override': 'localhost',
    })
    const stream = client.makeBidiStreamRequest<PeerMessage, PeerMessage>(
      peerMethod.path,
      peerMethod.requestSerialize,
      peerMethod.responseDeserialize,
    )
    const got: PeerMessage[] = []
    stream.on('data', message => got.push(message))
    const over = new Promise(resolve => stream.on('end', resolve).on('error', resolve))
    stream.write({
      hello: { node: 'edge-1', zone: 'altstadt', boot: 1, authority: neighbours.authority, features: [], zoneTableVersion: 1 },
    })
    await over
    client.close()
    expect(got).toEqual([])
  }
  expect(await peersOf(second)).toMatch(/^edge-1 (not linked|gone)/)
  await expect
    .poll(() => second.log.filter(line => line.includes('operator control-room may not speak for node edge-1')).length, poll)
    .toBe(1)
})
