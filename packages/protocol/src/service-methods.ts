// The services as gRPC libraries want methods described: paths and the generated codecs, written by hand, since what loads protos at run
// time decodes by reflection (measured at a quarter of the speed). Servers and clients use these; no gRPC library is named here.
import { outrider } from '../gen/outrider.js'

const v1 = outrider.v1

interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array }
  decode(bytes: Uint8Array): Message
}

/** A method as `@grpc/grpc-js` and alike take it, in clients and in service definitions. */
export interface ServiceMethod<Request, Response> {
  readonly path: string
  readonly requestStream: false
  readonly responseStream: boolean
  readonly requestSerialize: (message: Request) => Buffer
  readonly requestDeserialize: (bytes: Buffer) => Request
  readonly responseSerialize: (message: Response) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => Response
}

export const serviceNames = {
  uplink: 'outrider.v1.UplinkService',
  alerts: 'outrider.v1.AlertService',
  zones: 'outrider.v1.ZoneService',
} as const

export const alertMethods = {
  issue: method('AlertService/Issue', v1.AlertServiceIssueRequest, v1.AlertServiceIssueResponse),
  update: method('AlertService/Update', v1.AlertServiceUpdateRequest, v1.AlertServiceUpdateResponse),
  end: method('AlertService/End', v1.AlertServiceEndRequest, v1.AlertServiceEndResponse),
  get: method('AlertService/Get', v1.AlertServiceGetRequest, v1.AlertServiceGetResponse),
  list: method('AlertService/List', v1.AlertServiceListRequest, v1.AlertServiceListResponse),
  watch: method('AlertService/Watch', v1.AlertServiceWatchRequest, v1.AlertServiceWatchResponse, true),
  getLedger: method('AlertService/GetLedger', v1.AlertServiceGetLedgerRequest, v1.AlertServiceGetLedgerResponse),
} as const

export const zoneMethods = {
  list: method('ZoneService/List', v1.ZoneServiceListRequest, v1.ZoneServiceListResponse),
  locate: method('ZoneService/Locate', v1.ZoneServiceLocateRequest, v1.ZoneServiceLocateResponse),
  neighbours: method('ZoneService/Neighbours', v1.ZoneServiceNeighboursRequest, v1.ZoneServiceNeighboursResponse),
} as const

/** A method whose request and response have generated codecs. */
function method<Request, Response>(
  path: string,
  request: Codec<Request>,
  response: Codec<Response>,
  responseStream = false,
): ServiceMethod<Request, Response> {
  return {
    path: `/outrider.v1.${path}`,
    requestStream: false,
    responseStream,
    requestSerialize: message => asBuffer(request.encode(message).finish()),
    requestDeserialize: bytes => request.decode(bytes),
    responseSerialize: message => asBuffer(response.encode(message).finish()),
    responseDeserialize: bytes => response.decode(bytes),
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
