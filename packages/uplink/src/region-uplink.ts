// The region's end: one session per stream. What a session is sent it hands to the journal at once, in order, and acknowledges when
// that is durable; between the two nothing is kept here but counts. Where the journal has no room for a moment, the batch waits, and
// with it at most a window of further ones.
import type { outrider } from '@outrider/protocol'
import type { SpoolRefused } from '@outrider/spool'
import { type RegionUplinkLimits, regionUplinkLimits } from './limits.js'
import type { DownMessage, Link, LinkEvents, UplinkTime, UpMessage } from './link.js'
import type { LogIdentity } from './log-identity.js'
import type { RegionJournal } from './region-journal.js'
import { toSequence } from './safe-sequence.js'

/** A stream that was taken. Given to the app for what goes down the urgent lane. */
export interface UplinkSession {
  readonly node: string
  readonly zone: string
  /** Value of the wire's Lane. */
  readonly lane: number
  readonly boot: number
  /** Hands a message down. False: not taken now (the link is full or over); `onWritable` says when it will be. */
  send(message: DownMessage): boolean
}

export type RegionUplinkEvent =
  | {
      readonly event: 'stream_opened'
      readonly node: string
      readonly lane: number
      readonly epoch: number
      readonly fromSequence: number
      readonly waiting: number
    }
  | { readonly event: 'stream_closed'; readonly node: string; readonly lane: number; readonly reason: string }
  | { readonly event: 'stream_refused'; readonly node: string; readonly message: string }

export interface RegionUplinkOptions {
  /** The region's name. */
  readonly region: string
  readonly journal: RegionJournal
  /** Resolves when an acknowledgement may say that all up to this place of the journal is kept; default the journal's `whenDurable`. */
  readonly whenKept?: (place: number) => Promise<void>
  readonly time: UplinkTime
  readonly onEvent: (event: RegionUplinkEvent) => void
  readonly onOpened?: (session: UplinkSession) => void
  readonly onWritable?: (session: UplinkSession) => void
  readonly onClosed?: (session: UplinkSession) => void
  readonly onReply?: (session: UplinkSession, reply: outrider.v1.RevisionReply.$Properties) => void
  readonly limits?: Partial<RegionUplinkLimits>
}

/** What was counted since the start. */
export interface RegionUplinkCounts {
  readonly streams: number
  readonly records: number
  /** Records that came again. */
  readonly repeats: number
  readonly gaps: number
  readonly refusals: number
}

export interface RegionUplink {
  /**
   * Takes a new stream.
   * @param mayOpen undefined if the peer may drain this node's log, else why not
   */
  accept(link: Link<DownMessage>, mayOpen: (node: string) => string | undefined): LinkEvents<UpMessage>
  /** The stream of a node and lane, if there is one. */
  session(node: string, lane: number): UplinkSession | undefined
  sessions(): Iterable<UplinkSession>
  counts(): RegionUplinkCounts
  /** Ends all streams; nodes come again after `afterMs`. */
  stop(afterMs?: number): void
}

/** A full or failing log is looked at again after this long. */
const refusedAfterMs = 2_000
/** Two processes under one name would take the stream from each other as fast as they can; the one that lost it waits. */
const replacedAfterMs = 5_000

/** A log that a stream drains, from its open on. */
interface OpenedLog extends LogIdentity {
  /** First sequence the node holds: acknowledgements count from it. */
  readonly first: number
  /** The sequence that has to come next. */
  expected: number
}

/** A message that waits for its turn. */
interface Work {
  readonly log: OpenedLog
  readonly batch: outrider.v1.UplinkBatch.$Properties | undefined
  readonly gap: outrider.v1.Gap.$Properties | undefined
  readonly bytes: number
}

/** What a waiting message costs besides its records. */
const workOverheadBytes = 64

export function createRegionUplink(options: RegionUplinkOptions): RegionUplink {
  const { region, journal, time, onEvent } = options
  const limits = { ...regionUplinkLimits, ...options.limits }
  const whenKept = options.whenKept ?? (place => journal.whenDurable(place))
  /** By node and lane: a second stream replaces the first. */
  const sessions = new Map<string, { readonly session: UplinkSession; replace(): void }>()
  const counts = { streams: 0, records: 0, repeats: 0, gaps: 0, refusals: 0 }
  /** A node that keeps to its window sends no more than it and one long record, in messages of at least one record. */
  const queuedBytesMax = 2 * limits.windowBytes + limits.recordBytesMax
  const streams = new Set<(message: string, afterMs: number) => void>()

  function accept(link: Link<DownMessage>, mayOpen: (node: string) => string | undefined): LinkEvents<UpMessage> {
    let over = false
    let writable = true
    let log: OpenedLog | undefined
    let session: UplinkSession | undefined
    const queue: Work[] = []
    let queuedBytes = 0
    let working = false
    /** Acknowledged so far, and what is to be acknowledged as soon as the link takes it. */
    let acknowledged = 0
    let due = 0
    const since = time.monotonicMs()
    let lastHeardMs = since
    let cancelWatch = time.schedule(limits.openWithinMs, watch)

    function watch(): void {
      const nowMs = time.monotonicMs()
      if (session === undefined) {
        refuse('no open came', 0)
        return
      }
      if (nowMs - lastHeardMs >= limits.silenceMs) {
        end('silent')
        return
      }
      cancelWatch = time.schedule(limits.silenceMs / 2, watch)
    }

    function open(open: outrider.v1.UplinkOpen.$Properties): void {
      const first = toSequence(open.firstSequence)
      const {
        node = '',
        zone = '',
        lane = 0,
        epoch = 0,
        boot = 0,
      } = open as { node?: string; zone?: string; lane?: number; epoch?: number; boot?: number }
      const wrong = checkOpen(node, lane, first, session) ?? mayOpen(node)
      if (wrong !== undefined) {
        refuse(wrong, 60_000)
        return
      }
      if (journal.refusing !== undefined) {
        refuse(refusalText(journal.refusing), refusedAfterMs)
        return
      }
      const identity = { node, lane, epoch }
      const key = `${node}/${lane}`
      if (session === undefined) {
        sessions.get(key)?.replace()
        session = { node, zone, lane, boot, send }
        sessions.set(key, { session, replace: () => refuse('another stream took this one’s place', replacedAfterMs) })
      }
      const mine = session
      const expected = journal.throughFrom(identity, first) + 1
      log = { ...identity, first, expected }
      acknowledged = first - 1
      due = 0
      const regionTimeMs = time.wallMs()
      write({
        opened: { region, fromSequence: expected, windowBytes: limits.windowBytes, nodeClockTimeMs: open.clockTimeMs ?? 0, regionTimeMs },
      })
      onEvent({ event: 'stream_opened', node, lane, epoch, fromSequence: expected, waiting: toSequence(open.nextSequence) - expected })
      acknowledgeWhenKept(log)
      options.onOpened?.(mine)
    }

    function enqueue(epoch: number | null | undefined, work: Omit<Work, 'log' | 'bytes'>): void {
      if (log === undefined) {
        refuse('records came before an open', 60_000)
        return
      }
      if ((epoch ?? 0) !== log.epoch) {
        refuse('records of an epoch that was not opened', 60_000)
        return
      }
      const bytes = workOverheadBytes + bytesOf(work.batch)
      queuedBytes += bytes
      if (queuedBytes > queuedBytesMax) {
        refuse(`more than the window of ${limits.windowBytes} bytes waits`, refusedAfterMs)
        return
      }
      queue.push({ log, bytes, ...work })
      if (!working) void workOff()
    }

    async function workOff(): Promise<void> {
      working = true
      for (let work = queue.shift(); work !== undefined && !over; work = queue.shift()) {
        const problem = work.batch !== undefined ? await takeBatch(work.log, work.batch) : await takeGap(work.log, work.gap)
        queuedBytes -= work.bytes
        if (problem !== undefined) refuse(problem.message, problem.afterMs)
        else acknowledgeWhenKept(work.log)
      }
      working = false
    }

    async function takeBatch(to: OpenedLog, { firstSequence, records }: outrider.v1.UplinkBatch.$Properties): Promise<Problem | undefined> {
      const { expected } = to
      const first = toSequence(firstSequence)
      if (!(first >= 1 && first <= expected)) return { message: `a batch from ${first} came where ${expected} was due`, afterMs: 0 }
      let sequence = first
      for (const record of records ?? []) {
        if (record.length > limits.recordBytesMax)
          return { message: `record ${sequence} has ${record.length} bytes; at most ${limits.recordBytesMax}`, afterMs: 60_000 }
        const result = await taken(() => journal.appendRecord(to, sequence, record))
        if (typeof result === 'object') return { message: refusalText(result.refused), afterMs: refusedAfterMs }
        counts[result === 'taken' ? 'records' : 'repeats']++
        sequence++
      }
      to.expected = Math.max(expected, sequence)
      return undefined
    }

    async function takeGap(to: OpenedLog, gap: outrider.v1.Gap.$Properties | undefined): Promise<Problem | undefined> {
      const { expected } = to
      const first = toSequence(gap?.firstSequence)
      const last = toSequence(gap?.lastSequence)
      if (!(first >= 1 && first <= expected && last >= first))
        return { message: `a gap from ${first} to ${last} came where ${expected} was due`, afterMs: 0 }
      const result = await taken(() => journal.appendGap(to, first, last, gap?.reason ?? 0))
      if (typeof result === 'object') return { message: refusalText(result.refused), afterMs: refusedAfterMs }
      if (result === 'taken') counts.gaps++
      to.expected = Math.max(expected, last + 1)
      return undefined
    }

    /** A log whose buffers are full for a moment is waited for; any other refusal is handed on. */
    async function taken<Result>(append: () => Result | SpoolRefused): Promise<Result | SpoolRefused> {
      for (;;) {
        const result = append()
        if (typeof result !== 'object' || (result as SpoolRefused).refused !== 'pending_full') return result
        try {
          await journal.whenDurable(journal.appendedThrough)
        } catch {
          return { refused: 'failed' } // the journal tells why; here the stream ends
        }
      }
    }

    function acknowledgeWhenKept(opened: OpenedLog): void {
      const through = journal.throughFrom(opened, opened.first)
      whenKept(journal.appendedThrough).then(
        () => acknowledge(opened, through),
        () => refuse('the region’s log failed', refusedAfterMs),
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

    function refuse(message: string, afterMs: number): void {
      if (over) return
      counts.refusals++
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
      streams.delete(refuse)
      queue.length = 0
      if (session === undefined) return
      const key = `${session.node}/${session.lane}`
      if (sessions.get(key)?.session === session) sessions.delete(key)
      onEvent({ event: 'stream_closed', node: session.node, lane: session.lane, reason })
      options.onClosed?.(session)
    }

    streams.add(refuse)
    counts.streams++
    if (streams.size > limits.streamsMax) refuse(`${limits.streamsMax} streams are open already`, refusedAfterMs)

    return {
      onMessage(message) {
        if (over) return
        const receivedMs = time.wallMs()
        lastHeardMs = time.monotonicMs()
        if (message.open != null) open(message.open)
        else if (message.batch != null) enqueue(message.batch.epoch, { batch: message.batch, gap: undefined })
        else if (message.gap != null) enqueue(message.gap.epoch, { batch: undefined, gap: message.gap.gap ?? undefined })
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
    }
  }

  return {
    accept,
    session: (node, lane) => sessions.get(`${node}/${lane}`)?.session,
    *sessions() {
      for (const { session } of sessions.values()) yield session
    },
    counts: () => ({ ...counts, streams: streams.size }),
    stop(afterMs = 0) {
      for (const refuse of [...streams]) refuse('the region is stopping', afterMs)
    },
  }
}

interface Problem {
  readonly message: string
  readonly afterMs: number
}

function checkOpen(node: string, lane: number, first: number, session: UplinkSession | undefined): string | undefined {
  if (node === '' || node.includes('/') || Buffer.byteLength(node) > 64) return 'the node’s name must have 1 to 64 bytes and no slash'
  if (lane !== 1 && lane !== 2) return `lane ${lane} is neither urgent nor telemetry`
  if (!(first >= 1)) return 'first_sequence must be 1 or more'
  if (session !== undefined && (session.node !== node || session.lane !== lane)) return 'a stream drains one lane of one node'
  return undefined
}

function bytesOf(batch: outrider.v1.UplinkBatch.$Properties | undefined): number {
  return (batch?.records ?? []).reduce((sum, record) => sum + record.length, 0)
}

function refusalText(refused: SpoolRefused['refused']): string {
  return `the region’s log takes nothing now: ${refused}`
}
