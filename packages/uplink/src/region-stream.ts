// One stream at the region's end: open, opened, records in, acknowledgements out. What it is sent it hands to the journal at once, in
// order, and acknowledges when that is durable; between the two nothing is kept here but counts.
import type { outrider } from '@outrider/protocol'
import type { RegionUplinkLimits } from './limits.js'
import type { DownMessage, Link, LinkEvents, UpMessage } from './link.js'
import {
  createRecordIntake,
  type OpenedLog,
  refusalOf,
  type StreamProblem,
  type StreamRefusal,
  streamRefusals,
  wrongAfterMs,
} from './record-intake.js'
import type { RegionUplinkOptions, UplinkSession } from './region-uplink-options.js'
import { toSequence } from './safe-sequence.js'

export interface RegionStreamOptions extends RegionUplinkOptions {
  readonly link: Link<DownMessage>
  readonly mayOpen: (node: string) => string | undefined
  readonly whenKept: (place: number) => Promise<void>
  readonly streamLimits: RegionUplinkLimits
  readonly counts: { records: number; repeats: number; gaps: number; readonly refusals: Record<StreamRefusal, number> }
  /** The stream said which log it drains: it takes the place of another one of that node and lane. */
  readonly onSession: (session: UplinkSession) => void
  /** The stream is over. */
  readonly onOver: (session: UplinkSession | undefined) => void
}

export interface RegionStream {
  readonly events: LinkEvents<UpMessage>
  refuse(problem: StreamProblem): void
}

export function createRegionStream(options: RegionStreamOptions): RegionStream {
  const { link, region, journal, time, onEvent, whenKept, counts, streamLimits: limits } = options
  const intake = createRecordIntake({ journal, limits, counts, onTaken: acknowledgeWhenKept, onProblem: refuse })
  let over = false
  let writable = true
  let log: OpenedLog | undefined
  let session: UplinkSession | undefined
  /** Acknowledged so far, and what is to be acknowledged as soon as the link takes it. */
  let acknowledged = 0
  let due = 0
  let lastHeardMs = time.monotonicMs()
  let cancelWatch = time.schedule(limits.openWithinMs, watch)

  function watch(): void {
    if (session === undefined) refuse({ reason: streamRefusals.notOpened, message: 'no open came', afterMs: 0 })
    else if (time.monotonicMs() - lastHeardMs >= limits.silenceMs) end('silent')
    else cancelWatch = time.schedule(limits.silenceMs / 2, watch)
  }

  function open(opening: outrider.v1.UplinkOpen.$Properties): void {
    const problem = problemOf(opening)
    if (problem !== undefined) {
      refuse(problem)
      return
    }
    const identity = { node: opening.node ?? '', lane: opening.lane ?? 0, epoch: opening.epoch ?? 0 }
    const first = toSequence(opening.firstSequence)
    const expected = journal.throughFrom(identity, first) + 1
    log = { ...identity, first, expected }
    acknowledged = first - 1
    due = 0
    if (session === undefined) {
      session = { node: identity.node, lane: identity.lane, zone: opening.zone ?? '', boot: opening.boot ?? 0, send }
      options.onSession(session)
    }
    const clocks = { nodeClockTimeMs: opening.clockTimeMs ?? 0, regionTimeMs: time.wallMs() }
    write({ opened: { region, fromSequence: expected, windowBytes: limits.windowBytes, ...clocks } })
    onEvent({ event: 'stream_opened', ...identity, fromSequence: expected, waiting: toSequence(opening.nextSequence) - expected })
    acknowledgeWhenKept(log)
    options.onOpened?.(session)
  }

  function problemOf({ node, lane, firstSequence }: outrider.v1.UplinkOpen.$Properties): StreamProblem | undefined {
    const wrong = checkOpen(node ?? '', lane ?? 0, toSequence(firstSequence), session) ?? options.mayOpen(node ?? '')
    if (wrong !== undefined) return { reason: streamRefusals.notAllowed, message: wrong, afterMs: wrongAfterMs }
    const { refusing } = journal
    return refusing === undefined || refusing === 'pending_full' ? undefined : refusalOf({ refused: refusing })
  }

  function take(epoch: number | null | undefined, message: Parameters<typeof intake.take>[1]): void {
    if (log === undefined) refuse({ reason: streamRefusals.wrongRecords, message: 'records came before an open', afterMs: wrongAfterMs })
    else if ((epoch ?? 0) !== log.epoch)
      refuse({ reason: streamRefusals.wrongRecords, message: 'records of an epoch that was not opened', afterMs: wrongAfterMs })
    else intake.take(log, message)
  }

  function acknowledgeWhenKept(opened: OpenedLog): void {
    const through = journal.throughFrom(opened, opened.first)
    whenKept(journal.appendedThrough).then(
      () => acknowledge(opened, through),
      () => refuse(refusalOf({ refused: 'failed' })),
    )
  }

  function acknowledge(opened: OpenedLog, through: number): void {
    if (over || opened !== log || through <= Math.max(acknowledged, due)) return
    due = through
    flushDue()
  }

  function flushDue(): void {
    if (due <= acknowledged || !writable) return
    acknowledged = due
    write({ ack: { epoch: log!.epoch, throughSequence: due } })
  }

  function answer(clock: outrider.v1.UplinkClock.$Properties, receivedTimeMs: number): void {
    // A node that does not read gets no answers: it will ask again.
    if (writable) write({ clock: { askedTimeMs: clock.askedTimeMs ?? 0, receivedTimeMs, answeredTimeMs: time.wallMs() } })
  }

  function send(message: DownMessage): boolean {
    if (over || !writable) return false
    write(message)
    return true
  }

  function write(message: DownMessage): void {
    writable = link.write(message)
  }

  function refuse({ reason, message, afterMs }: StreamProblem): void {
    if (over) return
    counts.refusals[reason]++
    onEvent({ event: 'stream_refused', node: session?.node ?? '', message })
    link.write({ refusal: { message: message.slice(0, 256), afterMs } })
    end(`refused: ${message}`)
  }

  function end(reason: string): void {
    if (over) return
    link.close()
    closed(reason)
  }

  function closed(reason: string): void {
    if (over) return
    over = true
    cancelWatch()
    intake.close()
    options.onOver(session)
    if (session === undefined) return
    onEvent({ event: 'stream_closed', node: session.node, lane: session.lane, reason })
    options.onClosed?.(session)
  }

  return {
    refuse,
    events: {
      onMessage(message) {
        if (over) return
        const receivedMs = time.wallMs()
        lastHeardMs = time.monotonicMs()
        if (message.open != null) open(message.open)
        else if (message.batch != null) take(message.batch.epoch, { batch: message.batch })
        else if (message.gap != null) take(message.gap.epoch, { gap: message.gap.gap ?? {} })
        else if (message.clock != null) answer(message.clock, receivedMs)
        else if (message.reply != null && session !== undefined) options.onReply?.(session, message.reply)
        // Anything else is of a later version: ignored (evolution).
      },
      onDrain() {
        writable = true
        if (over) return
        flushDue()
        if (session !== undefined && writable) options.onWritable?.(session)
      },
      onClosed: closed,
    },
  }
}

function checkOpen(node: string, lane: number, first: number, session: UplinkSession | undefined): string | undefined {
  if (node === '' || node.includes('/') || Buffer.byteLength(node) > 64) return 'the node’s name must have 1 to 64 bytes and no slash'
  if (lane !== 1 && lane !== 2) return `lane ${lane} is neither urgent nor telemetry`
  if (!(first >= 1)) return 'first_sequence must be 1 or more'
  if (session !== undefined && (session.node !== node || session.lane !== lane)) return 'a stream drains one lane of one node'
  return undefined
}
