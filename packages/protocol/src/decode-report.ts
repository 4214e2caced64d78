// The hot decode: from the bytes of a report to the columns of a reused record. It reads what the generated decoder reads, in the same way
// (last one wins, unknown fields and wrong wire types are skipped, a truncated message is refused whole), but builds no objects:
// a proto3 zero would delete a property there and change the object's shape. The cases are whole tags, number × 8 + wire type.
import protobuf from 'protobufjs/minimal.js'
import { outrider } from '../gen/outrider.js'
import type { ReportOutcome } from './check-report.js'
import { checkReport, reportOutcomes } from './check-report.js'
import { lastFlag } from './flags.js'
import { observationsPerSampleMax, samplesMax, verdictsMax } from './report-limits.js'
import type { ReportRecord } from './report-record.js'
import { clearReport, clearRow } from './report-record.js'

type Reader = protobuf.Reader
/** The generated decoder's real arguments: the depth counts against the recursion limit. */
type DecodeAtDepth = (reader: Reader, length: number, end: undefined, depth: number) => outrider.v1.Verdict

const reader = new protobuf.Reader(new Uint8Array(0))
const decodeVerdict = outrider.v1.Verdict.decode as unknown as DecodeAtDepth
const truncated = new RangeError('a message ends beyond the message around it')
const scratch = new DataView(new ArrayBuffer(8))
const wireType = 7
/** Of observations and verdicts one more than allowed is kept, so that the check sees that there were too many. */
const observationsKept = observationsPerSampleMax + 1

/**
 * Reads a report into `record`, which is overwritten, and checks it. `bytes` is the message without the frame's first byte; nothing of it is kept.
 * If the outcome is not `ok`, the record's contents mean nothing but `problemField`. Never throws, and allocates only for verdicts,
 * problems and malformed bytes.
 */
export function decodeReport(bytes: Uint8Array, record: ReportRecord): ReportOutcome {
  clearReport(record)
  reader.buf = bytes
  reader.pos = 0
  reader.len = bytes.length
  try {
    readReport(record)
  } catch {
    // The reader throws for any malformed input, and for nothing else; which byte it was helps nobody.
    return reportOutcomes.malformed
  }
  return checkReport(record)
}

function readReport(record: ReportRecord): void {
  const end = reader.len
  while (reader.pos < end) {
    const tag = readTag()
    switch (tag) {
      case 8:
        record.number = readUint32()
        break
      case 17:
        readTime(record)
        break
      case 26:
        readSample(record)
        break
      case 32:
        record.lengthM = readUint32() / 10
        break
      case 40:
        record.role = reader.int32()
        break
      case 50:
        readVerdict(record)
        break
      default:
        record.mayHoldUnknown = true
        reader.skipType(tag & wireType, 0, tag >>> 3)
    }
  }
}

function readVerdict(record: ReportRecord): void {
  record.mayHoldUnknown = true
  const verdict = decodeVerdict(reader, reader.size(), undefined, 1)
  if (record.verdicts.length <= verdictsMax) record.verdicts = [...record.verdicts, verdict]
}

function readSample(record: ReportRecord): void {
  const outerEnd = reader.len
  const end = beginMessage()
  const row = Math.min(record.sampleCount, samplesMax)
  record.sampleCount++
  clearRow(record, row)
  let observations = 0
  while (reader.pos < end) {
    const tag = readTag()
    switch (tag) {
      case 8:
        record.offsetMs[row] = readUint32()
        break
      case 21:
        record.latitudeDeg[row] = readSfixed32() / 1e7
        break
      case 29:
        record.longitudeDeg[row] = readSfixed32() / 1e7
        break
      case 32:
        record.altitudeM[row] = readSint32() / 100
        break
      case 40:
        record.accuracyM[row] = readUint32() / 10
        break
      case 48:
        record.speedMps[row] = readUint32() / 100
        break
      case 56:
        record.headingDeg[row] = readUint32() / 10
        break
      case 64:
        record.accelMps2[row] = readSint32() / 100
        break
      case 72:
        record.lateralAccelMps2[row] = readSint32() / 100
        break
      case 80:
        record.yawRateDegps[row] = readSint32() / 100
        break
      case 88:
        record.roughnessMps2[row] = readUint32() / 100
        break
      case 96:
        addFlag(record, row, reader.int32())
        break
      case 98:
        readFlags(record, row)
        break
      case 106:
        readObservation(record, row, observations++)
        break
      case 112:
        record.friction[row] = readUint32() / 100
        break
      case 120:
        record.airTemperatureC[row] = readSint32() / 10
        break
      case 128:
        record.wiper[row] = readUint32()
        break
      case 136:
        record.rain[row] = readUint32() / 100
        break
      case 144:
        record.visibilityM[row] = readUint32()
        break
      case 152:
        record.roadSurface[row] = knownSurface(reader.int32())
        break
      default:
        record.mayHoldUnknown = true
        reader.skipType(tag & wireType, 1, tag >>> 3)
    }
  }
  endMessage(end, outerEnd)
}

function readFlags(record: ReportRecord, row: number): void {
  const outerEnd = reader.len
  const end = beginMessage()
  while (reader.pos < end) addFlag(record, row, reader.int32())
  endMessage(end, outerEnd)
}

function addFlag(record: ReportRecord, row: number, flag: number): void {
  if (flag >= 1 && flag <= lastFlag) record.flags[row]! |= 1 << (flag - 1)
}

function readObservation(record: ReportRecord, row: number, index: number): void {
  const outerEnd = reader.len
  const end = beginMessage()
  let cause = 0
  let subCause = 0
  let distanceM = Number.NaN
  let source = 0
  while (reader.pos < end) {
    const tag = readTag()
    switch (tag) {
      case 8:
        cause = reader.int32()
        break
      case 16:
        subCause = readUint32()
        break
      case 24:
        distanceM = readUint32() / 10
        break
      case 32:
        source = reader.int32()
        break
      default:
        record.mayHoldUnknown = true
        reader.skipType(tag & wireType, 2, tag >>> 3)
    }
  }
  endMessage(end, outerEnd)
  if (row === samplesMax || index >= observationsKept) return
  const at = record.observationCount++
  record.observationSample[at] = row
  record.observationCause[at] = cause
  record.observationSubCause[at] = subCause
  record.observationDistanceM[at] = distanceM
  record.observationSource[at] = source
}

/** A road surface of a newer VSS is one we do not know. */
function knownSurface(surface: number): number {
  return surface >= 0 && surface <= outrider.v1.RoadSurface.ROAD_SURFACE_LOOSE_GRAVEL ? surface : 0
}

/** Reads a length and makes the reader end there. */
function beginMessage(): number {
  const end = reader.size() + reader.pos
  if (end > reader.len) throw truncated
  reader.len = end
  return end
}

/** Checks that the inner message ended where it said, and gives the reader its outer end back. */
function endMessage(end: number, outerEnd: number): void {
  if (reader.pos !== end) throw truncated
  reader.len = outerEnd
}

/** As reader.tag(), with the common one byte read here: calls of the reader cost a third of the decode. */
function readTag(): number {
  const { buf, pos } = reader
  const byte = buf[pos]!
  if (byte > 127) return reader.tag()
  reader.pos = pos + 1
  return byte
}

/** As reader.uint32(), with the common one and two bytes read here. */
function readUint32(): number {
  const { buf, pos } = reader
  if (pos + 2 > reader.len) return reader.uint32()
  const first = buf[pos]!
  if (first < 128) {
    reader.pos = pos + 1
    return first
  }
  const second = buf[pos + 1]!
  if (second > 127) return reader.uint32()
  reader.pos = pos + 2
  return (first & 127) | (second << 7)
}

function readSint32(): number {
  const value = readUint32()
  return (value >>> 1) ^ -(value & 1)
}

/** As reader.double(), which boxes its result: 16 bytes of garbage per report. */
/** Stores it here: a double that a function returns is a number on the heap wherever the compiler does not inline the call. */
function readTime(record: ReportRecord): void {
  scratch.setInt32(0, readSfixed32(), true)
  scratch.setInt32(4, readSfixed32(), true)
  record.timeMs = scratch.getFloat64(0, true)
}

function readSfixed32(): number {
  const { buf, pos } = reader
  if (pos + 4 > reader.len) throw truncated
  reader.pos = pos + 4
  return buf[pos]! | (buf[pos + 1]! << 8) | (buf[pos + 2]! << 16) | (buf[pos + 3]! << 24)
}
