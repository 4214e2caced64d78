// The sockets below one SDK vehicle, watched. One thing is said on them that the SDK has no call for: a question for the node's time, with
// whose answer the node acknowledges what is durable.
import { decodeFrame, encodeFrame, formatAlertKey, frameTypes, outrider } from '@outrider/protocol'
import type { OpenSocket, PlatformSocket } from '@outrider/sdk'

export interface LinkTapHandlers {
  /** A node's welcome arrived. */
  welcomed(welcome: outrider.v1.Welcome): void
  /** The vehicle acknowledged a revision as taken; once per alert and revision. */
  taken(key: string, revision: number): void
}

export interface LinkTap {
  /** For the SDK's `platform`. */
  readonly openSocket: OpenSocket
  /** Asks for the node's time on the link last welcomed: what is durable is acknowledged with the answer. Nothing happens without a link. */
  askAcknowledgement(): void
}

/** Taken revisions remembered, so that one acknowledged again on a new link counts once: an outbox of 16, many times over. */
const takenMax = 1_024

export function createLinkTap(open: OpenSocket, handlers: LinkTapHandlers, wallMs: () => number): LinkTap {
  let current: PlatformSocket | undefined
  const taken = new Set<string>()

  function sent(bytes: Uint8Array): void {
    if (bytes[0] !== frameTypes.deliveryAck.number) return
    const frame = decodeFrame(bytes)
    if (frame.kind !== 'frame' || frame.type !== 'deliveryAck') return
    for (const { alertId, revision, stage } of frame.message.entries ?? []) {
      if (alertId == null || stage !== outrider.v1.DeliveryStage.DELIVERY_STAGE_TAKEN) continue
      note(formatAlertKey(alertId), revision ?? 0)
    }
  }

  function note(key: string, revision: number): void {
    const name = `${key}#${revision}`
    if (taken.has(name)) return
    if (taken.size >= takenMax) taken.delete(taken.values().next().value!)
    taken.add(name)
    handlers.taken(key, revision)
  }

  return {
    openSocket(request, events) {
      const socket: PlatformSocket = open(request, {
        opened: events.opened,
        message(bytes) {
          if (bytes[0] === frameTypes.welcome.number) {
            const frame = decodeFrame(bytes)
            if (frame.kind === 'frame' && frame.type === 'welcome') {
              current = socket
              handlers.welcomed(frame.message)
            }
          }
          events.message(bytes)
        },
        closed(end) {
          if (current === socket) current = undefined
          events.closed(end)
        },
      })
      return {
        send(bytes) {
          socket.send(bytes)
          sent(bytes)
        },
        get bufferedBytes() {
          return socket.bufferedBytes
        },
        close: (code, reason) => socket.close(code, reason),
        abort() {
          if (current === socket) current = undefined
          socket.abort()
        },
      }
    },
    askAcknowledgement: () => current?.send(encodeFrame('time', { askedTimeMs: wallMs() })),
  }
}
