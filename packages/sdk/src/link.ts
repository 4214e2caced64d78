// One socket to one node, from opening it to its end: hello and welcome, exchange of clocks, and the watch that notices a peer that is
// gone without a word. What frames mean for reports and alerts is not known here.
import type { DecodedFrame, FrameContent, FrameName, outrider as wire } from '@outrider/protocol'
import { decodeFrame, encodeFrame, frameBytesMax, frameTypes, subprotocols } from '@outrider/protocol'
import type { ClockExchange } from './clock-offset.js'
import type { Clock, OpenSocket, PlatformSocket, SocketEnd } from './ports.js'
import type { LinkEnd } from './reconnect-plan.js'

/** From opening the socket to the welcome; a phone network that takes longer is not one to be warned over. */
const handshakeMs = 10_000
/** Silence after which the node is asked for its time, and how long it may take to say anything. Together: a dead peer is noticed in 15 s. */
const silenceMs = 10_000
const answerMs = 5_000
/** The clock is asked for at once, three times a second apart, then every minute even when there is traffic. */
const firstExchanges = 3
const firstExchangeMs = 1_000
const exchangeMs = 60_000
/** A link that ends without a code so soon after an error frame ended because of it. */
const errorCloseMs = 5_000
const noCloseCode = 1006
/** Close code of our own for a peer that does not speak as it should (RFC 6455, 7.4.1). */
const protocolErrorCode = 1002

interface LinkHandlers {
  /** What to say first; taken when the socket has opened. */
  hello(): FrameContent<'hello'>
  welcomed(welcome: wire.v1.Welcome): void
  frame(frame: DecodedFrame): void
  exchanged(exchange: ClockExchange): void
  /** A frame that was not understood: of a newer node, or broken. */
  ignored(why: string): void
  /** Once, last; not after `leave`. */
  ended(end: LinkEnd): void
}

export interface LinkOptions {
  readonly url: string
  readonly token: string
  readonly clock: Clock
  readonly openSocket: OpenSocket
  readonly handlers: LinkHandlers
}

export interface Link {
  readonly url: string
  readonly token: string
  /** Undefined until the node has welcomed us. */
  readonly welcome: wire.v1.Welcome | undefined
  readonly bufferedBytes: number
  send<Name extends FrameName>(type: Name, content: FrameContent<Name>): void
  /** A frame that is encoded already. */
  write(frame: Uint8Array): void
  /** Asks for the node's time now; with its answer a node acknowledges what is durable. */
  inquire(nowMs: number): void
  /** Asks, watches, gives up: to be called when `dueAtMs` has come. */
  work(nowMs: number): void
  readonly dueAtMs: number
  /** Ends it in good order; no handler is called any more. `closed` tells when the peer has agreed. */
  leave(code: number, reason: string, closed?: () => void): void
  /** Ends it without waiting for the peer; no handler is called any more. */
  abort(): void
}

export function openLink({ url, token, clock, openSocket, handlers }: LinkOptions): Link {
  const openedAtMs = clock.monotonicMs()
  let welcome: wire.v1.Welcome | undefined
  let isOver = false
  let whenLeft: (() => void) | undefined
  /** What a drain said counts however the link ends; what an error said, only for the end that follows it. */
  let drained: wire.v1.Reconnect.$Properties | null | undefined
  let failed: { readonly code: number; readonly atMs: number; readonly reconnect: wire.v1.Reconnect.$Properties } | undefined
  let helloAtMs = openedAtMs
  let heardAtMs = openedAtMs
  let nextExchangeAtMs = Number.POSITIVE_INFINITY
  let exchanges = 0
  let asked: { readonly timeMs: number; readonly atMs: number } | undefined

  const socket: PlatformSocket = openSocket(
    { url, token, protocols: [subprotocols.binary], messageBytesMax: frameBytesMax.edge },
    { opened, message, closed },
  )

  function end(linkEnd: SocketEnd): void {
    if (isOver) return
    isOver = true
    handlers.ended({ ...linkEnd, told: toldFor(linkEnd.code) })
  }

  function closed(socketEnd: SocketEnd): void {
    whenLeft?.()
    end(socketEnd)
  }

  function giveUp(reason: string): void {
    socket.abort()
    end({ code: 1006, reason })
  }

  function opened(protocol: string): void {
    if (isOver) return
    if (protocol !== subprotocols.binary) {
      socket.close(protocolErrorCode, `expected subprotocol ${subprotocols.binary}`)
      end({ code: 1006, reason: `the peer chose subprotocol "${protocol}": it is no Outrider node` })
      return
    }
    helloAtMs = clock.monotonicMs()
    send('hello', handlers.hello())
  }

  function message(bytes: Uint8Array): void {
    if (isOver) return
    heardAtMs = clock.monotonicMs()
    const frame = decodeFrame(bytes)
    if (frame.kind !== 'frame') handlers.ignored(frame.kind)
    else if (frameTypes[frame.type].sentBy === 'vehicle') handlers.ignored('wrong_direction')
    else if (frame.type === 'time') exchanged(frame.message)
    else if (frame.type !== 'welcome') heard(frame)
    else if (welcome !== undefined) handlers.ignored('second_welcome')
    else welcomed(frame.message)
  }

  function heard(frame: DecodedFrame): void {
    if (frame.type === 'drain') drained = frame.message.reconnect ?? drained
    if (frame.type === 'error' && frame.message.reconnect != null) {
      failed = { code: frame.message.code, atMs: heardAtMs, reconnect: frame.message.reconnect }
    }
    handlers.frame(frame)
  }

  function toldFor(code: number): wire.v1.Reconnect.$Properties | null | undefined {
    if (failed === undefined) return drained
    const follows = code === failed.code || (code === noCloseCode && clock.monotonicMs() - failed.atMs <= errorCloseMs)
    return follows ? failed.reconnect : drained
  }

  function welcomed(message: wire.v1.Welcome): void {
    welcome = message
    nextExchangeAtMs = heardAtMs
    if (message.vehicleTimeMs != null && message.serverTimeMs > 0) {
      const timeMs = message.serverTimeMs
      handlers.exchanged({ askedAtMs: helloAtMs, receivedTimeMs: timeMs, answeredTimeMs: timeMs, answeredAtMs: heardAtMs })
    }
    handlers.welcomed(message)
  }

  function exchanged({ askedTimeMs, receivedTimeMs, answeredTimeMs }: wire.v1.TimeExchange): void {
    if (receivedTimeMs == null || answeredTimeMs == null) answer(askedTimeMs)
    else if (asked?.timeMs === askedTimeMs) {
      handlers.exchanged({ askedAtMs: asked.atMs, receivedTimeMs, answeredTimeMs, answeredAtMs: heardAtMs })
      asked = undefined
    }
  }

  function answer(askedTimeMs: number): void {
    const timeMs = clock.wallMs()
    send('time', { askedTimeMs, receivedTimeMs: timeMs, answeredTimeMs: timeMs })
  }

  function ask(nowMs: number): void {
    asked = { timeMs: clock.wallMs(), atMs: nowMs }
    exchanges++
    nextExchangeAtMs = nowMs + (exchanges < firstExchanges ? firstExchangeMs : exchangeMs)
    send('time', { askedTimeMs: asked.timeMs })
  }

  function send<Name extends FrameName>(type: Name, content: FrameContent<Name>): void {
    write(encodeFrame(type, content))
  }

  function write(frame: Uint8Array): void {
    if (!isOver) socket.send(frame)
  }

  /** When the node counts as gone; Infinity while it is not waited for. */
  function goneAtMs(): number {
    if (welcome === undefined) return openedAtMs + handshakeMs
    return asked !== undefined && asked.atMs >= heardAtMs + silenceMs ? asked.atMs + answerMs : Number.POSITIVE_INFINITY
  }

  function askAtMs(): number {
    return welcome === undefined ? Number.POSITIVE_INFINITY : Math.min(heardAtMs + silenceMs, nextExchangeAtMs)
  }

  return {
    url,
    token,
    get welcome() {
      return welcome
    },
    get bufferedBytes() {
      return socket.bufferedBytes
    },
    send,
    write,
    inquire(nowMs) {
      if (!isOver && welcome !== undefined && goneAtMs() === Number.POSITIVE_INFINITY) ask(nowMs)
    },
    work(nowMs) {
      if (isOver) return
      // While it is waited for, nothing more is asked: the first question stands.
      if (goneAtMs() < Number.POSITIVE_INFINITY) {
        if (nowMs >= goneAtMs())
          giveUp(welcome === undefined ? `no welcome within ${handshakeMs} ms` : `nothing heard for ${nowMs - heardAtMs} ms`)
      } else if (nowMs >= askAtMs()) ask(nowMs)
    },
    get dueAtMs() {
      if (isOver) return Number.POSITIVE_INFINITY
      const goneAt = goneAtMs()
      return goneAt < Number.POSITIVE_INFINITY ? goneAt : askAtMs()
    },
    leave(code, reason, whenClosed) {
      isOver = true
      whenLeft = whenClosed
      socket.close(code, reason)
    },
    abort() {
      isOver = true
      socket.abort()
    },
  }
}
