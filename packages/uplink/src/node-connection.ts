// One connection of a node's end, from `open` to whatever ends it.
import type { outrider } from '@outrider/protocol'
import type { SpoolItem } from '@outrider/spool'
import type { ClockOffsetEstimate } from './clock-offset.js'
import { wireGapReason } from './gap-reasons.js'
import { itemBatches } from './item-batches.js'
import type { NodeUplinkLimits } from './limits.js'
import type { DownMessage, Link, LinkEvents, UpMessage } from './link.js'
import type { NodeUplinkOptions } from './node-uplink-options.js'
import { toSequence } from './safe-sequence.js'

/** Schema of the records this version writes (record.proto). */
const recordSchema = 1

interface ConnectionEnding {
  readonly reason: string
  /** True if the region took the stream. */
  readonly progressed: boolean
  /** The region asked for a pause. */
  readonly afterMs: number
}

export interface NodeConnection {
  readonly isOpen: boolean
  readonly inFlightBytes: number
  readonly finished: Promise<ConnectionEnding>
  send(message: UpMessage): boolean
  close(reason: string): void
}

export function createNodeConnection(options: NodeUplinkOptions, limits: NodeUplinkLimits, offsets: ClockOffsetEstimate): NodeConnection {
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
  let finish: (ending: ConnectionEnding) => void = () => {}
  const finished = new Promise<ConnectionEnding>(resolve => {
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
    if (message.opened != null) opened(message.opened)
    else if (message.ack != null) acknowledged(message.ack)
    else if (message.refusal != null) refused(message.refusal)
    else if (message.clock != null) offsets.take(message.clock, time.rawWallMs())
    else if (message.alert != null) options.onHanded({ kind: 'alert', alert: message.alert })
    else if (message.end != null) options.onHanded({ kind: 'end', end: message.end })
    else if (message.policy != null) options.onHanded({ kind: 'policy', policy: message.policy })
    else if (message.zoneTable != null) options.onHanded({ kind: 'zoneTable', zoneTable: message.zoneTable })
    else if (message.request != null) options.onHanded({ kind: 'request', request: message.request })
    else onEvent({ event: 'uplink_message_ignored', body: 'unknown' })
  }

  function refused({ message, afterMs }: outrider.v1.UplinkRefusal.$Properties): void {
    onEvent({ event: 'uplink_refused', message: message ?? '', afterMs: afterMs ?? 0 })
    close('refused', afterMs ?? 0)
  }

  function opened({
    region,
    fromSequence,
    windowBytes: window,
    nodeClockTimeMs,
    regionTimeMs,
  }: outrider.v1.UplinkOpened.$Properties): void {
    const from = toSequence(fromSequence)
    if (isOpen || Number.isNaN(from)) {
      onEvent({ event: 'uplink_message_ignored', body: 'opened' })
      return
    }
    const nextSequence = log.appendedThrough + 1
    if (from > nextSequence) {
      onEvent({ event: 'uplink_region_ahead', fromSequence: from, nextSequence })
      close('the region is ahead of this log', 60_000)
      return
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
    if ((ack.epoch ?? 0) !== epoch || Number.isNaN(through)) {
      onEvent({ event: 'uplink_message_ignored', body: 'ack' })
      return
    }
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
    if (time.monotonicMs() - lastHeardMs >= limits.silenceMs) {
      close('silent')
      return
    }
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
