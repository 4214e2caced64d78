import { outrider } from '@outrider/protocol'
import type { DownMessage, UpMessage } from './link.js'

const { UplinkServiceConnectRequest, UplinkServiceConnectResponse } = outrider.v1

/** `outrider.v1.UplinkService/Connect` as gRPC libraries want a method described; both ends use this one. */
export const connectMethod = {
  path: '/outrider.v1.UplinkService/Connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: UpMessage): Buffer => asBuffer(UplinkServiceConnectRequest.encode(message).finish()),
  requestDeserialize: (bytes: Buffer): UpMessage => UplinkServiceConnectRequest.decode(bytes),
  responseSerialize: (message: DownMessage): Buffer => asBuffer(UplinkServiceConnectResponse.encode(message).finish()),
  responseDeserialize: (bytes: Buffer): DownMessage => UplinkServiceConnectResponse.decode(bytes),
} as const

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
