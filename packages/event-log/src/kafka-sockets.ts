import net from 'node:net'
import tls from 'node:tls'

/** Structurally what kafkajs calls a socket factory. */
type SocketFactory = (options: { host: string; port: number; ssl: tls.ConnectionOptions; onConnect: () => void }) => net.Socket

export interface KafkaSockets {
  readonly factory: SocketFactory
  /** Ends every connection to `broker` ("host:port"), so that the client notices and connects again. */
  cut(broker: string): void
  cutAll(): void
  /** Lets go of what is left, once the client is done with it. */
  close(): void
}

/**
 * The sockets of one Kafka client, kept in view so that a mute connection can be cut: after a request timeout the client itself
 * would go on using the same dead socket for ever.
 */
export function createKafkaSockets(): KafkaSockets {
  /** As many as the client opens: one or two per broker. */
  const open = new Map<net.Socket, string>()

  function cutWhere(matches: (broker: string) => boolean): void {
    // The client listens for "error", not for "close": without an error it would not learn of it.
    for (const [socket, broker] of open) if (matches(broker)) socket.destroy(new Error(`connection to ${broker} cut: no answer`))
  }

  return {
    factory({ host, port, ssl, onConnect }) {
      const socket = ssl
        ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
        : net.connect({ host, port }, onConnect)
      socket.setKeepAlive(true, 30_000)
      socket.setNoDelay(true)
      open.set(socket, `${host}:${port}`)
      socket.once('close', () => open.delete(socket))
      return socket
    },
    cut: broker => cutWhere(each => each === broker),
    cutAll: () => cutWhere(() => true),
    close() {
      for (const socket of open.keys()) socket.destroy()
    },
  }
}
