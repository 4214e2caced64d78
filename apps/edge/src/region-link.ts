import type { PeerCredentials } from '@outrider/identity'
import { connectMethod, type LinkEvents, type OpenLink } from '@outrider/uplink'
import { openStream } from './grpc-streams.js'

export interface RegionLinkOptions {
  /** host:port. */
  readonly address: string
  /** Undefined: in the clear, for development. */
  readonly tls: PeerCredentials | undefined
  /** Whose certificates count. */
  readonly authority: string
}

/** Streams to the region, each on a connection of its own. */
export function createRegionLink(options: RegionLinkOptions): OpenLink {
  return (events: LinkEvents<Parameters<(typeof connectMethod)['responseSerialize']>[0]>) =>
    openStream(
      { ...options, method: connectMethod, role: 'region', called: 'the region' },
      { ...events, onClosed: reason => events.onClosed(withHint(reason)) },
    )
}

/** What TLS says is no help to a person without what to look at. Our own word about the peer says enough. */
const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^the peer's certificate/, ''],
  [/certificate|issuer/, '; OUTRIDER_TLS_CA must be the root that made the region’s certificate'],
  // The region's refusal of a certificate comes after the node thinks that it is connected.
  [/^Failed to connect$/, ': the region cut the connection; it must trust the root that made OUTRIDER_TLS_CERT'],
]

function withHint(reason: string): string {
  return reason + (hints.find(([pattern]) => pattern.test(reason))?.[1] ?? '')
}
