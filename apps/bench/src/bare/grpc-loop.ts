// Bare grpc-js, both ends: a stream that acknowledges batches and a unary call, with nothing of ours but bytes in between.
// The uplink (a long-lived stream) and the services (unary calls) are measured against it.
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'

const identity = { serialize: (bytes: Buffer) => bytes, deserialize: (bytes: Buffer) => bytes }
const codec = {
  requestSerialize: identity.serialize,
  requestDeserialize: identity.deserialize,
  responseSerialize: identity.serialize,
  responseDeserialize: identity.deserialize,
}

const service = {
  stream: { path: '/bench.Bare/Stream', requestStream: true, responseStream: true, ...codec },
  unary: { path: '/bench.Bare/Unary', requestStream: false, responseStream: false, ...codec },
} satisfies ServiceDefinition

/** Answers every batch of a stream, and every unary call, with the first eight bytes of what it got. */
export function startBareServer(): Promise<number> {
  const server = new Server()
  server.addService(service, {
    stream: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (batch: Buffer) => call.write(batch.subarray(0, 8)))
      call.on('end', () => call.end())
      call.on('error', () => call.end())
    },
    unary: ({ request }: { request: Buffer }, answer: sendUnaryData<Buffer>) => answer(null, request.subarray(0, 8)),
  })
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)))
  })
}

/** A client's way to send one message and hear of its answer. */
export interface BareLink {
  /** Sends `message`; `onAnswer` is called once, with the error if there was one. Returns false when the transport asks to pause. */
  send(message: Buffer, onAnswer: (error?: Error) => void): boolean
  close(): void
}

/** One long-lived bidirectional stream; answers come in the order of the messages. */
export function openStream(port: number): BareLink {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  const call = client.makeBidiStreamRequest('/bench.Bare/Stream', identity.serialize, identity.deserialize)
  const waiting: ((error?: Error) => void)[] = []
  call.on('data', () => waiting.shift()?.())
  call.on('error', error => {
    for (const onAnswer of waiting.splice(0)) onAnswer(error)
  })
  return {
    send(message, onAnswer) {
      waiting.push(onAnswer)
      return call.write(message)
    },
    close() {
      call.end()
      client.close()
    },
  }
}

/** One call for every message. */
export function openUnary(port: number): BareLink {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  return {
    send(message, onAnswer) {
      client.makeUnaryRequest('/bench.Bare/Unary', identity.serialize, identity.deserialize, message, error => onAnswer(error ?? undefined))
      return true
    },
    close: () => client.close(),
  }
}
