// An address that stays while what is behind it comes and goes: nodes know their region by one.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Relay {
  readonly port: number
  /** Where new connections go; undefined refuses them. Those there are stay. */
  target: number | undefined
  /** Frozen, it takes connections and carries nothing, as a machine that hangs. */
  freeze(isFrozen: boolean): void
  stop(): Promise<void>
}

export async function createRelay(): Promise<Relay> {
  const sockets = new Set<Socket>()
  let isFrozen = false
  const server = createServer(inside => {
    if (relay.target === undefined) {
      inside.destroy()
      return
    }
    const outside = connect(relay.target, '127.0.0.1')
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}) // `close` follows
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
      if (isFrozen) one.pause()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    target: undefined,
    freeze(frozen) {
      isFrozen = frozen
      for (const socket of sockets) {
        if (frozen) socket.pause()
        else socket.resume()
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return relay
}
