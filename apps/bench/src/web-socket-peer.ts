// The lean side of a WebSocket benchmark: raw sockets and frames made by hand, so that the generator costs as little as can be
// and the server is what is measured. RFC 6455: client frames are masked, server frames are not.
import { createConnection, type Socket } from 'node:net'

/** A connected peer. `onBytes` gets what arrives after the handshake, frame headers included. */
export interface WebSocketPeer {
  write(frame: Uint8Array): void
  onBytes: (bytes: Buffer) => void
  /** The connection is gone, whoever ended it. */
  onGone: () => void
  /** Reads nothing more until `resume`: what comes stays in the kernel. */
  pause(): void
  resume(): void
  close(): void
}

/** Sockets opened at a time: enough to be quick, few enough for the listen queue (511 by default). */
const openAtOnce = 200

/** Opens `count` peers on 127.0.0.1:`port`; rejects with the first refusal. @param headers of the n-th one's request, each with its line's end */
export async function openPeers(port: number, count: number, headers: (index: number) => string = () => ''): Promise<WebSocketPeer[]> {
  const peers: WebSocketPeer[] = []
  while (peers.length < count) {
    const batch = Math.min(openAtOnce, count - peers.length)
    peers.push(...(await Promise.all(Array.from({ length: batch }, (_, index) => openPeer(port, headers(peers.length + index))))))
  }
  return peers
}

function openPeer(port: number, headers: string): Promise<WebSocketPeer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.write(
        `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
      )
    })
    let head = Buffer.alloc(0)
    const onHandshake = (bytes: Buffer) => {
      head = Buffer.concat([head, bytes])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', onHandshake)
      if (!head.toString('latin1', 0, 12).endsWith('101'))
        return reject(new Error(`the server refused the upgrade: ${head.toString('latin1', 0, 60)}`))
      resolve(createPeer(socket))
    }
    socket.on('data', onHandshake)
  })
}

function createPeer(socket: Socket): WebSocketPeer {
  const peer: WebSocketPeer = {
    write: frame => void socket.write(frame),
    onBytes: () => undefined,
    onGone: () => undefined,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => socket.destroy(),
  }
  socket.on('data', bytes => peer.onBytes(bytes))
  socket.on('close', () => peer.onGone())
  return peer
}

/** Opcodes of a frame (RFC 6455, 5.2). */
export const opcodes = { binary: 2, close: 8, ping: 9, pong: 10 } as const

/** A masked client frame around `payload` (at most 65,535 bytes), binary unless it is said. */
export function maskedFrame(payload: Uint8Array, mask: number, opcode: number = opcodes.binary): Buffer {
  const long = payload.length > 125
  const frame = Buffer.alloc((long ? 8 : 6) + payload.length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (long ? 126 : payload.length)
  if (long) frame.writeUInt16BE(payload.length, 2)
  const body = long ? 8 : 6
  frame.writeUInt32BE(mask, body - 4)
  for (let i = 0; i < payload.length; i++) frame[body + i] = payload[i]! ^ frame[body - 4 + (i & 3)]!
  return frame
}

/** Length of the unmasked server frame around a payload of `payloadBytes` (at most 65,535 bytes). */
export function serverFrameBytes(payloadBytes: number): number {
  return payloadBytes + (payloadBytes > 125 ? 4 : 2)
}

/**
 * Takes whole server frames off the front of what came. @returns what is left: the beginning of the next frame
 * @throws Error on a frame in parts, which no server of ours sends
 */
export function takeFrames(bytes: Buffer, onFrame: (opcode: number, payload: Buffer) => void): Buffer {
  let at = 0
  while (bytes.length - at >= 2) {
    const short = bytes[at + 1]!
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length - at < head) break
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    if (bytes.length - at < head + length) break
    if ((bytes[at]! & 0x80) === 0) throw new Error('a server frame in parts')
    onFrame(bytes[at]! & 15, bytes.subarray(at + head, at + head + length))
    at += head + length
  }
  return bytes.subarray(at)
}
