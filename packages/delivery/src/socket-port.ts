/**
 * What the flush needs of sockets, by the row of the vehicle. The app implements it over uWebSockets.js; the results are its numbers.
 * No method throws: writing to a row without a socket answers `dropped`.
 */
export interface SocketPort {
  /** Bytes taken over but not yet by the kernel. */
  bufferedBytes(row: number): number
  /** Writes one binary message; the bytes are copied before it returns. */
  send(row: number, frame: Uint8Array): SendResult
  /** Writes one text message. */
  sendText(row: number, frame: string): SendResult
  /** Calls `write` at once; what it sends goes out in one write of the socket. */
  cork(row: number, write: () => void): void
}

/** What became of a write. */
export const sendResults = {
  /** Taken over, but the kernel is full: it goes out later and in order. `writable` is to be called when the buffer is empty again. */
  queued: 0,
  /** With the kernel. */
  sent: 1,
  /** Not taken. */
  dropped: 2,
} as const

export type SendResult = (typeof sendResults)[keyof typeof sendResults]
