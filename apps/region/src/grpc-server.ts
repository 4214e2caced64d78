// The only file that knows grpc-js. It turns calls into our handlers' terms: a caller from the certificate, an answer or an RpcFailure,
// streams as small ports whose every write is looked at.
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { type PeerCredentials, readPeerIdentity } from '@outrider/identity'
import { alertMethods, serviceNames, zoneMethods } from '@outrider/protocol'
import { connectMethod, type DownMessage, type RegionUplink, type UpMessage } from '@outrider/uplink'
import { HealthImplementation, protoPath as healthProto } from 'grpc-health-check'
import type { AlertService } from './alert-service.js'
import { anyone, type Caller, whyNotNode } from './caller.js'
import { RpcFailure, type RpcStatus, rpcStatuses } from './rpc-failure.js'
import type { ZoneService } from './zone-service.js'

export interface GrpcServerOptions {
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  /** Undefined: no keys, and everybody may do everything. */
  readonly tls: PeerCredentials | undefined
  readonly authority: string
  /** Folder of the protos, for reflection. */
  readonly protoFolder: string
  readonly uplink: RegionUplink
  readonly alerts: AlertService
  readonly zones: ZoneService
  /** Something went wrong that is ours. */
  readonly onFault: (method: string, cause: unknown) => void
}

export interface GrpcServer {
  /** Resolves to the bound port. Rejects with the listener's error. */
  start(): Promise<number>
  /** What health checks say; false from the start until told otherwise. */
  setServing(isServing: boolean): void
  /** Calls that failed, by the status they were answered with; those grpc-js answers itself are not among them. */
  refusedCalls(): Readonly<Record<RpcStatus, number>>
  /** Takes no new calls, lets those under way end for `graceMs`, then cuts them. Idempotent. */
  stop(graceMs: number): Promise<void>
}

const serverOptions = {
  // A frozen peer is noticed after 15 s; without this it is never.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_send_message_length': 4 * 1024 * 1024,
  /** Two lanes of a node, or the calls of a service. */
  'grpc.max_concurrent_streams': 100,
  /** MB per connection that HTTP/2 may buffer: twice what the two windows of a node hold. Unlimited if not said. */
  'grpc-node.max_session_memory': 16,
} as const

export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { uplink, alerts, zones, onFault } = options
  const server = new Server(serverOptions)
  const health = new HealthImplementation()
  const refused = Object.fromEntries(Object.keys(rpcStatuses).map(status => [status, 0])) as Record<RpcStatus, number>
  let stopping: Promise<void> | undefined

  /** @throws RpcFailure `unauthenticated` */
  function callerOf(call: { getAuthContext(): { sslPeerCertificate?: { raw?: Uint8Array } } | null }): Caller {
    if (options.tls === undefined) return anyone
    const identity = readPeerIdentity(call.getAuthContext()?.sslPeerCertificate, options.authority)
    if (!identity.ok) throw new RpcFailure('unauthenticated', identity.message)
    return identity.peer
  }

  function unary<Request, Response>(name: string, handle: (request: Request, caller: Caller) => Promise<Response>) {
    return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
      call.on('error', () => {}) // the caller is gone; grpc-js has told it what it could
      Promise.resolve()
        .then(() => handle(call.request, callerOf(call)))
        .then(
          response => answer(null, response),
          error => answer(statusOf(name, error)),
        )
    }
  }

  function statusOf(method: string, error: unknown): { code: number; details: string; metadata?: Metadata } {
    refused[error instanceof RpcFailure ? error.code : 'internal']++
    if (error instanceof RpcFailure) return { code: rpcStatuses[error.code].number, details: error.message }
    onFault(method, error)
    return { code: rpcStatuses.internal.number, details: 'the region failed at this call; its log says how' }
  }

  function connect(call: ServerDuplexStream<UpMessage, DownMessage>): void {
    let over = false
    const once = (then: () => void) => {
      if (over) return
      over = true
      then()
    }
    try {
      const caller = callerOf(call)
      const link = {
        write: (message: DownMessage) => !over && call.write(message),
        close: () => once(() => call.end()),
      }
      const events = uplink.accept(link, node => whyNotNode(caller, node))
      call.on('data', (message: UpMessage) => over || events.onMessage(message))
      call.on('drain', () => over || events.onDrain())
      call.on('end', () => {
        once(() => events.onClosed('the node ended the stream'))
        call.end()
      })
      call.on('error', error => once(() => events.onClosed(error.message)))
      call.on('cancelled', () => once(() => events.onClosed('cancelled')))
      call.on('close', () => once(() => events.onClosed('closed')))
    } catch (error) {
      call.on('error', () => {})
      call.emit('error', statusOf('Connect', error))
    }
  }

  function watch(call: ServerWritableStream<Parameters<AlertService['watch']>[0], object>): void {
    call.on('error', () => {}) // the watcher is gone; `close` follows
    try {
      callerOf(call)
      const watching = alerts.watch(call.request, { write: message => call.write(message) })
      let over = false
      const close = () => {
        if (over) return
        over = true
        watching.close()
      }
      call.on('drain', watching.onWritable)
      call.on('cancelled', close)
      call.on('close', close)
      call.on('finish', close)
    } catch (error) {
      call.emit('error', statusOf('Watch', error))
    }
  }

  server.addService({ connect: connectMethod }, { connect } as UntypedServiceImplementation)
  server.addService(alertMethods, {
    issue: unary('Issue', alerts.issue),
    update: unary('Update', alerts.update),
    end: unary('End', alerts.end),
    get: unary('Get', alerts.get),
    list: unary('List', alerts.list),
    getLedger: unary('GetLedger', alerts.getLedger),
    watch,
  } as UntypedServiceImplementation)
  server.addService(zoneMethods, {
    list: unary('List', zones.list),
    locate: unary('Locate', zones.locate),
    neighbours: unary('Neighbours', zones.neighbours),
  } as UntypedServiceImplementation)
  health.addToServer(server)
  new ReflectionService(
    loadSync(
      // Health too: grpcurl takes from here what it may call.
      [...['uplink_service', 'alert_service', 'zone_service'].map(file => `outrider/v1/${file}.proto`), healthProto],
      {
        includeDirs: [options.protoFolder],
        keepCase: true,
        longs: String,
      },
    ),
  ).addToServer(server)
  setServing(false)

  function setServing(isServing: boolean): void {
    for (const name of ['', ...Object.values(serviceNames)]) health.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING')
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${options.host}:${options.port}`, credentialsOf(options.tls), (error, port) =>
          error === null ? resolve(port) : reject(error),
        )
      }),
    setServing,
    refusedCalls: () => refused,
    stop(graceMs) {
      stopping ??= new Promise(resolve => {
        const timer = setTimeout(() => server.forceShutdown(), graceMs)
        server.tryShutdown(() => {
          clearTimeout(timer)
          resolve()
        })
      })
      return stopping
    },
  }
}

function credentialsOf(tls: PeerCredentials | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  return ServerCredentials.createSsl(tls.ca, [{ private_key: tls.key, cert_chain: tls.certificate }], true)
}
