// What happens on a vehicle's socket, between uWebSockets.js and the zone.
import type { VehicleIdentity } from '@outrider/identity'
import { type CloseCodeName, closeCodes, frameBytesMax, jsonBytesFactor } from '@outrider/protocol'
import type { Zone } from '@outrider/zone'
import { type BucketSize, takeToken } from './request-limits.js'
import type { Turns } from './turns.js'
import { endSocket, type VehicleSocket, type VehicleSockets } from './vehicle-sockets.js'

export interface VehicleLinksOptions {
  readonly zone: Pick<Zone, 'open' | 'receive' | 'closed' | 'drained'>
  readonly sockets: VehicleSockets
  readonly turns: Pick<Turns, 'wake' | 'messageCame'>
  readonly monotonicMs: () => number
  /** Messages of one vehicle. */
  readonly messages: BucketSize
  readonly frameWithinMs: number
  readonly idleMs: number
}

export interface VehicleLinks {
  /** A socket to be, not yet open. */
  create(): VehicleSocket
  /** Its connection is open. */
  opened(socket: VehicleSocket, vehicle: VehicleIdentity, json: boolean): void
  /** One message; `bytes` are only read during the call. */
  received(socket: VehicleSocket, bytes: Uint8Array, isText: boolean): void
  /** A ping or pong came. */
  heard(socket: VehicleSocket): void
  drained(socket: VehicleSocket): void
  /** The connection is gone, whoever closed it; it is not used again. */
  closed(socket: VehicleSocket): void
  /** Twice a second: closes who is silent, and asks who may be. */
  watch(): void
  /** Sockets closed here, by the name of the code; the zone counts its own. */
  readonly closes: Readonly<Record<string, number>>
}

/** The longest text a vehicle may send: what uWebSockets.js takes in before it cuts a connection. */
export const messageBytesMax = frameBytesMax.vehicle * jsonBytesFactor

export function createVehicleLinks({
  zone,
  sockets,
  turns,
  monotonicMs,
  messages,
  frameWithinMs,
  idleMs,
}: VehicleLinksOptions): VehicleLinks {
  const closes: Record<string, number> = {}

  function close(socket: VehicleSocket, name: CloseCodeName): void {
    closes[name] = (closes[name] ?? 0) + 1
    const { row } = socket
    if (sockets.remove(socket)) zone.closed(row, name === 'stalled')
    endSocket(socket, closeCodes[name].code, closeCodes[name].meaning)
  }

  /**
   * A frame that is dripped resets every timeout of the socket, and never ends. But between the bytes of one frame there is no room for the
   * answer to a ping (RFC 6455, 5.4 puts control frames between frames only): whoever ends no frame in time is half-open or dripping.
   */
  function watchOne(socket: VehicleSocket, nowMs: number): void {
    const silentMs = nowMs - socket.frameAtMs
    if (silentMs >= frameWithinMs || nowMs - socket.messageAtMs >= idleMs) close(socket, 'stalled')
    else if (silentMs >= frameWithinMs / 4 && nowMs - socket.pingedAtMs >= frameWithinMs / 4) {
      socket.pingedAtMs = nowMs
      // One that is full is not asked: it has more to read than this, and is judged by its silence all the same.
      if (socket.connection?.getBufferedAmount() === 0 && socket.connection.ping() === 2) close(socket, 'stalled')
    }
  }

  return {
    closes,
    create() {
      const nowMs = monotonicMs()
      const bucket = { tokens: messages.burst, atMs: nowMs }
      return { connection: undefined, row: -1, messages: bucket, frameAtMs: nowMs, messageAtMs: nowMs, pingedAtMs: nowMs }
    },
    opened(socket, vehicle, json) {
      const outcome = zone.open(vehicle, json)
      if ('refused' in outcome) close(socket, outcome.refused)
      else sockets.place(socket, outcome.row)
    },
    received(socket, bytes, isText) {
      if (socket.row < 0) return
      const nowMs = monotonicMs()
      socket.frameAtMs = nowMs
      socket.messageAtMs = nowMs
      turns.messageCame()
      if (!takeToken(socket.messages, messages, nowMs)) close(socket, 'overRate')
      else if (!isText && bytes.length > frameBytesMax.vehicle) close(socket, 'tooLarge')
      else zone.receive(socket.row, bytes, isText)
      turns.wake()
    },
    heard(socket) {
      socket.frameAtMs = monotonicMs()
    },
    drained(socket) {
      if (socket.row < 0 || socket.connection?.getBufferedAmount() !== 0) return
      zone.drained(socket.row)
      turns.wake()
    },
    closed(socket) {
      socket.connection = undefined
      const { row } = socket
      if (sockets.remove(socket)) zone.closed(row)
    },
    watch() {
      const nowMs = monotonicMs()
      for (const socket of sockets.all()) watchOne(socket, nowMs)
    },
  }
}
