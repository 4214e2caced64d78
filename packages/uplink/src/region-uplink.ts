// The region's end: all its streams, one per node and lane.
import { regionUplinkLimits } from './limits.js'
import type { DownMessage, Link, LinkEvents, UpMessage } from './link.js'
import { refusedAfterMs, type StreamRefusal, streamRefusals } from './record-intake.js'
import { createRegionStream, type RegionStream } from './region-stream.js'
import type { RegionUplinkOptions, UplinkSession } from './region-uplink-options.js'

/** What was counted since the start. */
export interface RegionUplinkCounts {
  /** Streams open now. */
  readonly streams: number
  readonly records: number
  /** Records that came again. */
  readonly repeats: number
  readonly gaps: number
  /** Streams refused, by reason. */
  readonly refusals: Readonly<Record<StreamRefusal, number>>
}

export interface RegionUplink {
  /**
   * Takes a new stream.
   * @param mayOpen undefined if the peer may drain this node's log, else why not
   */
  accept(link: Link<DownMessage>, mayOpen: (node: string) => string | undefined): LinkEvents<UpMessage>
  /** The streams that said which log they drain. */
  sessions(): Iterable<UplinkSession>
  counts(): RegionUplinkCounts
  /** Ends all streams; nodes come again by themselves. */
  stop(): void
}

/** Two processes under one name would take the stream from each other as fast as they can; the one that lost it waits. */
const replacedAfterMs = 5_000

export function createRegionUplink(options: RegionUplinkOptions): RegionUplink {
  const limits = { ...regionUplinkLimits, ...options.limits }
  const whenKept = options.whenKept ?? (place => options.journal.whenDurable(place))
  const streams = new Set<RegionStream>()
  /** By node and lane: a second stream replaces the first. */
  const sessions = new Map<string, { readonly session: UplinkSession; readonly stream: RegionStream }>()
  const refusals = Object.fromEntries(Object.values(streamRefusals).map(reason => [reason, 0])) as Record<StreamRefusal, number>
  const counts = { records: 0, repeats: 0, gaps: 0, refusals }

  return {
    accept(link, mayOpen) {
      const stream: RegionStream = createRegionStream({
        ...options,
        link,
        mayOpen,
        whenKept,
        streamLimits: limits,
        counts,
        onSession(session) {
          const key = keyOf(session)
          sessions
            .get(key)
            ?.stream.refuse({ reason: streamRefusals.replaced, message: 'another stream took this one’s place', afterMs: replacedAfterMs })
          sessions.set(key, { session, stream })
        },
        onOver(session) {
          streams.delete(stream)
          if (session !== undefined && sessions.get(keyOf(session))?.stream === stream) sessions.delete(keyOf(session))
        },
      })
      streams.add(stream)
      if (streams.size > limits.streamsMax) {
        stream.refuse({ reason: streamRefusals.tooMany, message: `${limits.streamsMax} streams are open already`, afterMs: refusedAfterMs })
      }
      return stream.events
    },
    *sessions() {
      for (const { session } of sessions.values()) yield session
    },
    counts: () => ({ ...counts, refusals: { ...refusals }, streams: streams.size }),
    stop() {
      for (const stream of [...streams]) stream.refuse({ reason: streamRefusals.stopping, message: 'the region is stopping', afterMs: 0 })
    },
  }
}

function keyOf({ node, lane }: UplinkSession): string {
  return `${node}/${lane}`
}
