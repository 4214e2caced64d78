// What goes down to nodes on their urgent streams: the zone table, alerts that can concern their footprints, ends. For each stream a set
// of keys that are due, not a queue of messages: what is sent is the alert as it stands at that moment, with what is left of it.
import { encodeLiveAlert, encodeLiveEnd } from '@outrider/alerts'
import { lanes, type outrider } from '@outrider/protocol'
import type { UplinkSession } from '@outrider/uplink'
import { reaches, type Zones } from '@outrider/zone-table'
import type { AlertBoard, BoardChange, BoardEntry } from './alert-board.js'
import { RpcFailure } from './rpc-failure.js'

type RevisionRequest = outrider.v1.RevisionRequest.$Properties
type RevisionReply = outrider.v1.RevisionReply.$Properties

export interface DownlinkOptions {
  readonly board: AlertBoard
  readonly zones: () => Zones
  readonly schedule: (delayMs: number, call: () => void) => () => void
}

export interface Downlink {
  onOpened(session: UplinkSession): void
  onWritable(session: UplinkSession): void
  onClosed(session: UplinkSession): void
  onReply(session: UplinkSession, reply: RevisionReply): void
  /** An alert changed: to be told to every node it can concern. */
  onChange(change: BoardChange): void
  onZones(): void
  /** Asks a node for a revision of an alert of its own. @throws RpcFailure `unavailable`, `deadline_exceeded`, `resource_exhausted` */
  ask(node: string, request: RevisionRequest): Promise<RevisionReply>
  isConnected(node: string): boolean
  /** Alerts that wait for a stream to take them. */
  waiting(): number
}

/** A node answers from memory; what takes longer is lost. */
const askWithinMs = 5_000
const askedMax = 256

interface Stream {
  readonly session: UplinkSession
  /** Keys of alerts to be told; at most as many as the board has entries. */
  readonly due: Set<string>
  zonesDue: boolean
}

export function createDownlink({ board, zones, schedule }: DownlinkOptions): Downlink {
  const streams = new Map<UplinkSession, Stream>()
  const byNode = new Map<string, Stream>()
  const asked = new Map<string, { readonly node: string; readonly take: (reply: RevisionReply) => void }>()

  function concerns({ session }: Stream, entry: BoardEntry): boolean {
    // Its own of this life it knows better; an end it is told in any case, since others may end it.
    if (entry.id.node === session.node) return entry.state === 'ended' || entry.id.boot !== session.boot
    const { alert, area } = entry
    // An end without its alert: nobody can say where it was, and an end harms nobody.
    if (alert === undefined || area === undefined) return true
    return zones().footprints.some(({ nodes, shape }) => nodes.includes(session.node) && reaches(alert, area, shape))
  }

  function flush(stream: Stream): void {
    const { session, due } = stream
    if (stream.zonesDue && session.send({ zoneTable: zones().table })) stream.zonesDue = false
    for (const key of due) {
      const message = messageOf(board.get(key))
      if (message !== undefined && !session.send(message)) return
      due.delete(key)
    }
  }

  function messageOf(entry: BoardEntry | undefined): Parameters<UplinkSession['send']>[0] | undefined {
    const { monotonicMs } = board.now()
    if (entry?.state === 'ended') return { end: encodeLiveEnd(entry, monotonicMs) }
    return entry?.state === 'active' ? { alert: encodeLiveAlert(entry, monotonicMs) } : undefined
  }

  function tellAll(stream: Stream): void {
    for (const entry of board.entries()) if (entry.state !== 'expired' && concerns(stream, entry)) stream.due.add(entry.key)
    flush(stream)
  }

  return {
    onOpened(session) {
      if (session.lane !== lanes.urgent) return
      const stream = { session, due: new Set<string>(), zonesDue: true }
      streams.set(session, stream)
      byNode.set(session.node, stream)
      tellAll(stream)
    },
    onWritable(session) {
      const stream = streams.get(session)
      if (stream !== undefined) flush(stream)
    },
    onClosed(session) {
      const stream = streams.get(session)
      streams.delete(session)
      if (byNode.get(session.node) === stream) byNode.delete(session.node)
    },
    onReply(session, reply) {
      const waiting = asked.get(reply.requestId ?? '')
      if (waiting?.node === session.node) waiting.take(reply)
    },
    onChange(change) {
      if (change.kind === 'expired' || change.kind === 'forgotten') return
      for (const stream of streams.values()) {
        if (!concerns(stream, change.entry)) continue
        stream.due.add(change.entry.key)
        flush(stream)
      }
    },
    onZones() {
      // Footprints may have moved: whom an alert concerns is asked anew; a node that knows it already counts a repeat.
      for (const stream of streams.values()) {
        stream.zonesDue = true
        tellAll(stream)
      }
    },
    async ask(node, request) {
      const stream = byNode.get(node)
      const id = request.requestId ?? ''
      if (stream === undefined)
        throw new RpcFailure('unavailable', `node ${node}, which issued the alert, is not connected; end the alert, or try again`)
      if (asked.size >= askedMax) throw new RpcFailure('resource_exhausted', `${askedMax} requests to nodes are open; try again`)
      if (asked.has(id)) throw new RpcFailure('aborted', 'the same request is under way')
      return new Promise<RevisionReply>((resolve, reject) => {
        const cancel = schedule(askWithinMs, () => {
          asked.delete(id)
          reject(
            new RpcFailure('deadline_exceeded', `node ${node} did not answer within ${askWithinMs} ms; try again with the same request_id`),
          )
        })
        asked.set(id, {
          node,
          take(reply) {
            asked.delete(id)
            cancel()
            resolve(reply)
          },
        })
        if (stream.session.send({ request })) return
        asked.delete(id)
        cancel()
        reject(new RpcFailure('unavailable', `the stream of node ${node} takes nothing now; try again`))
      })
    },
    isConnected: node => byNode.has(node),
    waiting: () => [...streams.values()].reduce((sum, { due }) => sum + due.size, 0),
  }
}
