// A vehicle that speaks through `ws`: a foreign client, so that both ends are not ours.
import { once } from 'node:events'
import { createFrame, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import {
  decodeFrame,
  decodeJsonFrame,
  encodeFrame,
  encodeJsonFrame,
  type FrameContent,
  type FrameMessage,
  type FrameName,
} from '@outrider/protocol'
import { WebSocket } from 'ws'
import { origin } from './edge-node.js'

const frame = createFrame(origin.latitudeE7, origin.longitudeE7)
const northUnitsPerM = 1e7 / 111_195.08
const eastUnitsPerM = northUnitsPerM / Math.cos((origin.latitudeE7 * 1e-7 * Math.PI) / 180)

/** Metres east and north of the middle, as the wire has it. */
export function positionAt(eastM: number, northM: number) {
  return {
    latitudeE7: toLatitudeE7(frame, Math.round(northM * northUnitsPerM)),
    longitudeE7: toLongitudeE7(frame, Math.round(eastM * eastUnitsPerM)),
  }
}

export interface VehicleOptions {
  readonly json?: boolean
  /** In the header; or, `asEntry`, as a browser does it. */
  readonly token?: string
  readonly asEntry?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly subprotocols?: readonly string[]
  /** What its hello says besides. */
  readonly hello?: FrameContent<'hello'>
}

/** An HTTP answer instead of a WebSocket. */
export interface Refusal {
  readonly status: number
  readonly type: string | undefined
  readonly problem: { readonly type: string; readonly status: number; readonly detail?: string }
}

function socketOf(url: string, { json = false, token, asEntry = false, headers = {}, subprotocols }: VehicleOptions): WebSocket {
  const asked = subprotocols ?? [json ? 'outrider.v1.json' : 'outrider.v1', ...(asEntry ? [`outrider.token.${token}`] : [])]
  return new WebSocket(url, [...asked], {
    perMessageDeflate: true,
    headers: { ...headers, ...(token !== undefined && !asEntry ? { authorization: `Bearer ${token}` } : {}) },
  })
}

/** The problem document a connection is refused with. */
export async function refusalOf(url: string, options: VehicleOptions = {}): Promise<Refusal> {
  const socket = socketOf(url, options)
  socket.on('error', () => undefined) // `ws` also calls the refusal an error.
  const [, response] = await Promise.race([
    once(socket, 'unexpected-response'),
    once(socket, 'open').then(() => {
      socket.terminate()
      throw new Error('it was let in')
    }),
  ])
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode, type: response.headers['content-type'], problem: JSON.parse(body) }
}

export class TestVehicle {
  readonly socket: WebSocket
  readonly json: boolean
  /** Resolves to the close code. */
  readonly closed: Promise<number>
  private readonly got: { type: FrameName; message: unknown }[] = []
  private readonly waiting: (() => void)[] = []
  private number = 0
  private problem = ''

  constructor(socket: WebSocket, json: boolean) {
    this.socket = socket
    this.json = json
    this.closed = once(socket, 'close').then(([code]) => code as number)
    socket.on('error', error => {
      this.problem = `: ${error.message}` // A cut connection is told by the close, what cut it here.
    })
    socket.on('message', (data: Buffer, isBinary) => {
      const outcome = isBinary ? decodeFrame(data) : decodeJsonFrame(data.toString(), 'edge')
      if (outcome.kind !== 'frame' || isBinary === json) throw new Error('a frame that cannot be read')
      this.got.push(outcome)
      for (const wake of this.waiting.splice(0)) wake()
    })
  }

  static async open(url: string, options: VehicleOptions = {}): Promise<TestVehicle> {
    const socket = socketOf(url, options)
    const vehicle = new TestVehicle(socket, options.json ?? false)
    await once(socket, 'open')
    return vehicle
  }

  /** Opens and greets. */
  static async join(url: string, options: VehicleOptions = {}): Promise<TestVehicle> {
    const vehicle = await TestVehicle.open(url, options)
    vehicle.send('hello', { sdkStart: 7, vehicleTimeMs: Date.now(), ...options.hello })
    await vehicle.next('welcome')
    return vehicle
  }

  send<Name extends FrameName>(type: Name, content: FrameContent<Name>): void {
    this.socket.send(this.json ? encodeJsonFrame(type, content) : encodeFrame(type, content))
  }

  /** The first frame of a type that was not yet taken, now or when it comes; the close code if the socket closes first. */
  async next<Name extends FrameName>(
    type: Name,
    isWanted: (message: FrameMessage<Name>) => boolean = () => true,
  ): Promise<FrameMessage<Name>> {
    for (;;) {
      const at = this.got.findIndex(frame => frame.type === type && isWanted(frame.message as FrameMessage<Name>))
      if (at >= 0) return this.got.splice(at, 1)[0]!.message as FrameMessage<Name>
      const news = new Promise<undefined>(resolve => this.waiting.push(() => resolve(undefined)))
      const code = await Promise.race([news, this.closed])
      if (code !== undefined) throw new Error(`closed with ${code} before a ${type} frame${this.problem}`)
    }
  }

  /** How many frames of a type came and were not taken. */
  count(type: FrameName): number {
    return this.got.filter(frame => frame.type === type).length
  }

  /** Resolves when the node has read all that was sent before: its answer to a question of the time comes after. */
  async settled(): Promise<void> {
    const askedTimeMs = Date.now() + ++this.number / 1_000
    this.send('time', { askedTimeMs })
    await this.next('time', message => message.askedTimeMs === askedTimeMs)
  }

  /** One report of motion northward, a sample a second up to now. */
  drive(
    type: 'telemetry' | 'urgent',
    number: number,
    samples: readonly { eastM: number; northM: number; speedMps: number; flags?: number[] }[],
  ): void {
    this.send(type, {
      number,
      timeMs: Date.now() - (samples.length - 1) * 1_000,
      samples: samples.map(({ eastM, northM, speedMps, flags = [] }, index) => ({
        timeOffsetMs: index * 1_000,
        ...positionAt(eastM, northM),
        speedCmps: speedMps * 100,
        headingDecideg: 0,
        flags,
      })),
    })
  }

  /** Four seconds northward through the middle, the last of them at 8 m/s². */
  brakeHard(number = 1): void {
    const speeds = [20, 20, 20, 12]
    this.drive(
      'telemetry',
      number,
      speeds.map((speedMps, second) => ({ eastM: 0, northM: Math.min(20 * second, 56), speedMps })),
    )
  }
}
