import protobuf from 'protobufjs/minimal.js'
import { outrider } from '../gen/outrider.js'

/**
 * A report that `decodeReport` took, less every field that this version does not know: nobody here has judged what is in them, and a maker's
 * own field may well name the vehicle. At most one byte a sample longer than it came.
 */
export function withoutUnknownFields(report: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(report)
  reader.discardUnknown = true
  return outrider.v1.Report.encode(outrider.v1.Report.decode(reader)).finish()
}
