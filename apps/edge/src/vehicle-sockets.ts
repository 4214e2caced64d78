// Sockets by the vehicle's row, as the zone sees them. A socket is unusable after its close, using it throws: `connection` is cleared first.
import { type SendResult, sendResults } from '@outrider/delivery'
import type { ZoneSockets } from '@outrider/zone'
import type { Bucket } from './request-limits.js'

/** What is used of a WebSocket; uWebSockets.js has it, with these results. */
interface Connection {
  send(message: Uint8Array | string, isBinary: boolean): number
  getBufferedAmount(): number
  cork(write: () => void): unknown
  ping(): number
  end(code: number, reason: string): void
}

/** One connection of a vehicle, ours and valid for ever. */
export interface VehicleSocket {
  /** Undefined before the open and from the close on. */
  connection: Connection | undefined
  /** -1 = the zone does not know it, or no longer. */
  row: number
  readonly messages: Bucket
  /** When the last frame of any kind came to an end, and the last message; monotonic ms. */
  frameAtMs: number
  messageAtMs: number
  /** When it was last asked for a sign of life. */
  pingedAtMs: number
}

export interface VehicleSockets extends ZoneSockets {
  /** Rows with a socket. */
  readonly size: number
  all(): IterableIterator<VehicleSocket>
  /** Gives a socket the row. */
  place(socket: VehicleSocket, row: number): void
  /** The socket closed. True if a row had it, which has none now. */
  remove(socket: VehicleSocket): boolean
  /** Resolves when there is none left. */
  empty(): Promise<void>
  readonly counts: { sent: number; queued: number; dropped: number }
}

export function createVehicleSockets(): VehicleSockets {
  /** At most the zone's `vehiclesMax`. */
  const byRow = new Map<number, VehicleSocket>()
  const counts = { sent: 0, queued: 0, dropped: 0 }
  const whenEmpty: (() => void)[] = []

  function write(row: number, message: Uint8Array | string, isBinary: boolean): SendResult {
    const result = byRow.get(row)?.connection?.send(message, isBinary) ?? sendResults.dropped
    if (result === sendResults.sent) counts.sent++
    else if (result === sendResults.queued) counts.queued++
    else counts.dropped++
    return result as SendResult
  }

  function remove(socket: VehicleSocket): boolean {
    if (socket.row < 0) return false
    byRow.delete(socket.row)
    socket.row = -1
    if (byRow.size === 0) for (const tell of whenEmpty.splice(0)) tell()
    return true
  }

  return {
    get size() {
      return byRow.size
    },
    all: () => byRow.values(),
    place(socket, row) {
      socket.row = row
      byRow.set(row, socket)
    },
    remove,
    empty() {
      if (byRow.size === 0) return Promise.resolve()
      return new Promise(resolve => void whenEmpty.push(resolve))
    },
    bufferedBytes: row => byRow.get(row)?.connection?.getBufferedAmount() ?? 0,
    send: (row, frame) => write(row, frame, true),
    sendText: (row, frame) => write(row, frame, false),
    cork(row, writes) {
      const connection = byRow.get(row)?.connection
      if (connection === undefined) writes()
      else connection.cork(writes)
    },
    close(row, code, reason) {
      const socket = byRow.get(row)
      if (socket === undefined) return
      remove(socket)
      endSocket(socket, code, reason)
    },
    counts,
  }
}

/** Closes a socket, whether or not it has a row. */
export function endSocket(socket: VehicleSocket, code: number, reason: string): void {
  const { connection } = socket
  socket.connection = undefined
  connection?.end(code, reason)
}
