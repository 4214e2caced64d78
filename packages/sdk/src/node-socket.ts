import { WebSocket } from 'ws'
import type { OpenSocket, SocketEnd } from './ports.js'

/** On Node, 20 and 22 alike: `ws`, since the global WebSocket (22 only) can neither set the Authorization header nor give a dead peer up. */
export const openPlatformSocket: OpenSocket = ({ url, protocols, token, messageBytesMax }, events) => {
  const socket = new WebSocket(url, [...protocols], {
    headers: { authorization: `Bearer ${token}` },
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    // The token is for this host alone.
    followRedirects: false,
  })
  socket.binaryType = 'arraybuffer'
  let failure: Omit<SocketEnd, 'code'> | undefined
  let isGivenUp = false
  socket.on('open', () => events.opened(socket.protocol))
  socket.on('message', (data, isBinary) => {
    // Text frames are for the JSON subprotocol, which we did not ask for; one byte stands for them, of no frame type.
    if (!isGivenUp) events.message(isBinary ? new Uint8Array(data as ArrayBuffer) : Uint8Array.of(0))
  })
  socket.on('unexpected-response', (_request, response) => {
    failure = { httpStatus: response.statusCode ?? 0, reason: `the node answered HTTP ${response.statusCode}` }
    response.resume()
    socket.terminate()
  })
  socket.on('error', error => {
    failure ??= { reason: error.message }
  })
  socket.on('close', (code, reason) => {
    if (!isGivenUp) events.closed({ code, reason: reason.toString(), ...failure })
  })
  return {
    send: bytes => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
    },
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    close: (code, reason) => socket.close(code, reason),
    abort: () => {
      isGivenUp = true
      socket.terminate()
    },
  }
}
