// The one file that binds uWebSockets.js. It copies what is gone after a handler returns, answers what was judged elsewhere, and never uses a
// response after its abort or a socket after its close.
import {
  App,
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js'
import type { VehicleIdentity } from '@outrider/identity'
import { subprotocols } from '@outrider/protocol'
import type { RefusedAdmission } from './admission.js'
import { type Answer, problemAnswer } from './answer.js'
import type { PublicPages } from './public-pages.js'
import type { VehicleDoor } from './vehicle-door.js'
import { messageBytesMax, type VehicleLinks } from './vehicle-links.js'
import type { VehicleSocket } from './vehicle-sockets.js'

export interface EdgeServerOptions {
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  readonly door: VehicleDoor
  readonly links: VehicleLinks
  readonly pages: PublicPages
  /** Silence after which uWebSockets.js itself closes a socket, ms: a second line behind the watch of `links`. */
  readonly silenceMs: number
}

export interface EdgeServer {
  /** Resolves to the bound port. @throws Error if the address is taken */
  start(): Promise<number>
  /** Takes no more connections; those there are go on. */
  stopListening(): void
  /** Cuts whatever is still open. */
  stop(): void
}

/** What a socket carries: who it is, until it is open, and our own record of it. */
interface UserData {
  readonly socket: VehicleSocket
  readonly vehicle: VehicleIdentity
  readonly json: boolean
}

interface ExclusiveListener {
  listen(host: string, port: number, options: number, call: (opened: us_listen_socket | false) => void): void
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT. */
const exclusivePort = 1

const decoder = new TextDecoder()

export function createEdgeServer({ host, port, door, links, pages, silenceMs }: EdgeServerOptions): EdgeServer {
  let listener: us_listen_socket | undefined
  const app = App()

  app.ws<UserData>('/*', {
    compression: 0,
    maxPayloadLength: messageBytesMax,
    // Outside 8..960 the process ends.
    idleTimeout: Math.max(8, Math.min(960, Math.ceil(silenceMs / 1_000))),
    sendPingsAutomatically: false,
    // Sixteen alerts of 64 KiB in one write at most, since nothing is sent while anything waits.
    maxBackpressure: 2 * 1024 * 1024,
    upgrade(response, request, context) {
      const key = request.getHeader('sec-websocket-key')
      const headers = {
        query: request.getQuery(),
        protocols: request.getHeader('sec-websocket-protocol'),
        authorization: request.getHeader('authorization'),
        origin: request.getHeader('origin'),
        connection: request.getHeader('connection'),
      }
      const outcome = door.judge(headers, addressOf(response))
      if (!outcome.ok) {
        sendAnswer(response, problemAnswer(outcome))
        return
      }
      const { token, subprotocol } = outcome.request
      const admission = door.admit(token, subprotocol)
      if (admission instanceof Promise) refuseLater(response, admission)
      else if (!admission.ok) sendAnswer(response, problemAnswer(admission))
      else {
        // Here and now, never after an await: see docs/edge.md, "Opening a session".
        const data: UserData = { socket: links.create(), vehicle: admission.vehicle, json: subprotocol === subprotocols.json }
        response.upgrade(data, key, subprotocol, '', context)
      }
    },
    open(connection) {
      const { socket, vehicle, json } = connection.getUserData()
      socket.connection = connection
      links.opened(socket, vehicle, json)
    },
    message: (connection, message, isBinary) => links.received(connection.getUserData().socket, new Uint8Array(message), !isBinary),
    ping: connection => links.heard(connection.getUserData().socket),
    pong: connection => links.heard(connection.getUserData().socket),
    drain: connection => links.drained(connection.getUserData().socket),
    close: connection => links.closed(connection.getUserData().socket),
  })

  app.any('/*', (response, request) => sendAnswer(response, pages.answer(readRequest(response, request))))

  return {
    start: () =>
      new Promise((resolve, reject) => {
        // By default two processes share a port, and the kernel gives each some of the vehicles. The typings lack a host beside options.
        ;(app as unknown as ExclusiveListener).listen(host, port, exclusivePort, opened => {
          if (opened === false) return reject(new Error(`cannot listen on ${host}:${port}; is the port taken?`))
          listener = opened
          resolve(us_socket_local_port(opened))
        })
      }),
    stopListening() {
      if (listener !== undefined) us_listen_socket_close(listener)
      listener = undefined
    },
    stop() {
      app.close()
    },
  }
}

function readRequest(response: HttpResponse, request: HttpRequest) {
  return {
    method: request.getMethod(),
    path: request.getUrl(),
    query: request.getQuery(),
    origin: request.getHeader('origin'),
    address: addressOf(response),
  }
}

function addressOf(response: HttpResponse): string {
  return decoder.decode(response.getRemoteAddressAsText())
}

/** @param admission never rejects */
function refuseLater(response: HttpResponse, admission: Promise<RefusedAdmission>): void {
  let isAborted = false
  response.onAborted(() => {
    isAborted = true
  })
  void admission.then(refused => isAborted || response.cork(() => sendAnswer(response, problemAnswer(refused))))
}

/** The connection of a refusal is closed: who is refused often would else keep a socket each time. */
function sendAnswer(response: HttpResponse, { status, type, body, headers }: Answer): void {
  response.writeStatus(`${status} ${statusTexts[status] ?? ''}`).writeHeader('content-type', type)
  for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value)
  response.end(body, status >= 400)
}

const statusTexts: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}
