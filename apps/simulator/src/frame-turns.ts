// A real vehicle has a machine of its own; here hundreds share one process. So a frame's arrival is noted when its socket is read, and what the
// SDK does with it is done once all sockets of that turn of the loop were read: one vehicle's work must not count as delay of another's frame
// (measured: 0.08 ms of work a frame, so the last of 120 recipients seemed to be warned 10 ms late).
import type { Clock, OpenSocket } from '@outrider/sdk'

export interface FrameTurns {
  /** For every vehicle's SDK. Messages and closes come in the order in which the sockets gave them. */
  readonly openSocket: OpenSocket
  /** Goes with it: while a frame is taken, it shows when that was there. */
  readonly clock: Clock
}

interface Waiting {
  readonly atMs: number
  readonly take: () => void
}

/** @param schedule runs a call once, after the sockets of this turn were read (setImmediate) */
export function createFrameTurns(open: OpenSocket, clock: Clock, schedule: (call: () => void) => void): FrameTurns {
  /** What one turn reads: the kernel's buffers bound it. */
  let waiting: Waiting[] = []
  let shownMs: number | undefined

  function later(take: () => void): void {
    if (waiting.length === 0) schedule(takeAll)
    waiting.push({ atMs: clock.monotonicMs(), take })
  }

  function takeAll(): void {
    const due = waiting
    waiting = []
    try {
      for (const { atMs, take } of due) {
        shownMs = atMs
        take()
      }
    } finally {
      shownMs = undefined
    }
  }

  return {
    openSocket(request, events) {
      let isGivenUp = false
      const unlessGivenUp = (take: () => void) => later(() => isGivenUp || take())
      const socket = open(request, {
        opened: protocol => unlessGivenUp(() => events.opened(protocol)),
        message: bytes => unlessGivenUp(() => events.message(bytes)),
        closed: end => unlessGivenUp(() => events.closed(end)),
      })
      return {
        send: socket.send,
        get bufferedBytes() {
          return socket.bufferedBytes
        },
        close: socket.close,
        abort() {
          isGivenUp = true
          socket.abort()
        },
      }
    },
    clock: {
      monotonicMs: () => shownMs ?? clock.monotonicMs(),
      wallMs: () => (shownMs === undefined ? clock.wallMs() : clock.wallMs() - (clock.monotonicMs() - shownMs)),
    },
  }
}
