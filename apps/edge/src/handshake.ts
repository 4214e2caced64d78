// What a request to open a WebSocket says, read and judged before anything is verified: pure, so that all of it is in one table of tests.
import { type Subprotocol, subprotocols, tokenSubprotocolPrefix } from '@outrider/protocol'
import type { Problem } from './problem.js'

/** Headers; missing ones are empty. */
export interface HandshakeHeaders {
  readonly query: string
  readonly protocols: string
  readonly authorization: string
  readonly origin: string
  readonly connection: string
}

/** What is asked for; `token` undefined = none was presented. */
interface HandshakeRequest {
  readonly subprotocol: Subprotocol
  readonly token: string | undefined
}

export type HandshakeOutcome = { readonly ok: true; readonly request: HandshakeRequest } | ({ readonly ok: false } & Problem)

const known: readonly string[] = Object.values(subprotocols)

/** @param origins allowed ones; `*` allows all. A request without an origin is no browser's and passes. */
export function readHandshake(
  { query, protocols, authorization, origin, connection }: HandshakeHeaders,
  origins: readonly string[],
): HandshakeOutcome {
  if (!isOriginAllowed(origin, origins)) {
    return { ok: false, problem: 'origin_refused', detail: 'the node lists the origins it allows in OUTRIDER_EDGE_ORIGINS' }
  }
  // A URL is logged by whatever it passes: a token in one is known to others, and had better be replaced.
  if (/(?:^|&)(?:access_)?token=/i.test(query)) {
    return { ok: false, problem: 'token_in_url', detail: 'present it in the Authorization header, or as a second subprotocol entry' }
  }
  // RFC 6455, 4.2.1. µWebSockets looks at the key alone, and takes a connection that is to be closed for one that is over.
  if (!connection.split(',').some(option => option.trim().toLowerCase() === 'upgrade')) {
    return { ok: false, problem: 'upgrade_expected', detail: 'the header Connection must say Upgrade' }
  }
  const offered = protocols.split(',').map(entry => entry.trim())
  const subprotocol = offered.find(entry => known.includes(entry)) as Subprotocol | undefined
  if (subprotocol === undefined) {
    return { ok: false, problem: 'subprotocol_unknown', detail: `Sec-WebSocket-Protocol must name ${known.join(' or ')}` }
  }
  const entry = offered.find(offer => offer.startsWith(tokenSubprotocolPrefix))?.slice(tokenSubprotocolPrefix.length)
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? (entry === '' ? undefined : entry)
  return { ok: true, request: { subprotocol, token } }
}

export function isOriginAllowed(origin: string, origins: readonly string[]): boolean {
  return origin === '' || origins.includes('*') || origins.includes(origin)
}
