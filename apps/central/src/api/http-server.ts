import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { PublicApi } from './public-api.js'

export interface HttpServerOptions {
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  readonly api: PublicApi
}

export interface HttpServer {
  /** Resolves to the bound port. Rejects with the listener's error. */
  start(): Promise<number>
  /** Takes no more requests, and closes what is still open after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/** Connections at once: 1,000 with 8 KiB of headers each are 8 MiB. */
const connectionsMax = 1_000
const headerBytesMax = 8 * 1024

export function createHttpServer({ host, port, api }: HttpServerOptions): HttpServer {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => api.fetch(request, incoming.socket.remoteAddress ?? ''),
    // A client that stalls holds a socket, not us. No request has a body of use; what comes as one is never read.
    serverOptions: { maxHeaderSize: headerBytesMax, requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 10_000 },
  }) as Server
  server.maxConnections = connectionsMax

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
      }),
    stop: graceMs =>
      new Promise(resolve => {
        if (!server.listening) return resolve()
        const cut = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
