import { EventLogError } from './event-log-error.js'

export interface ByteGate {
  /** Takes room for `bytes`, in the order of calls; waits while there is none. @throws EventLogError `overloaded`, `aborted`, `stopped` */
  enter(bytes: number, signal: AbortSignal | undefined): Promise<void>
  /** Gives the room back. */
  leave(bytes: number): void
  /** Refuses whoever waits and whoever comes. */
  close(): void
}

/**
 * The bound on what is accepted and not yet durable: at most `bytesMax`, or one entry alone if it is larger. Over it entries wait
 * in line, at most `waitingMax` of them (they hold what they wait with in the caller's memory); over that they are refused.
 */
export function createByteGate({
  bytesMax,
  waitingMax,
  onWait,
}: {
  bytesMax: number
  waitingMax: number
  onWait: (waiting: number) => void
}): ByteGate {
  interface Waiting {
    readonly bytes: number
    readonly admit: () => void
    readonly refuse: (error: EventLogError) => void
  }
  const line: Waiting[] = []
  let inside = 0
  let closed = false

  const fits = (bytes: number) => inside === 0 || inside + bytes <= bytesMax

  function wait(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        signal?.removeEventListener('abort', onAbort)
        done()
      }
      const waiting: Waiting = { bytes, admit: () => settle(resolve), refuse: error => settle(() => reject(error)) }
      const onAbort = () => {
        line.splice(line.indexOf(waiting), 1)
        waiting.refuse(abortedError())
        admitWaiting()
      }
      signal?.addEventListener('abort', onAbort)
      line.push(waiting)
      onWait(line.length)
    })
  }

  function admitWaiting(): void {
    while (line.length > 0 && fits(line[0]!.bytes)) {
      const next = line.shift()!
      inside += next.bytes
      next.admit()
    }
  }

  return {
    async enter(bytes, signal) {
      if (closed) throw stoppedError()
      if (signal?.aborted) throw abortedError()
      if (line.length === 0 && fits(bytes)) {
        inside += bytes
        return
      }
      if (line.length >= waitingMax)
        throw new EventLogError(
          'overloaded',
          `${line.length} appends wait already (waitingAppendsMax); nothing was written, append again later`,
        )
      await wait(bytes, signal)
    },
    leave(bytes) {
      inside -= bytes
      admitWaiting()
    },
    close() {
      closed = true
      for (const waiting of line.splice(0)) waiting.refuse(stoppedError())
    },
  }
}

export function abortedError(): EventLogError {
  return new EventLogError('aborted', 'the append was aborted by its caller; records already under way may still be written')
}

export function stoppedError(): EventLogError {
  return new EventLogError('stopped', 'the event log is stopped')
}

/** Waits for `promise` only until the signal aborts. @throws EventLogError `aborted` */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedError())
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
