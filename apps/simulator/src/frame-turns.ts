// A real vehicle has a machine of its own; here hundreds share one process. So a frame's arrival is noted when its socket is read, and what the
// SDK does with it is done after the sockets of that turn of the loop were read, a few frames at a time, between which sockets are read
// again: one vehicle's work must not count as delay of another's frame (measured: 0.08 ms of work a frame, so the last of 120 recipients
// seemed to be warned 10 ms late).
import type { Clock, OpenSocket } from '@outrider/sdk'

export interface FrameTurns {
  /** Sockets and clock of one vehicle's SDK. */
  vehicle(): VehicleFrames
}

export interface VehicleFrames {
  /** Events come in the order in which the sockets gave them. */
  readonly openSocket: OpenSocket
  /** Goes with it: while a frame is taken, it shows when that was there. Never set back. */
  readonly clock: Clock
}

interface Waiting {
  readonly atMs: number
  readonly take: () => void
}

/** A third of a millisecond of work: so much later a frame may seem that comes meanwhile. */
const takenATurn = 4

/** @param schedule runs a call once, after the sockets of a turn were read (setImmediate) */
export function createFrameTurns(open: OpenSocket, clock: Clock, schedule: (call: () => void) => void): FrameTurns {
  /** What the sockets gave and was not taken yet: at most what nodes send to vehicles whose acknowledgements stay out, 16 alerts each. */
  const waiting: Waiting[] = []
  let isScheduled = false
  let arrivedAtMs: number | undefined

  function wake(): void {
    if (isScheduled || waiting.length === 0) return
    isScheduled = true
    schedule(takeSome)
  }

  function takeSome(): void {
    isScheduled = false
    try {
      for (const { atMs, take } of waiting.splice(0, takenATurn)) {
        arrivedAtMs = atMs
        take()
      }
    } finally {
      arrivedAtMs = undefined
      wake()
    }
  }

  function later(take: () => void): void {
    waiting.push({ atMs: clock.monotonicMs(), take })
    wake()
  }

  function vehicle(): VehicleFrames {
    let shownMs = Number.NEGATIVE_INFINITY
    const monotonicMs = () => {
      shownMs = Math.max(shownMs, arrivedAtMs ?? clock.monotonicMs())
      return shownMs
    }
    return {
      clock: { monotonicMs, wallMs: () => clock.wallMs() - (clock.monotonicMs() - monotonicMs()) },
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
    }
  }

  return { vehicle }
}
