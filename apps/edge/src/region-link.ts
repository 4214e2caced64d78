// The only file that knows grpc-js: one stream to the region as a `Link` of packages/uplink.
import { Client, credentials } from '@grpc/grpc-js'
import { type PeerCredentials, whyNotPeer } from '@outrider/identity'
import { connectMethod, type DownMessage, type LinkEvents, type OpenLink, type UpMessage } from '@outrider/uplink'

export interface RegionLinkOptions {
  /** host:port. */
  readonly address: string
  /** Undefined: in the clear, for development. */
  readonly tls: PeerCredentials | undefined
  /** Whose certificates count. */
  readonly authority: string
}

/** Whatever is not through so long after a close is cut: a frozen region would keep it for ever. */
const closeWithinMs = 2_000

const channelOptions = {
  // A frozen region is noticed after 3 s; without this it never is, and writes pile up in memory (measured: 125 MB in 12 s).
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  // The uplink makes its own attempts; the default grows to 120 s.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A connection for each stream, so that urgent records do not queue behind telemetry in one TCP buffer.
  'grpc.use_local_subchannel_pool': 1,
  // A stream that broke is opened anew and resumed from the spool: grpc-js keeps nothing to repeat.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // The region is a neighbour of the node, not a site on the web.
  'grpc.enable_http_proxy': 0,
  // Who the region is its SPIFFE id says, not its address: an address is no name that TLS may ask for (RFC 6066, 3).
  'grpc.ssl_target_name_override': 'region',
} as const

/** Streams to the region, each on a connection of its own: a region that comes back elsewhere is asked for by name each time. */
export function createRegionLink({ address, tls, authority }: RegionLinkOptions): OpenLink {
  const channel =
    tls === undefined
      ? credentials.createInsecure()
      : credentials.createSsl(tls.ca, tls.key, tls.certificate, {
          checkServerIdentity(_host, certificate) {
            const why = whyNotPeer(certificate, authority, 'region')
            return why === undefined ? undefined : new Error(why)
          },
        })

  return (events: LinkEvents<DownMessage>) => {
    const client = new Client(address, channel, channelOptions)
    const call = client.makeBidiStreamRequest<UpMessage, DownMessage>(
      connectMethod.path,
      connectMethod.requestSerialize,
      connectMethod.responseDeserialize,
    )
    let over = false
    let cutting: NodeJS.Timeout | undefined
    const closed = (reason: string) => {
      clearTimeout(cutting)
      client.close()
      if (over) return
      over = true
      events.onClosed(reason)
    }
    call.on('data', (message: DownMessage) => over || events.onMessage(message))
    call.on('drain', () => over || events.onDrain())
    // Cancelled and closed streams have errors too; without a listener one ends the process.
    call.on('error', error => closed(reasonOf(error.message)))
    call.on('end', () => closed('the region ended the stream'))
    return {
      write: message => !over && call.write(message),
      close() {
        if (over) return
        over = true
        call.end()
        cutting = setTimeout(() => call.cancel(), closeWithinMs).unref()
      },
    }
  }
}

/** What TLS says is no help to a person without what to look at. Our own word about the peer says enough. */
const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^the peer's certificate/, ''],
  [/certificate|issuer/, '; OUTRIDER_TLS_CA must be the root that made the region’s certificate'],
  // The region's refusal of a certificate comes after the node thinks that it is connected.
  [/^Failed to connect$/, ': the region cut the connection; it must trust the root that made OUTRIDER_TLS_CERT'],
]

/** Why a stream ended: what grpc-js wraps around the error of a connection is taken off, and what differs each time, so that equal reasons are equal. */
function reasonOf(message: string): string {
  const inner = /Last error: (?:Error: )?(.*?)\.? Resolution note:/.exec(message)?.[1] ?? message
  const reason = inner.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '')
  return reason + (hints.find(([pattern]) => pattern.test(reason))?.[1] ?? '')
}
