import type { SocketPort } from '@outrider/delivery'

/**
 * The sockets as delivery sees them: whatever write goes to a vehicle, `ride` may add to it within the same cork, so that acknowledgements
 * cost no frame's worth of system calls of their own.
 */
export function withRiders(sockets: SocketPort, ride: (row: number) => void): SocketPort {
  return {
    bufferedBytes: row => sockets.bufferedBytes(row),
    send: (row, frame) => sockets.send(row, frame),
    sendText: (row, frame) => sockets.sendText(row, frame),
    cork: (row, write) =>
      sockets.cork(row, () => {
        write()
        ride(row)
      }),
  }
}
