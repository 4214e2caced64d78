// The bare uWebSockets.js server: receive, decode three numbers, store; and a send loop. Everything ours is measured against it.
import { App, us_listen_socket_close, us_socket_local_port, type WebSocket } from 'uWebSockets.js'
import { sharedNowMs } from '../pace.js'
import { serveCommands, workerOptions } from '../worker.js'
import { createRows, makeAlert } from './payload.js'

const { vehicles } = workerOptions<{ vehicles: number }>()
const rows = createRows(vehicles)
const sockets: WebSocket<{ row: number }>[] = []
let notSent = 0

const app = App().ws<{ row: number }>('/*', {
  compression: 0,
  maxPayloadLength: 16 * 1024,
  idleTimeout: 120,
  upgrade(response, request, context) {
    const [key, protocol, extensions] = ['sec-websocket-key', 'sec-websocket-protocol', 'sec-websocket-extensions'].map(name =>
      request.getHeader(name),
    )
    response.upgrade({ row: 0 }, key!, protocol!, extensions!, context)
  },
  open(socket) {
    socket.getUserData().row = sockets.push(socket) - 1
  },
  message(socket, message) {
    rows.store(socket.getUserData().row, message, 0)
  },
})

serveCommands({
  listen: () =>
    new Promise((resolve, reject) => {
      app.listen('127.0.0.1', 0, listener => {
        if (listener === false) return reject(new Error('cannot listen'))
        process.on('disconnect', () => us_listen_socket_close(listener))
        resolve(us_socket_local_port(listener))
      })
    }),
  received: rows.received,
  push: () =>
    new Promise(resolve => {
      setImmediate(() => {
        const startedMs = sharedNowMs()
        const alert = makeAlert(startedMs)
        for (const socket of sockets) if (socket.send(alert, true) !== 1) notSent++
        resolve({ startedMs, notSent })
      })
    }),
})
