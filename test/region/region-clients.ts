// Clients as others would write them: services through the protos and a generic gRPC client, a node through packages/uplink and the edge's link.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { OpenLink } from '@outrider/uplink'
import { createRegionLink } from '../../apps/edge/src/region-link.js'
import { authority, type RegionPlace } from './region-process.js'

const protos = fileURLToPath(new URL('../../proto', import.meta.url))
const loaded = loadPackageDefinition(
  loadSync(['outrider/v1/alert_service.proto', 'outrider/v1/zone_service.proto'], {
    includeDirs: [protos],
    longs: Number,
    enums: String,
    defaults: true,
  }),
) as unknown as {
  outrider: {
    v1: Record<'AlertService' | 'ZoneService', new (address: string, credentials: ChannelCredentials, options?: object) => Client & Methods>
  }
}

/** An address is no name to check a certificate against. */
const named = { 'grpc.ssl_target_name_override': 'localhost' }

type Methods = Record<
  string,
  (request: object, answer: (error: ServiceError | null, response: never) => void) => ClientReadableStream<object>
>

// biome-ignore lint/suspicious/noExplicitAny: what a generic client answers has no type here; the tests look at its content.
export type Answer = any

export interface ServiceClient {
  call(method: string, request: object): Promise<Answer>
  stream(method: string, request: object): ClientReadableStream<object>
  close(): void
}

export function credentialsOf(place: RegionPlace, role: string, name: string): ChannelCredentials {
  const { ca, certificate, key } = place.credentials(role, name)
  return credentials.createSsl(readFileSync(ca), readFileSync(key), readFileSync(certificate))
}

/** Trusts the region and shows nothing. */
export function withoutCertificate(place: RegionPlace): ChannelCredentials {
  return credentials.createSsl(readFileSync(path.join(place.folder, 'keys', 'ca.pem')))
}

export function createServiceClient(service: 'AlertService' | 'ZoneService', port: number, channel: ChannelCredentials): ServiceClient {
  const client = new loaded.outrider.v1[service](`127.0.0.1:${port}`, channel, named)
  return {
    call: (method, request) =>
      new Promise((resolve, reject) => {
        client[method]!(request, (error, response) => (error === null ? resolve(response) : reject(error)))
      }),
    stream: (method, request) => client[method]!(request, () => {}),
    close: () => client.close(),
  }
}

/** How a node reaches a region: by the edge's own link. The port is asked at each attempt, since a region that starts again has another one. */
export function openRegionLink(port: () => number, place: RegionPlace, name: string): OpenLink {
  const { ca, certificate, key } = place.credentials('node', name)
  const tls = { ca: readFileSync(ca), certificate: readFileSync(certificate), key: readFileSync(key) }
  return events => createRegionLink({ address: `127.0.0.1:${port()}`, tls, authority })(events)
}
