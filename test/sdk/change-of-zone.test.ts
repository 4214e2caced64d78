// A vehicle drives from one real node's footprint into another's, with hazards on both sides: no alert missed, none told twice, and at no
// time without a node.
import { decodeFrame, encodeFrame, outrider } from '@outrider/protocol'
import { type Alert, connect, type OpenSocket, openPlatformSocket, type Vehicle, type VehicleEvent } from '@outrider/sdk'
import { afterEach, expect, it } from 'vitest'
import { clearNodes, type EdgeNode } from '../edge/edge-node.js'
import { TestVehicle } from '../edge/test-vehicle.js'
import { eastOfBorder, startTwoNodes } from './two-nodes.js'

const { LinkRole } = outrider.v1
const poll = { timeout: 60_000, interval: 20 }
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await clearNodes()
})

/** Reports as often as asked, from wherever `place` says the vehicle is. */
function drive(vehicle: Vehicle, everyMs: number, place: () => Parameters<Vehicle['report']>[0]): void {
  const report = () => void vehicle.report(place())
  report()
  const timer = setInterval(report, everyMs)
  closing.unshift(async () => {
    clearInterval(timer)
    await vehicle.close()
  })
}

/** A vehicle that stands on the road with its hazard lights on, told to its node. */
async function stand(node: EdgeNode, eastM: number): Promise<void> {
  const vehicle = await connect({ url: node.url, token: `stands-at.${eastM}.x` })
  drive(vehicle, 500, () => ({ ...eastOfBorder(eastM), speedMps: 0, headingDeg: 90, flags: ['hazard_lights', 'breakdown'] }))
  void consume(vehicle, [])
}

async function consume(vehicle: Vehicle, told: { readonly at: string; readonly atMs: number; readonly alert: Alert }[]): Promise<void> {
  for await (const alert of vehicle.alerts()) {
    told.push({ at: alert.id.split('/')[0]!, atMs: performance.now(), alert })
    alert.shown()
  }
}

interface Ledger {
  readonly targeted: number
  readonly acknowledged: number
  readonly superseded: number
  readonly pending: number
  /** By reason. */
  readonly dropped: readonly number[]
}

async function details(node: EdgeNode): Promise<{ gauges: { activeAlerts: number; connected: number }; ledger: Ledger }> {
  return JSON.parse(await (await fetch(`${node.admin}/details`)).text())
}

interface HelloSent {
  readonly url: string
  readonly role: outrider.v1.LinkRole
  readonly atMs: number
}

/** Sockets that tell which hellos were sent, and when the first frame after each came. */
function createTap() {
  const hellos: HelloSent[] = []
  const answers: { readonly url: string; readonly atMs: number }[] = []
  const openSocket: OpenSocket = (request, events) => {
    const socket = openPlatformSocket(request, {
      ...events,
      message(bytes) {
        answers.push({ url: request.url, atMs: performance.now() })
        events.message(bytes)
      },
    })
    return {
      send(bytes) {
        const frame = decodeFrame(bytes)
        if (frame.kind === 'frame' && frame.type === 'hello')
          hellos.push({ url: request.url, role: frame.message.role, atMs: performance.now() })
        socket.send(bytes)
      },
      get bufferedBytes() {
        return socket.bufferedBytes
      },
      close: socket.close,
      abort: socket.abort,
    }
  }
  return { hellos, answers, openSocket }
}

// A node whose tick comes half a second late, on a machine that does too much, sheds telemetry: then nobody is warned by it.
it('crosses the border between two nodes with hazards on both sides', { retry: 2 }, async () => {
  const [west, east] = await startTwoNodes()
  await stand(west, -100)
  await stand(east, 500)
  await expect
    .poll(async () => [(await details(west)).gauges.activeAlerts, (await details(east)).gauges.activeAlerts], poll)
    .toEqual([1, 1])

  const events: VehicleEvent[] = []
  const told: { readonly at: string; readonly atMs: number; readonly alert: Alert }[] = []
  const ended: string[] = []
  const tap = createTap()
  let brakes: Promise<void> | undefined
  const vehicle = await connect({
    url: west.url,
    token: 'drives.east.x',
    presentation: false,
    platform: { openSocket: tap.openSocket },
    onEvent(event) {
      events.push(event)
      // In the middle of the change another vehicle brakes hard in the east.
      if (event.event !== 'link_moving') return
      brakes = brakeHard(east, 300)
      brakes.catch(() => undefined) // It is awaited below; until then its failure is nobody's.
    },
  })
  void consume(vehicle, told)
  void (async () => {
    for await (const { alert, reason } of vehicle.ends()) ended.push(`${alert.id} ${reason}`)
  })()
  const startedAtMs = performance.now()
  const speedMps = 40
  const eastM = () => -250 + ((performance.now() - startedAtMs) / 1_000) * speedMps
  drive(vehicle, 100, () => ({ ...eastOfBorder(Math.min(eastM(), 200)), speedMps, headingDeg: 90 }))
  let isAlwaysConnected = true
  const watch = setInterval(() => {
    isAlwaysConnected &&= vehicle.isConnected
  }, 1)
  closing.push(() => clearInterval(watch))

  await expect
    .poll(() => told.map(({ at, alert }) => `${at} ${alert.causeCode}`).sort(), poll)
    .toEqual(['edge-1 94', 'edge-2 94', 'edge-2 99'])
  await brakes
  await expect.poll(async () => (await details(west)).gauges.connected, poll).toBe(1)
  expect(isAlwaysConnected).toBe(true)
  expect(events.filter(({ event }) => event === 'reconnect_planned' || event === 'alert_dropped')).toEqual([])
  expect(new Set(told.map(({ alert }) => alert.id)).size).toBe(told.length)
  // The east does not know the alert of the west, and it does not end for that.
  expect(ended.filter(text => text.startsWith('edge-1'))).toEqual([])

  const at = (url: string, role: outrider.v1.LinkRole) => tap.hellos.find(hello => hello.url === url && hello.role === role)!.atMs
  expect(tap.hellos.map(({ url, role }) => [url === west.url ? 'west' : 'east', role])).toEqual([
    ['west', LinkRole.LINK_ROLE_PRIMARY],
    ['east', LinkRole.LINK_ROLE_STANDBY],
    ['east', LinkRole.LINK_ROLE_PRIMARY],
    ['west', LinkRole.LINK_ROLE_STANDBY],
  ])
  const primaryAtMs = at(east.url, LinkRole.LINK_ROLE_PRIMARY)
  const answeredAtMs = tap.answers.find(({ url, atMs }) => url === east.url && atMs > primaryAtMs)!.atMs
  // The east has said something as primary before the west was told that it is not: no gap, by order and not by measure.
  expect(answeredAtMs).toBeLessThanOrEqual(at(west.url, LinkRole.LINK_ROLE_STANDBY))
  const firstAtMs = Math.min(...told.filter(({ at: node }) => node === 'edge-2').map(({ atMs }) => atMs))
  const movingAtMs = events.find(({ event }) => event === 'link_moving')!.atMs
  process.stderr.write(
    `outrider: change of zone: next node primary ${(primaryAtMs - movingAtMs).toFixed(1)} ms after the decision, its first alert ${(firstAtMs - primaryAtMs).toFixed(1)} ms later, both serve for ${(at(west.url, LinkRole.LINK_ROLE_STANDBY) - primaryAtMs).toFixed(1)} ms\n`,
  )

  for (const node of [west, east]) {
    await expect.poll(async () => (await details(node)).ledger.pending, poll).toBe(0)
    const { targeted, acknowledged, superseded, dropped } = (await details(node)).ledger
    expect([new Set(dropped), acknowledged + superseded]).toEqual([new Set([0]), targeted])
  }
})

it('hands its vehicle over when it drains: the next node is primary before it is gone', async () => {
  const [west, east] = await startTwoNodes({ OUTRIDER_INSECURE: '1', OUTRIDER_EDGE_DRAIN_MS: '3000' })
  const tap = createTap()
  const events: VehicleEvent[] = []
  const vehicle = await connect({
    url: west.url,
    token: 'stays.near.x',
    platform: { openSocket: tap.openSocket },
    onEvent: event => events.push(event),
  })
  drive(vehicle, 200, () => ({ ...eastOfBorder(-50), speedMps: 0, headingDeg: 90 }))
  let isAlwaysConnected = true
  const watch = setInterval(() => {
    isAlwaysConnected &&= vehicle.isConnected
  }, 1)
  closing.push(() => clearInterval(watch))
  west.process.kill('SIGTERM')
  expect(await west.ended).toBe(0)
  expect(isAlwaysConnected).toBe(true)
  expect(events.filter(({ event }) => event === 'reconnect_planned')).toEqual([])
  expect(tap.hellos.at(-1)).toMatchObject({ url: west.url, role: LinkRole.LINK_ROLE_STANDBY })
  expect(await vehicle.report({ ...eastOfBorder(-50), flags: ['abs'] })!.outcome).toEqual({ kind: 'accepted' })
  expect((await details(east)).gauges.connected).toBe(1)
})

/** Four seconds east, the last one with 8 m/s2. */
async function brakeHard(node: EdgeNode, eastM: number): Promise<void> {
  const braker = await TestVehicle.join(node.url)
  const samples = [0, 20, 40, 56].map((aheadM, index) => {
    const { latitude, longitude } = eastOfBorder(eastM + aheadM)
    return {
      timeOffsetMs: index * 1_000,
      latitudeE7: Math.round(latitude * 1e7),
      longitudeE7: Math.round(longitude * 1e7),
      speedCmps: index === 3 ? 1_200 : 2_000,
      headingDecideg: 900,
    }
  })
  braker.socket.send(encodeFrame('telemetry', { number: 1, timeMs: Date.now() - 3_000, samples }))
  // Its own, and that of the vehicle that stands ahead.
  for (const cause of [99, 94]) {
    const { alert } = await braker.next('alert', message => message.alert?.cause?.code === cause)
    const stage = outrider.v1.DeliveryStage.DELIVERY_STAGE_TAKEN
    braker.send('deliveryAck', { entries: [{ alertId: alert!.id!, revision: alert!.revision!, stage, timeMs: Date.now() }] })
  }
  await braker.settled()
}
