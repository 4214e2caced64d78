// A TCP proxy in front of a broker that can lose acknowledgements: the broker writes a batch, and the answer never arrives.
import { once } from 'node:events'
import net from 'node:net'

export interface LossyProxy {
  readonly port: number
  /** Of the next answers to Produce requests, this many are lost, each with its connection. */
  lose(answers: number): void
  readonly lost: number
  /** From now on nothing passes on the connections there are, and nobody is told: a half-open link. New connections work. */
  mute(): void
  close(): void
}

const produceKey = 0

/** @param brokerPort asked at each connection, as the broker may be started after its proxy */
export async function startLossyProxy(brokerPort: () => number): Promise<LossyProxy> {
  let [toLose, lost] = [0, 0]
  const sockets = new Set<net.Socket>()
  let epoch = 0
  const server = net.createServer(client => {
    const broker = net.connect(brokerPort(), '127.0.0.1')
    const produces = new Set<number>()
    const bornIn = epoch
    const isMute = () => bornIn !== epoch
    const cut = () => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', cut).on('close', cut)
    }
    client.on(
      'data',
      byFrame(frame => {
        if (isMute()) return
        if (frame.readInt16BE(4) === produceKey) produces.add(frame.readInt32BE(8))
        broker.write(frame)
      }),
    )
    broker.on(
      'data',
      byFrame(frame => {
        if (isMute()) return
        if (produces.delete(frame.readInt32BE(4)) && toLose > 0) {
          toLose--
          lost++
          cut()
        } else client.write(frame)
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as net.AddressInfo).port,
    lose(answers) {
      toLose = answers
    },
    get lost() {
      return lost
    },
    mute() {
      epoch++
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Kafka's frames: four bytes of length, then as many bytes. Requests: api key at 4, correlation at 8; answers: correlation at 4. */
function byFrame(onFrame: (frame: Buffer) => void): (data: Buffer) => void {
  let held = Buffer.alloc(0)
  return data => {
    held = Buffer.concat([held, data])
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0)
      onFrame(held.subarray(0, end))
      held = held.subarray(end)
    }
  }
}
