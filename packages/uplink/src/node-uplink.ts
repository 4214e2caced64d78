// The node's end: drains one lane of its spool to the region, for as long as the node lives.
//
// One connection after another. Each: say which log this is (`open`) → the region says from where it wants it (`opened`) → batches of
// synced records and gaps go up, at most `windowBytes` of them unacknowledged → each acknowledgement moves the spool's cursor. What
// was sent and not acknowledged when a link broke is read from the spool again and sent again: nothing is kept in memory for that.
import type { outrider } from '@outrider/protocol'
import { type ClockOffset, createClockOffsetEstimate } from './clock-offset.js'
import { nodeUplinkLimits } from './limits.js'
import { createNodeConnection, type NodeConnection } from './node-connection.js'
import type { NodeUplinkOptions } from './node-uplink-options.js'
import { retryDelayMs } from './retry-delay.js'

export interface NodeUplinkState {
  readonly connected: boolean
  /** Records written and not acknowledged by the region: the lag. */
  readonly waitingRecords: number
  /** Bytes sent and not acknowledged. */
  readonly inFlightBytes: number
  /** The region's clock against this machine's; undefined until it was heard. */
  readonly clockOffset: ClockOffset | undefined
  /** Attempts since the last acknowledgement or opened link. */
  readonly failedAttempts: number
}

export interface NodeUplink {
  start(): void
  /** Answers a request. False if there is no link to carry it: the region asks again, or gives up. */
  reply(reply: outrider.v1.RevisionReply.$Properties): boolean
  state(): NodeUplinkState
  /** Ends the link; what is not acknowledged stays in the spool. Idempotent; resolves when nothing is called back any more. */
  stop(): Promise<void>
}

export function createNodeUplink(options: NodeUplinkOptions): NodeUplink {
  const { log, time, onEvent } = options
  const limits = { ...nodeUplinkLimits, ...options.limits }
  const offsets = createClockOffsetEstimate()
  const stopping = new AbortController()
  let connection: NodeConnection | undefined
  let failedAttempts = 0
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      connection = createNodeConnection(options, limits, offsets)
      const end = () => connection?.close('stopped')
      stopping.signal.addEventListener('abort', end)
      const { reason, progressed, afterMs } = await connection.finished
      stopping.signal.removeEventListener('abort', end)
      connection = undefined
      if (stopping.signal.aborted) return
      failedAttempts = progressed ? 1 : failedAttempts + 1
      const retryMs = Math.max(afterMs, retryDelayMs(failedAttempts, limits, options.random))
      onEvent({ event: 'uplink_closed', reason, retryMs })
      await pause(retryMs)
    }
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        cancel()
        stopping.signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = time.schedule(delayMs, done)
      stopping.signal.addEventListener('abort', done)
    })
  }

  return {
    start() {
      running ??= run()
    },
    reply: reply => connection?.send({ reply }) ?? false,
    state: () => ({
      connected: connection?.isOpen ?? false,
      waitingRecords: log.appendedThrough - Math.max(log.cursor, log.firstSequence - 1),
      inFlightBytes: connection?.inFlightBytes ?? 0,
      clockOffset: offsets.read(),
      failedAttempts: connection?.isOpen ? 0 : failedAttempts,
    }),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
