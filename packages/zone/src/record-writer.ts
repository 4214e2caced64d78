/*
 * Bytes of records for the node's logs. An accepted report, nearly all there is, is written by hand around the vehicle's own bytes into one
 * reused buffer, so that it is not encoded a second time; so are the steps of deliveries, of which a fan-out has one per recipient before
 * the first is sent to (3.0 µs with the generated encoder). Everything else goes through the generated encoder. Node, lane, epoch and sequence are the log's to know, and are appended by who lifts a record off it (proto/outrider/v1/record.proto). No link and no
 * enrolment is in a record: only the pseudonym.
 */
import type { DeliveryTransition } from '@outrider/delivery'
import { outrider } from '@outrider/protocol'
import type { ZoneClock } from './zone-ports.js'

const { DeliveryTransition: TransitionMessage, Record: RecordMessage } = outrider.v1
const schema = 1
/** A report's largest frame, twice 64 bytes of names, and the fixed fields. */
const bufferBytes = 4_096 + 512

/** What of a report's record is the same for all reports of a session. */
export interface RecordHead {
  /** Field `authority` with its tag and length. */
  readonly authority: Uint8Array
  /** Fields `vehicle` and `sdk_start` of the report with theirs. */
  readonly vehicle: Uint8Array
}

export interface RecordWriter {
  /**
   * @param receivedWallMs when the frame came in, corrected wall time
   * @param clockOffsetMs to be added to the vehicle's times to get wall time; NaN = not known
   * @param report the report's message as it came, at most 4,096 bytes
   * @returns a view that holds until the next call
   */
  report(head: RecordHead, receivedWallMs: number, clockOffsetMs: number, report: Uint8Array, urgent: boolean): Uint8Array
  /**
   * A step of a delivery, that does not say where the vehicle went to.
   * @param wallMs corrected wall time of the step
   * @returns a view that holds until the next call
   */
  transition(head: RecordHead, step: DeliveryTransition, wallMs: number): Uint8Array
  /** Any other record, with its authority. */
  other(content: outrider.v1.Record.$Properties): Uint8Array
}

export function createRecordHead(authority: string, vehicle: string, sdkStart: number): RecordHead {
  return {
    authority: RecordMessage.encode({ authority }).finish().slice(),
    vehicle: outrider.v1.AcceptedReport.encode({ vehicle, sdkStart }).finish().slice(),
  }
}

export function createRecordWriter(clock: ZoneClock, boot: number): RecordWriter {
  const buffer = new Uint8Array(bufferBytes)
  const view = new DataView(buffer.buffer)
  let at = 0
  const double = (tag: number, value: number): void => {
    buffer[at] = tag
    view.setFloat64(at + 1, value, true)
    at += 9
  }
  const bytes = (part: Uint8Array): void => {
    // A call into the engine costs more than copying what most parts have: heads of 30 bytes, a report of 50.
    if (part.length > 96) buffer.set(part, at)
    else for (let index = 0; index < part.length; index++) buffer[at + index] = part[index]!
    at += part.length
  }
  const varint = (value: number): void => {
    while (value > 127) {
      buffer[at++] = (value & 127) | 128
      value >>>= 7
    }
    buffer[at++] = value
  }
  const number = (tag: number, value: number): void => {
    buffer[at++] = tag
    varint(value)
  }
  /** What every record begins with. */
  const begin = (head: RecordHead, recordedTimeMs: number): void => {
    at = 0
    buffer[at++] = 8
    buffer[at++] = schema
    bytes(head.authority)
    double(57, recordedTimeMs)
    double(65, recordedTimeMs - clock.wallOffsetMs())
    double(73, clock.wallOffsetMs())
    buffer[at] = 85
    view.setUint32(at + 1, boot, true)
    at += 5
  }
  /** Field `alert_id` of the alert that the last step was of; those of a fan-out are all of one. */
  let lastId: DeliveryTransition['id'] | undefined
  let lastIdBytes = new Uint8Array()
  /** The fields of a step, in their order. */
  const stepFields = (head: RecordHead, step: DeliveryTransition, wallMs: number): void => {
    if (lastId !== step.id) {
      lastId = step.id
      lastIdBytes = Uint8Array.from(TransitionMessage.encode({ alertId: step.id }).finish())
    }
    bytes(lastIdBytes)
    number(16, step.revision)
    // The pseudonym, at most 64 bytes, as it stands in the head, under another tag.
    const pseudonymAt = at
    bytes(head.vehicle.subarray(0, 2 + head.vehicle[1]!))
    buffer[pseudonymAt] = 26
    if (step.state !== 0) number(32, step.state)
    if (step.stage !== 0) number(40, step.stage)
    if (step.dropReason !== 0) number(48, step.dropReason)
    double(57, wallMs)
    if (step.vehicleTimeMs !== undefined) double(65, step.vehicleTimeMs)
    if (step.recovered) number(80, 1)
    if (step.alreadyHeld) number(88, 1)
    if (step.timeToHazardMs !== undefined) number(96, Math.round(step.timeToHazardMs))
    if (step.distanceM !== undefined) number(104, Math.round(step.distanceM))
    // From one clock reading, so that a correction of the wall clock in between does not change how long the way took.
    if (step.sentAtMs !== undefined) double(113, wallMs - (step.atMs - step.sentAtMs))
    if (step.reached) double(121, wallMs)
  }
  return {
    report(head, receivedWallMs, clockOffsetMs, report, urgent) {
      const hasOffset = !Number.isNaN(clockOffsetMs)
      begin(head, receivedWallMs)
      // Field 16, length-delimited: a tag of two bytes.
      buffer[at++] = 130
      buffer[at++] = 1
      varint(head.vehicle.length + 9 + (hasOffset ? 9 : 0) + 1 + varintBytes(report.length) + report.length + (urgent ? 2 : 0))
      bytes(head.vehicle)
      double(25, receivedWallMs)
      if (hasOffset) double(33, clockOffsetMs)
      buffer[at++] = 42
      varint(report.length)
      bytes(report)
      if (urgent) {
        buffer[at++] = 48
        buffer[at++] = 1
      }
      return buffer.subarray(0, at)
    },
    transition(head, step, wallMs) {
      begin(head, clock.wallMs())
      // Field 20, length-delimited: a tag of two bytes, and one of length, or two if it turns out to be longer.
      buffer[at++] = 162
      buffer[at++] = 1
      const lengthAt = at++
      stepFields(head, step, wallMs)
      const fieldBytes = at - lengthAt - 1
      if (fieldBytes > 127) buffer.copyWithin(lengthAt + 2, lengthAt + 1, at)
      at = lengthAt
      varint(fieldBytes)
      at += fieldBytes
      return buffer.subarray(0, at)
    },
    other(content) {
      const recordedTimeMs = clock.wallMs()
      const clockOffsetMs = clock.wallOffsetMs()
      return RecordMessage.encode({
        schema,
        recordedTimeMs,
        clockTimeMs: recordedTimeMs - clockOffsetMs,
        clockOffsetMs,
        boot,
        ...content,
      }).finish()
    },
  }
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : 3
}
