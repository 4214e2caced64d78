// A node of few words on a real WebSocket server: welcomes, keeps what it hears, says what the test has it say.
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { DecodedFrame, FrameContent, FrameName } from '@outrider/protocol'
import { decodeFrame, encodeFrame, subprotocols } from '@outrider/protocol'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'

interface RealLink {
  readonly request: IncomingMessage
  /** Subprotocols that were offered. */
  readonly offered: readonly string[]
  readonly frames: DecodedFrame[]
  readonly closed: Promise<number>
  send<Name extends FrameName>(type: Name, content: FrameContent<Name>): void
  /** Cuts the connection without a close frame. */
  cut(): void
  close(code: number): void
  /** Reads and answers nothing any more, but keeps the connection open. */
  goSilent(): void
}

export interface RealNode {
  readonly url: string
  readonly links: RealLink[]
  /** Set to refuse upgrades with an HTTP status. */
  refuseWith: number | undefined
  /** Resolves as soon as it is true; looked at whenever something has happened. */
  until(isTrue: () => boolean): Promise<void>
  stop(): Promise<void>
}

export async function startRealNode(): Promise<RealNode> {
  const links: RealLink[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const server = createServer()
  const wss = new WebSocketServer({
    noServer: true,
    handleProtocols: offered => (offered.has(subprotocols.binary) ? subprotocols.binary : false),
  })

  function happened(): void {
    for (const look of [...waiting]) look()
  }

  function welcome(socket: WebSocket, request: IncomingMessage): void {
    const frames: DecodedFrame[] = []
    const link: RealLink = {
      request,
      offered: (request.headers['sec-websocket-protocol'] ?? '').split(',').map(entry => entry.trim()),
      frames,
      closed: new Promise(resolve => socket.on('close', resolve)),
      send: (type, content) => socket.send(encodeFrame(type, content)),
      cut: () => socket.terminate(),
      close: code => socket.close(code),
      goSilent: () => request.socket.pause(),
    }
    socket.on('message', data => {
      const frame = decodeFrame(new Uint8Array(data as Buffer))
      if (frame.kind !== 'frame') throw new Error(`the vehicle sent a frame that is ${frame.kind}`)
      frames.push(frame)
      if (frame.type === 'hello') link.send('welcome', { zone: 'z', node: 'n', serverTimeMs: Date.now(), intervalMs: 100 })
      if (frame.type === 'time') {
        link.send('time', { askedTimeMs: frame.message.askedTimeMs, receivedTimeMs: Date.now(), answeredTimeMs: Date.now() })
      }
      happened()
    })
    links.push(link)
    happened()
  }

  const node: RealNode = {
    url: '',
    links,
    refuseWith: undefined,
    until: isTrue =>
      new Promise(resolve => {
        const look = (): void => {
          if (!isTrue()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    if (node.refuseWith === undefined) {
      wss.handleUpgrade(request, socket, head, ws => welcome(ws, request))
      return
    }
    socket.end(`HTTP/1.1 ${node.refuseWith} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(node, { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

/** All frames of one type over all links. */
export function framesOf<Name extends FrameName>(node: RealNode, type: Name): Extract<DecodedFrame, { type: Name }>['message'][] {
  return node.links.flatMap(link => link.frames.filter(frame => frame.type === type).map(frame => frame.message)) as never
}
