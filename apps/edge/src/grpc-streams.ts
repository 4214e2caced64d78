// The only file that knows grpc-js: bidirectional streams as small ports, both those this node opens and those it is asked for.
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { type PeerCredentials, type PeerIdentity, readPeerIdentity, whyNotPeer } from '@outrider/identity'

/** One end of a stream: what was written is taken in any case; false: write no more until `onDrain`. */
interface StreamLink<Out> {
  write(message: Out): boolean
  close(): void
}

interface StreamEvents<In> {
  onMessage(message: In): void
  onDrain(): void
  onClosed(reason: string): void
}

/** A streaming method of gRPC with its codecs. */
interface StreamMethod<Up, Down> {
  readonly path: string
  readonly requestStream: true
  readonly responseStream: true
  readonly requestSerialize: (message: Up) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Up
  readonly responseSerialize: (message: Down) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => Down
}

export interface StreamOpening<Up, Down> {
  readonly method: StreamMethod<Up, Down>
  /** host:port. */
  readonly address: string
  /** Undefined: in the clear, for development. */
  readonly tls: PeerCredentials | undefined
  /** Whose certificates count. */
  readonly authority: string
  /** Who the other side must be; of any name if none is given. */
  readonly role: 'node' | 'region'
  readonly name?: string
  /** How a person knows the other side. */
  readonly called: string
}

/** Whatever is not through so long after a close is cut: a frozen peer would keep it for ever. */
const closeWithinMs = 2_000

const channelOptions = {
  // A frozen peer is noticed after 3 s; without this it never is, and writes pile up in memory (measured: 125 MB in 12 s).
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  // Whoever opens a stream makes attempts of its own; the default grows to 120 s.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A connection for each stream, so that urgent records do not queue behind telemetry in one TCP buffer.
  'grpc.use_local_subchannel_pool': 1,
  // A stream that broke is opened anew and resumed by its own protocol: grpc-js keeps nothing to repeat.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // The other side is a neighbour of the node, not a site on the web.
  'grpc.enable_http_proxy': 0,
} as const

/** Opens a stream on a connection of its own: a peer that comes back elsewhere is asked for by name each time. */
export function openStream<Up, Down>(opening: StreamOpening<Up, Down>, events: StreamEvents<Down>): StreamLink<Up> {
  const { method, address, called, role } = opening
  const client = new Client(address, channelCredentials(opening), {
    ...channelOptions,
    // Who the other side is its SPIFFE id says, not its address: an address is no name that TLS may ask for (RFC 6066, 3).
    'grpc.ssl_target_name_override': role,
  })
  const stream = client.makeBidiStreamRequest<Up, Down>(method.path, method.requestSerialize, method.responseDeserialize)
  let over = false
  let cutting: NodeJS.Timeout | undefined
  const closed = (reason: string) => {
    clearTimeout(cutting)
    client.close()
    if (over) return
    over = true
    events.onClosed(reason)
  }
  stream.on('data', (message: Down) => over || events.onMessage(message))
  stream.on('drain', () => over || events.onDrain())
  // Cancelled and closed streams have errors too; without a listener one ends the process.
  stream.on('error', error => closed(reasonOf(error.message)))
  stream.on('end', () => closed(`${called} ended the stream`))
  return {
    write: message => !over && stream.write(message),
    close() {
      if (over) return
      over = true
      stream.end()
      cutting = setTimeout(() => stream.cancel(), closeWithinMs).unref()
    },
  }
}

function channelCredentials({ tls, authority, role, name }: Pick<StreamOpening<never, never>, 'tls' | 'authority' | 'role' | 'name'>) {
  if (tls === undefined) return credentials.createInsecure()
  return credentials.createSsl(tls.ca, tls.key, tls.certificate, {
    checkServerIdentity(_host, certificate) {
      const why = whyNotPeer(certificate, authority, role) ?? whyNotNamed(certificate, authority, name)
      return why === undefined ? undefined : new Error(why)
    },
  })
}

function whyNotNamed(certificate: { readonly raw?: Uint8Array }, authority: string, name: string | undefined): string | undefined {
  const read = readPeerIdentity(certificate, authority)
  if (name === undefined || !read.ok || read.peer.name === name) return undefined
  return `the peer's certificate is of ${read.peer.role} ${read.peer.name}, not of ${name}`
}

/** Why a stream ended: what grpc-js wraps around the error of a connection is taken off, and what differs each time, so that equal reasons are equal. */
function reasonOf(message: string): string {
  const inner = /Last error: (?:Error: )?(.*?)\.? Resolution note:/.exec(message)?.[1] ?? message
  return inner.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '')
}

export interface StreamServerOptions<Up, Down> {
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  readonly tls: PeerCredentials | undefined
  readonly authority: string
  readonly method: StreamMethod<Up, Down>
  /** @param caller by its certificate; undefined without keys */
  readonly accept: (link: StreamLink<Down>, caller: PeerIdentity | undefined) => StreamEvents<Up>
}

export interface StreamServer {
  /** Resolves to the bound port. Rejects with the listener's error. */
  start(): Promise<number>
  /** Cuts what is left. Idempotent. */
  stop(): Promise<void>
}

const serverOptions = {
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_send_message_length': 4 * 1024 * 1024,
  /** One of a peer, and one that takes its place. */
  'grpc.max_concurrent_streams': 4,
  /** MB per connection that HTTP/2 may buffer; unlimited if not said. */
  'grpc-node.max_session_memory': 8,
} as const

/** Takes streams of one method, only from whom our root knows. */
export function createStreamServer<Up, Down>({ host, port, tls, authority, method, accept }: StreamServerOptions<Up, Down>): StreamServer {
  const server = new Server(serverOptions)
  let isListening = false
  let stopping: Promise<void> | undefined

  function connect(call: ServerDuplexStream<Up, Down>): void {
    call.on('error', () => {}) // `close` follows, and says all there is
    const certificate = call.getAuthContext()?.sslPeerCertificate
    const caller = tls === undefined ? undefined : readPeerIdentity(certificate, authority)
    if (caller?.ok === false) {
      call.end()
      return
    }
    let over = false
    const once = (then: () => void) => {
      if (over) return
      over = true
      then()
    }
    const link = {
      write: (message: Down) => !over && call.write(message),
      close: () => once(() => call.end()),
    }
    const events = accept(link, caller?.peer)
    call.on('data', (message: Up) => over || events.onMessage(message))
    call.on('drain', () => over || events.onDrain())
    call.on('end', () => {
      once(() => events.onClosed('it ended the stream'))
      call.end()
    })
    call.on('error', error => once(() => events.onClosed(error.message)))
    call.on('cancelled', () => once(() => events.onClosed('cancelled')))
    call.on('close', () => once(() => events.onClosed('closed')))
  }

  const definition: ServiceDefinition = { connect: method } as never
  server.addService(definition, { connect } as UntypedServiceImplementation)
  const own =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(tls.ca, [{ private_key: tls.key, cert_chain: tls.certificate }], true)
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${host}:${port}`, own, (error, bound) => {
          isListening = error === null
          if (isListening) resolve(bound)
          else reject(error)
        })
      }),
    stop() {
      stopping ??= new Promise(resolve => {
        if (isListening) server.forceShutdown()
        resolve()
      })
      return stopping
    },
  }
}
