import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HealthChecks, readiness } from './health.js'
import type { Metrics } from './metrics.js'

export interface HealthServerOptions {
  /** Loopback unless an operator says otherwise: details are not for the public. */
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  readonly checks: HealthChecks
  /** Shown in `/readyz`. */
  readonly warnings?: readonly string[]
  readonly metrics: Metrics
  /** More pages by path, such as `/details`: what each returns, or resolves to, is sent as JSON; 400 for a `PageRefused`. */
  readonly details?: Readonly<Record<string, (query: URLSearchParams) => unknown>>
}

/** A page cannot answer this query: its message says what it takes. */
export class PageRefused extends Error {}

/** The admin port: `/healthz` (the loop turns), `/readyz` (200 or 503, with every check), `/metrics`. */
export interface HealthServer {
  /** Resolves to the bound port. Rejects with the listener's error. */
  start(): Promise<number>
  stop(): Promise<void>
}

export function createHealthServer({ host, port, checks, warnings = [], metrics, details = {} }: HealthServerOptions): HealthServer {
  const pages: Readonly<Record<string, (response: ServerResponse, query: URLSearchParams) => void | Promise<void>>> = {
    '/healthz': response => sendJson(response, 200, { alive: true }),
    '/readyz'(response) {
      const state = readiness(checks, warnings)
      sendJson(response, state.ready ? 200 : 503, state)
    },
    async '/metrics'(response) {
      const text = await metrics.scrape()
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
    },
    ...Object.fromEntries(
      Object.entries(details).map(([path, read]) => [
        path,
        async (response: ServerResponse, query: URLSearchParams) => sendJson(response, 200, await read(query)),
      ]),
    ),
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://admin')
    const page = pages[pathname]
    if (page === undefined) return sendJson(response, 404, { error: `one of ${Object.keys(pages).join(', ')}` })
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendJson(response, 405, { error: 'GET only' })
    new Promise<void>(resolve => resolve(page(response, searchParams))).catch(error =>
      error instanceof PageRefused ? sendJson(response, 400, { error: error.message }) : sendJson(response, 500, { error: String(error) }),
    )
  })
  // A scraper that stalls holds a socket, not us: requests and headers within seconds, at most 64 connections.
  server.requestTimeout = 5_000
  server.headersTimeout = 5_000
  server.maxConnections = 64

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
      }),
    stop: () =>
      new Promise(resolve => {
        if (!server.listening) return resolve()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
