// The services as gRPC wants them described: paths and the generated codecs, written by hand, since what loads protos at run time decodes
// by reflection (measured at a quarter of the speed).
import { outrider } from '@outrider/protocol'
import { connectMethod } from '@outrider/uplink'

const v1 = outrider.v1

interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array }
  decode(bytes: Uint8Array): Message
}

/** A method whose request and response have generated codecs. */
function method<Request, Response>(path: string, request: Codec<Request>, response: Codec<Response>, responseStream = false) {
  return {
    path: `/outrider.v1.${path}`,
    requestStream: false,
    responseStream,
    requestSerialize: (message: Request) => asBuffer(request.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: (message: Response) => asBuffer(response.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => response.decode(bytes),
  }
}

export const serviceNames = {
  uplink: 'outrider.v1.UplinkService',
  alerts: 'outrider.v1.AlertService',
  zones: 'outrider.v1.ZoneService',
} as const

export const uplinkDefinition = { connect: connectMethod } as const

export const alertDefinition = {
  issue: method('AlertService/Issue', v1.AlertServiceIssueRequest, v1.AlertServiceIssueResponse),
  update: method('AlertService/Update', v1.AlertServiceUpdateRequest, v1.AlertServiceUpdateResponse),
  end: method('AlertService/End', v1.AlertServiceEndRequest, v1.AlertServiceEndResponse),
  get: method('AlertService/Get', v1.AlertServiceGetRequest, v1.AlertServiceGetResponse),
  list: method('AlertService/List', v1.AlertServiceListRequest, v1.AlertServiceListResponse),
  watch: method('AlertService/Watch', v1.AlertServiceWatchRequest, v1.AlertServiceWatchResponse, true),
  getLedger: method('AlertService/GetLedger', v1.AlertServiceGetLedgerRequest, v1.AlertServiceGetLedgerResponse),
} as const

export const zoneDefinition = {
  list: method('ZoneService/List', v1.ZoneServiceListRequest, v1.ZoneServiceListResponse),
  locate: method('ZoneService/Locate', v1.ZoneServiceLocateRequest, v1.ZoneServiceLocateResponse),
  neighbours: method('ZoneService/Neighbours', v1.ZoneServiceNeighboursRequest, v1.ZoneServiceNeighboursResponse),
} as const

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
