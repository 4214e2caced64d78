import { tokenSubprotocolPrefix } from '@outrider/protocol'
import type { OpenSocket, PlatformSocket, SocketEvents, SocketRequest } from './ports.js'

/** As much of the DOM's WebSocket as is used here. */
interface WebSocketLike {
  binaryType: string
  readonly protocol: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: { readonly message?: string }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  send(data: Uint8Array): void
  close(code?: number, reason?: string): void
}
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike

const openState = 1

/** In browsers: the global WebSocket, with the token as second subprotocol entry, since headers cannot be set. */
export const openPlatformSocket: OpenSocket = (request, events) =>
  openWith((globalThis as unknown as { readonly WebSocket: WebSocketClass }).WebSocket, request, events)

/** The same with a WebSocket class of the caller's. */
export function openWith(webSocket: WebSocketClass, { url, protocols, token }: SocketRequest, events: SocketEvents): PlatformSocket {
  const socket = create(webSocket, url, [...protocols, `${tokenSubprotocolPrefix}${token}`])
  if (!('protocol' in socket)) {
    queueMicrotask(() => events.closed({ code: 1006, reason: socket.message }))
    return { send: () => {}, bufferedBytes: 0, close: () => {}, abort: () => {} }
  }
  socket.binaryType = 'arraybuffer'
  socket.onopen = () => events.opened(socket.protocol)
  // A text frame is for the JSON subprotocol, which we did not ask for; one byte stands for it, of no frame type.
  socket.onmessage = ({ data }) => events.message(data instanceof ArrayBuffer ? new Uint8Array(data) : Uint8Array.of(0))
  // Browsers do not say what went wrong, others do; the close that follows tells it.
  let failure = ''
  socket.onerror = ({ message }) => {
    failure = message ?? ''
  }
  socket.onclose = ({ code, reason }) => events.closed({ code, reason: reason || failure })
  return {
    send: bytes => {
      if (socket.readyState === openState) socket.send(bytes)
    },
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    close: (code, reason) => socket.close(code, reason),
    abort: () => {
      // A browser waits for the peer's close, however long; nobody listens to it any more.
      socket.onopen = null
      socket.onmessage = null
      socket.onclose = null
      socket.close()
    },
  }
}

/** A page served by https may not open ws://…, which browsers say by throwing. */
function create(webSocket: WebSocketClass, url: string, protocols: string[]): WebSocketLike | Error {
  try {
    return new webSocket(url, protocols)
  } catch (error) {
    return error as Error
  }
}
