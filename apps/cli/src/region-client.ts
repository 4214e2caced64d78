// The only file of the command that knows grpc-js: calls to a region's services, with what went wrong in its own terms.
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { type ChannelCredentials, Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import type { ServiceMethod } from '@outrider/protocol'

export interface RegionTls {
  /** PEM: whom we trust, and who we are. */
  readonly ca: Buffer
  readonly certificate: Buffer
  readonly key: Buffer
}

export interface RegionTarget {
  readonly host: string
  readonly port: number
  /** Undefined: the region runs without keys. */
  readonly tls: RegionTls | undefined
  /** How long a call may take, ms. */
  readonly timeoutMs: number
}

export interface RegionClient {
  /** @throws RegionFailure */
  call<Request, Response>(method: ServiceMethod<Request, Response>, request: Request): Promise<Response>
  /** Messages as they come, until the region ends the stream or the signal is given. @throws RegionFailure, also when it breaks */
  stream<Request, Response>(method: ServiceMethod<Request, Response>, request: Request, signal: AbortSignal): AsyncIterable<Response>
  close(): void
}

export type RpcStatusName = keyof typeof status

/** A call that failed, with gRPC's own status and what the region, or the library, said. */
export class RegionFailure extends Error {
  override readonly name = 'RegionFailure'
  readonly status: RpcStatusName

  constructor(statusName: RpcStatusName, details: string, cause?: unknown) {
    super(details, { cause })
    this.status = statusName
  }
}

export function createRegionClient({ host, port, tls, timeoutMs }: RegionTarget): RegionClient {
  const client = new Client(`${isIP(host) === 6 ? `[${host}]` : host}:${port}`, credentialsOf(host, tls), {
    // A frozen region is noticed after 15 s; without this a watch would never notice.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.enable_retries': 0,
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    // TLS has no name for an address; which address it is the check below looks at.
    ...(tls !== undefined && isIP(host) !== 0 && { 'grpc.ssl_target_name_override': 'localhost' }),
  })
  return {
    call: ({ path, requestSerialize, responseDeserialize }, request) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          { deadline: Date.now() + timeoutMs },
          (error, response) => (error === null && response !== undefined ? resolve(response) : reject(failureOf(error))),
        )
      }),
    async *stream({ path, requestSerialize, responseDeserialize }, request, signal) {
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
      call.on('error', () => {}) // thrown by the loop below; one that comes after it, of a cancelled call, is nobody's
      const cancel = () => call.cancel()
      signal.addEventListener('abort', cancel, { once: true })
      try {
        for await (const message of call) {
          if (signal.aborted) return
          yield message
        }
      } catch (error) {
        if (!signal.aborted) throw failureOf(error as ServiceError)
      } finally {
        signal.removeEventListener('abort', cancel)
        call.cancel()
      }
    },
    close: () => client.close(),
  }
}

function credentialsOf(host: string, tls: RegionTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  return credentials.createSsl(tls.ca, tls.key, tls.certificate, {
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
  })
}

function failureOf(error: ServiceError | null): RegionFailure {
  const name = (status[error?.code ?? status.UNKNOWN] ?? 'UNKNOWN') as RpcStatusName
  return new RegionFailure(name, error?.details || error?.message || 'no answer', error)
}
