import { outrider } from '@outrider/protocol'
import type { PeerMessage } from './link.js'

const { PeerServiceConnectRequest, PeerServiceConnectResponse } = outrider.v1

/** `outrider.v1.PeerService/Connect` as gRPC libraries want a method described. Both sides send the same messages; what wraps them is taken off. */
export const peerMethod = {
  path: '/outrider.v1.PeerService/Connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: PeerMessage): Buffer => asBuffer(PeerServiceConnectRequest.encode({ message }).finish()),
  requestDeserialize: (bytes: Buffer): PeerMessage => PeerServiceConnectRequest.decode(bytes).message ?? {},
  responseSerialize: (message: PeerMessage): Buffer => asBuffer(PeerServiceConnectResponse.encode({ message }).finish()),
  responseDeserialize: (bytes: Buffer): PeerMessage => PeerServiceConnectResponse.decode(bytes).message ?? {},
} as const

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
