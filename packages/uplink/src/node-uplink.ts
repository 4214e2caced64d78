// The node's end: drains one lane of its spool to the region, for as long as the node lives.
//
// One connection after another. Each: say which log this is (`open`) → the region says from where it wants it (`opened`) → batches of
// synced records and gaps go up, at most `windowBytes` of them unacknowledged → each acknowledgement moves the spool's cursor. What
// was sent and not acknowledged when a link broke is read from the spool again and sent again: nothing is kept in memory for that.
import type { outrider } from '@outrider/protocol'
import type { Spool, SpoolItem } from '@outrider/spool'
import { type ClockOffset, createClockOffsetEstimate } from './clock-offset.js'
import { wireGapReason } from './gap-reasons.js'
import { itemBatches } from './item-batches.js'
import { type NodeUplinkLimits, nodeUplinkLimits } from './limits.js'
import type { DownMessage, Link, LinkEvents, OpenLink, UplinkTime, UpMessage } from './link.js'
import { retryDelayMs } from './retry-delay.js'
import { toSequence } from './safe-sequence.js'

/** What the region hands down on the urgent lane, for the node to take over. Remainders run from the moment it is called. */
export type Handed =
  | { readonly kind: 'alert'; readonly alert: outrider.v1.LiveAlert.$Properties }
  | { readonly kind: 'end'; readonly end: outrider.v1.LiveEnd.$Properties }
  | { readonly kind: 'policy'; readonly policy: outrider.v1.Policy.$Properties }
  | { readonly kind: 'zoneTable'; readonly zoneTable: outrider.v1.ZoneTable.$Properties }
  /** To be answered by `reply`, within five seconds to be of use. */
  | { readonly kind: 'request'; readonly request: outrider.v1.RevisionRequest.$Properties }

/** What a node's end reports, for log and metrics. */
export type NodeUplinkEvent =
  | { readonly event: 'uplink_opened'; readonly region: string; readonly fromSequence: number; readonly waiting: number }
  | { readonly event: 'uplink_closed'; readonly reason: string; readonly retryMs: number }
  | { readonly event: 'uplink_refused'; readonly message: string; readonly afterMs: number }
  /** The region asks for records this log has not written: it knows an older life of the same epoch. Nothing is sent. */
  | { readonly event: 'uplink_region_ahead'; readonly fromSequence: number; readonly nextSequence: number }
  | { readonly event: 'uplink_read_failed'; readonly cause: unknown }
  | { readonly event: 'uplink_cursor_failed'; readonly cause: unknown }
  | { readonly event: 'uplink_message_ignored'; readonly body: string }

/** What is needed of a spool. */
export type UplinkLog = Pick<Spool, 'follow' | 'commitCursor' | 'firstSequence' | 'appendedThrough' | 'cursor'>

export interface NodeUplinkOptions {
  readonly node: string
  readonly zone: string
  /** Value of the wire's Lane. */
  readonly lane: number
  /** Random uint32 of this process. */
  readonly boot: number
  readonly log: UplinkLog
  /** The log's epoch, as its opening said. */
  readonly epoch: number
  readonly openLink: OpenLink
  readonly time: UplinkTime
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly onHanded: (handed: Handed) => void
  readonly onEvent: (event: NodeUplinkEvent) => void
  readonly limits?: Partial<NodeUplinkLimits>
}

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

/** Schema of the records this version writes (record.proto). */
const recordSchema = 1

export function createNodeUplink(options: NodeUplinkOptions): NodeUplink {
  const { log, time, onEvent } = options
  const limits = { ...nodeUplinkLimits, ...options.limits }
  const offsets = createClockOffsetEstimate()
  const stopping = new AbortController()
  let connection: Connection | undefined
  let failedAttempts = 0
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      connection = createConnection(options, limits, offsets)
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

interface Ending {
  readonly reason: string
  /** True if the region took the stream. */
  readonly progressed: boolean
  /** The region asked for a pause. */
  readonly afterMs: number
}

interface Connection {
  readonly isOpen: boolean
  readonly inFlightBytes: number
  readonly finished: Promise<Ending>
  send(message: UpMessage): boolean
  close(reason: string): void
}

function createConnection(
  options: NodeUplinkOptions,
  limits: NodeUplinkLimits,
  offsets: ReturnType<typeof createClockOffsetEstimate>,
): Connection {
  const { log, epoch, time, onEvent } = options
  const reading = new AbortController()
  /** Batches sent and not acknowledged, oldest first; their bytes are at most the window, or one record. */
  const inFlight: { readonly last: number; readonly bytes: number }[] = []
  let inFlightBytes = 0
  let windowBytes = 0
  let writable = true
  let isOpen = false
  let ended = false
  let lastHeardMs = time.monotonicMs()
  let wake = () => {}
  let pump: Promise<void> = Promise.resolve()
  let finish: (ending: Ending) => void = () => {}
  const finished = new Promise<Ending>(resolve => {
    finish = resolve
  })

  const events: LinkEvents<DownMessage> = {
    onMessage(message) {
      if (ended) return
      lastHeardMs = time.monotonicMs()
      take(message)
    },
    onDrain() {
      writable = true
      wake()
    },
    onClosed: reason => end(reason),
  }
  const link: Link<UpMessage> = options.openLink(events)
  let cancelPing = time.schedule(limits.pingMs, ping)
  send({
    open: {
      node: options.node,
      zone: options.zone,
      lane: options.lane,
      epoch,
      firstSequence: log.firstSequence,
      nextSequence: log.appendedThrough + 1,
      boot: options.boot,
      schema: recordSchema,
      clockTimeMs: time.rawWallMs(),
    },
  })

  function take(message: DownMessage): void {
    if (message.opened != null) return opened(message.opened)
    if (message.ack != null) return acknowledged(message.ack)
    if (message.refusal != null) {
      const afterMs = message.refusal.afterMs ?? 0
      onEvent({ event: 'uplink_refused', message: message.refusal.message ?? '', afterMs })
      return close('refused', afterMs)
    }
    if (message.clock != null) return void offsets.take(message.clock, time.rawWallMs())
    if (message.alert != null) return options.onHanded({ kind: 'alert', alert: message.alert })
    if (message.end != null) return options.onHanded({ kind: 'end', end: message.end })
    if (message.policy != null) return options.onHanded({ kind: 'policy', policy: message.policy })
    if (message.zoneTable != null) return options.onHanded({ kind: 'zoneTable', zoneTable: message.zoneTable })
    if (message.request != null) return options.onHanded({ kind: 'request', request: message.request })
    onEvent({ event: 'uplink_message_ignored', body: 'unknown' })
  }

  function opened({
    region,
    fromSequence,
    windowBytes: window,
    nodeClockTimeMs,
    regionTimeMs,
  }: outrider.v1.UplinkOpened.$Properties): void {
    const from = toSequence(fromSequence)
    if (isOpen || Number.isNaN(from)) return onEvent({ event: 'uplink_message_ignored', body: 'opened' })
    const nextSequence = log.appendedThrough + 1
    if (from > nextSequence) {
      onEvent({ event: 'uplink_region_ahead', fromSequence: from, nextSequence })
      return close('the region is ahead of this log', 60_000)
    }
    isOpen = true
    windowBytes = Math.max(1, window ?? 0)
    offsets.take(
      { askedTimeMs: nodeClockTimeMs ?? null, receivedTimeMs: regionTimeMs ?? null, answeredTimeMs: regionTimeMs ?? null },
      time.rawWallMs(),
    )
    sendClock()
    onEvent({ event: 'uplink_opened', region: region ?? '', fromSequence: from, waiting: nextSequence - from })
    pump = drain(Math.max(from, 1))
  }

  function acknowledged(ack: outrider.v1.UplinkAck.$Properties): void {
    const through = toSequence(ack.throughSequence)
    if ((ack.epoch ?? 0) !== epoch || Number.isNaN(through)) return onEvent({ event: 'uplink_message_ignored', body: 'ack' })
    while (inFlight.length > 0 && inFlight[0]!.last <= through) inFlightBytes -= inFlight.shift()!.bytes
    wake()
    if (through > log.cursor) log.commitCursor(through).catch(cause => onEvent({ event: 'uplink_cursor_failed', cause }))
  }

  /** Sends all there is from `from` on, and then what is synced later. */
  async function drain(from: number): Promise<void> {
    const items = log.follow({ from, signal: reading.signal })
    const batchLimits = { recordsMax: limits.batchRecordsMax, bytesMax: Math.min(limits.batchBytesMax, windowBytes) }
    try {
      for await (const batch of itemBatches(items, batchLimits, time)) await sendItems(batch)
    } catch (cause) {
      // The spool cannot be read; a new link may find it readable again, and the gap after a restart says what is lost.
      onEvent({ event: 'uplink_read_failed', cause })
    }
    close('the log ended')
  }

  async function sendItems(items: readonly SpoolItem[]): Promise<void> {
    let records: Uint8Array[] = []
    let bytes = 0
    let firstSequence = 0
    const flush = async () => {
      if (records.length === 0) return
      const batch = { epoch, firstSequence, records }
      await whenRoom(bytes)
      inFlight.push({ last: firstSequence + records.length - 1, bytes })
      inFlightBytes += bytes
      send({ batch })
      records = []
      bytes = 0
    }
    for (const item of items) {
      if (item.kind === 'record') {
        if (records.length === 0) firstSequence = item.sequence
        records.push(item.bytes)
        bytes += item.bytes.length
      } else {
        await flush()
        await whenRoom(0)
        send({ gap: { epoch, gap: { firstSequence: item.first, lastSequence: item.last, reason: wireGapReason(item.reason) } } })
      }
    }
    await flush()
  }

  /** Resolves when the link takes more and the window has room; a record larger than the window goes alone. */
  async function whenRoom(bytes: number): Promise<void> {
    while (!ended && !(writable && (inFlightBytes === 0 || inFlightBytes + bytes <= windowBytes))) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }

  function send(message: UpMessage): boolean {
    if (ended) return false
    writable = link.write(message)
    return true
  }

  function sendClock(): void {
    if (writable) send({ clock: { askedTimeMs: time.rawWallMs() } })
  }

  function ping(): void {
    if (time.monotonicMs() - lastHeardMs >= limits.silenceMs) return close('silent')
    // Not before `opened`: an open is the first message, and its answer is waited for.
    if (isOpen) sendClock()
    cancelPing = time.schedule(limits.pingMs, ping)
  }

  function close(reason: string, afterMs = 0): void {
    if (ended) return
    link.close()
    end(reason, afterMs)
  }

  function end(reason: string, afterMs = 0): void {
    if (ended) return
    const progressed = isOpen
    ended = true
    isOpen = false
    cancelPing()
    reading.abort()
    wake()
    void pump.then(() => finish({ reason, progressed, afterMs }))
  }

  return {
    get isOpen() {
      return isOpen
    },
    get inFlightBytes() {
      return inFlightBytes
    },
    finished,
    send: message => isOpen && send(message),
    close,
  }
}
