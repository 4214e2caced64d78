import { sendResults } from '@outrider/delivery'
import type { ZoneSockets } from './zone-ports.js'

/** Sockets in memory: for evaluate, simulation and tests. What a vehicle is sent goes to `onFrame`; its answers are the caller's to give. */
export interface MemorySockets extends ZoneSockets {
  /** A stalled socket takes nothing more until it is not. */
  setStalled(row: number, stalled: boolean): void
}

export interface MemorySocketsOptions {
  /** A frame for the row's vehicle; binary bytes are only good during the call. */
  readonly onFrame: (row: number, frame: Uint8Array | string) => void
  readonly onClose: (row: number, code: number) => void
}

export function createMemorySockets({ onFrame, onClose }: MemorySocketsOptions): MemorySockets {
  const stalled = new Set<number>()
  return {
    bufferedBytes: row => (stalled.has(row) ? 1 : 0),
    send(row, frame) {
      onFrame(row, frame)
      return sendResults.sent
    },
    sendText(row, frame) {
      onFrame(row, frame)
      return sendResults.sent
    },
    cork: (_row, write) => write(),
    close(row, code) {
      stalled.delete(row)
      onClose(row, code)
    },
    setStalled(row, isStalled) {
      if (isStalled) stalled.add(row)
      else stalled.delete(row)
    },
  }
}
