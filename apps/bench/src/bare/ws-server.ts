// The same as uws-server.ts on `ws`, the library most Node services would use instead.
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { sharedNowMs } from '../pace.js'
import { serveCommands, workerOptions } from '../worker.js'
import { createRows, makeAlert } from './payload.js'

const { vehicles } = workerOptions<{ vehicles: number }>()
const rows = createRows(vehicles)
const sockets: WebSocket[] = []
let notSent = 0

function serve(server: WebSocketServer) {
  server.on('connection', socket => {
    const row = sockets.push(socket) - 1
    socket.on('message', (message: Buffer) => rows.store(row, message.buffer as ArrayBuffer, message.byteOffset))
  })
}

serveCommands({
  listen: () =>
    new Promise((resolve, reject) => {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 511, perMessageDeflate: false, maxPayload: 16 * 1024 })
      serve(server)
      server.on('error', reject).on('listening', () => resolve((server.address() as AddressInfo).port))
    }),
  received: rows.received,
  push: () =>
    new Promise(resolve => {
      setImmediate(() => {
        const startedMs = sharedNowMs()
        const alert = makeAlert(startedMs)
        for (const socket of sockets) socket.send(alert, { binary: true }, error => (error ? notSent++ : undefined))
        resolve({ startedMs, notSent })
      })
    }),
})
