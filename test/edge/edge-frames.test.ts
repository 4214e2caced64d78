import { once } from 'node:events'
import { connect } from 'node:net'
import { encodeFrame, frameBytesMax, outrider } from '@outrider/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clearNodes, type EdgeNode, startEdge } from './edge-node.js'
import { positionAt, TestVehicle } from './test-vehicle.js'

const { RefusalReason } = outrider.v1

const frameWithinMs = 3_000
let node: EdgeNode
let bystander: TestVehicle

beforeAll(async () => {
  node = await startEdge({ OUTRIDER_INSECURE: '1', OUTRIDER_EDGE_FRAME_MS: String(frameWithinMs), OUTRIDER_EDGE_MESSAGES_VEHICLE: '20' })
  bystander = await TestVehicle.join(node.url)
})

afterAll(async () => {
  try {
    // Nothing of what the others did was at its cost.
    await bystander.settled()
  } finally {
    await clearNodes()
  }
})

async function countOf(name: string, kind: string): Promise<number> {
  const text = await (await fetch(`${node.admin}/metrics`)).text()
  return Number(new RegExp(`^${name}\\{kind="${kind}".* (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

describe('a frame', () => {
  it('that is too large for its type, or for any, closes with 4201', async () => {
    for (const bytes of [encodeFrame('telemetry', {}).length + 5_000, frameBytesMax.vehicle + 1]) {
      const vehicle = await TestVehicle.join(node.url)
      const frame = Buffer.alloc(bytes)
      frame[0] = 3
      vehicle.socket.send(frame)
      expect(await vehicle.closed).toBe(4201)
    }
  })

  it('that is longer than any text may be is cut off unread', async () => {
    const vehicle = await TestVehicle.join(node.url, { json: true })
    vehicle.socket.send(' '.repeat(frameBytesMax.vehicle * 12 + 1))
    expect(await vehicle.closed).toBe(1006)
  })

  it('of an unknown type is counted and nothing else', async () => {
    const before = await countOf('outrider_edge_frames_refused_total', 'unknown_type')
    const vehicle = await TestVehicle.join(node.url)
    vehicle.socket.send(Buffer.from([99, 1, 2, 3]))
    await vehicle.settled()
    expect(await countOf('outrider_edge_frames_refused_total', 'unknown_type')).toBe(before + 1)
    expect(vehicle.count('error')).toBe(0)
  })

  it('that cannot be read is answered, and the tenth closes with 4200', async () => {
    for (const json of [false, true]) {
      const vehicle = await TestVehicle.join(node.url, { json })
      const send = () => vehicle.socket.send(json ? '{"telemetry":{"number":"x"}}' : Buffer.from([3, 255, 255, 255]))
      send()
      expect(await vehicle.next('error')).toMatchObject({ code: 4200 })
      for (let count = 0; count < 9; count++) send()
      expect(await vehicle.closed).toBe(4200)
    }
  })

  it('before the hello closes with 4202', async () => {
    const vehicle = await TestVehicle.open(node.url)
    vehicle.drive('telemetry', 1, [{ eastM: 0, northM: 0, speedMps: 1 }])
    expect(await vehicle.closed).toBe(4202)
  })

  it('too many of one vehicle close it with 4101', async () => {
    const vehicle = await TestVehicle.join(node.url)
    for (let count = 0; count < 400; count++) vehicle.send('time', { askedTimeMs: Date.now() })
    expect(await vehicle.closed).toBe(4101)
  })

  it('of which half comes, byte by byte, closes with 4102; a socket that only answers pings stays', async () => {
    const quiet = await TestVehicle.join(node.url)
    const dripping = connect(Number(new URL(node.url).port), '127.0.0.1')
    dripping.write(
      'GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: outrider.v1\r\n\r\n',
    )
    await once(dripping, 'data')
    // A masked binary frame of 1,000 bytes, its head first.
    dripping.write(Buffer.from([0x82, 0xfe, 0x03, 0xe8, 1, 2, 3, 4]))
    const dripper = setInterval(() => dripping.write(Buffer.from([0])), frameWithinMs / 50)
    const received: Buffer[] = []
    dripping.on('data', bytes => received.push(bytes)).on('error', () => undefined) // The node may cut it while a byte is on its way.
    await once(dripping, 'close')
    clearInterval(dripper)
    // A close frame with 4102 is what it was sent last.
    expect(Buffer.concat(received).includes(Buffer.from([0x10, 0x06]))).toBe(true)
    expect(await countOf('outrider_edge_links_closed_total', 'stalled')).toBe(1)
    await quiet.settled()
  })

  it('of one vehicle too many is not waited for: it is closed with 4103, and nobody else', async () => {
    const small = await startEdge({ OUTRIDER_INSECURE: '1', OUTRIDER_EDGE_VEHICLES: '1' })
    const first = await TestVehicle.join(small.url)
    const second = await TestVehicle.open(small.url)
    expect(await second.closed).toBe(4103)
    await first.settled()
  })

  it('that never comes closes with 4102, though pings are answered', async () => {
    const strict = await startEdge({ OUTRIDER_INSECURE: '1', OUTRIDER_EDGE_IDLE_MS: '1000' })
    const vehicle = await TestVehicle.join(strict.url)
    expect(await vehicle.closed).toBe(4102)
  })
})

describe('a report', () => {
  const sample = (eastM: number) => ({ timeOffsetMs: 0, ...positionAt(eastM, 2_000), speedCmps: 1_000, headingDecideg: 0 })

  it('that is late, of the future, out of range or cannot be true is refused by its number and reason; one that comes again is not twice', async () => {
    const names = ['stale', 'implausible'] as const
    const before = await Promise.all(names.map(name => countOf('outrider_edge_reports_refused_total', name)))
    const vehicle = await TestVehicle.join(node.url)
    const send = (number: number, timeMs: number, samples: object[]) => vehicle.send('telemetry', { number, timeMs, samples })
    send(1, Date.now(), [sample(0)])
    await vehicle.settled()
    send(2, Date.now() - 300_000, [sample(0)])
    send(3, Date.now() + 300_000, [sample(0)])
    send(4, Date.now(), [{ ...sample(0), speedCmps: 99_999 }])
    send(5, Date.now(), [sample(9_000)])
    send(1, Date.now(), [sample(0)])
    expect(await vehicle.next('error')).toMatchObject({ code: 4200, field: 'samples[0].speedCmps' })
    const refused: [number, number][] = []
    await expect
      .poll(
        async () => {
          await vehicle.settled()
          while (vehicle.count('reportAck') > 0) {
            const { except = [] } = await vehicle.next('reportAck')
            refused.push(...except.map(({ first, reason }) => [first ?? 0, reason ?? 0] as [number, number]))
          }
          return Object.fromEntries(refused)
        },
        { timeout: 60_000 },
      )
      .toMatchObject({
        2: RefusalReason.REFUSAL_REASON_STALE,
        4: RefusalReason.REFUSAL_REASON_OUT_OF_RANGE,
        5: RefusalReason.REFUSAL_REASON_IMPLAUSIBLE,
      })
    expect(Object.keys(Object.fromEntries(refused))).toContain('3')
    const after = await Promise.all(names.map(name => countOf('outrider_edge_reports_refused_total', name)))
    for (const [index] of names.entries()) expect(after[index]).toBeGreaterThan(before[index]!)
    expect(await (await fetch(`${node.admin}/metrics`)).text()).toMatch(/outrider_edge_reports_repeated_total\{.*\} 1\n/)
    vehicle.socket.close()
  })

  it('that cannot be true, again and again, closes its sender with 4203', async () => {
    const vehicle = await TestVehicle.join(node.url)
    for (let number = 1; number <= 9; number++) {
      // Somewhere else every tenth of a second, and never twice in the same way: what fits a track would be believed.
      const samples = Array.from({ length: 10 }, (_, index) => ({
        ...sample(((number * 10 + index) ** 2 % 61) * 150),
        timeOffsetMs: index * 100,
      }))
      vehicle.send('telemetry', { number, timeMs: Date.now() - 10_000 + number * 1_000, samples })
    }
    expect(await vehicle.closed).toBe(4203)
    expect(await countOf('outrider_edge_closed_total', 'implausible')).toBe(1)
  })
})
