import { outrider } from '../gen/outrider.js'

const { v1 } = outrider

/** Sizes below are bytes of messages at their largest: every field there, every varint and name at full length. */
const alertIdBytesMax = 2 + 64 + 5 + 6
const heldAlertBytesMax = 2 + 2 + alertIdBytesMax + 6

/**
 * 10 samples of at most 129 (39 motion, 21 flags, 18 conditions, 4 observations of 12, 3 tag and length) = 1,290; 20 for number, time, length and role;
 * 8 verdicts of at most 2 + 2 + 77 + 6 + 2 + 9 = 98 → 784. Together 2,094, doubled so that fields of newer SDKs fit.
 */
const reportBytesMax = 4_096
/** 256 held alerts of 87 = 22,272; 32 features of 34; names, position and times under 300. Together 23,660. */
const helloBytesMax = 256 * heldAlertBytesMax + 2_304
/** 64 entries of at most 2 + 79 + 6 + 2 + 2 + 9 = 100 → 6,400, and a quarter more for new fields. */
const deliveryAckBytesMax = 8_192
/** An area of 1,000 points of 19 = 19,000; 8 texts of 500 characters of 4 bytes = 16,400; history and causes under 1,000; doubled. */
const alertBytesMax = 65_536
/** 32 neighbours with footprints; a node sends those it has room for. */
const welcomeBytesMax = 65_536
/** Whatever is smaller than all of these by nature. */
const smallBytesMax = 2_048
/** Room for 512 refused and 512 overtaking ranges of 16 bytes; a node sends more in a second frame. */
const reportAckBytesMax = 16_384

/** How much longer the JSON twin of a message may be: names and digits; a report of full samples is 10 times as long. */
export const jsonBytesFactor = 12

export interface FrameType {
  /** Field number of the Frame oneof and first byte of the binary frame, 1..127. */
  readonly number: number
  /** Longest message in bytes, without the first byte; the JSON text may be `jsonBytesFactor` times as long. Longer ones are refused unread. */
  readonly bytesMax: number
  readonly sentBy: 'vehicle' | 'edge' | 'both'
}

/** The frames by the name of their field: what the first byte says, in which direction, and how long. */
export const frameTypes = {
  hello: { number: 1, bytesMax: helloBytesMax, sentBy: 'vehicle' },
  welcome: { number: 2, bytesMax: welcomeBytesMax, sentBy: 'edge' },
  telemetry: { number: 3, bytesMax: reportBytesMax, sentBy: 'vehicle' },
  urgent: { number: 4, bytesMax: reportBytesMax, sentBy: 'vehicle' },
  reportAck: { number: 5, bytesMax: reportAckBytesMax, sentBy: 'edge' },
  alert: { number: 6, bytesMax: alertBytesMax, sentBy: 'edge' },
  end: { number: 7, bytesMax: smallBytesMax, sentBy: 'edge' },
  deliveryAck: { number: 8, bytesMax: deliveryAckBytesMax, sentBy: 'vehicle' },
  time: { number: 9, bytesMax: smallBytesMax, sentBy: 'both' },
  interval: { number: 10, bytesMax: smallBytesMax, sentBy: 'edge' },
  drain: { number: 11, bytesMax: smallBytesMax, sentBy: 'edge' },
  error: { number: 12, bytesMax: smallBytesMax, sentBy: 'both' },
} as const satisfies Record<string, FrameType>

export type FrameName = keyof typeof frameTypes

/** Longest binary frame each side may send, first byte included: what a socket is told to accept. */
export const frameBytesMax = { vehicle: longestFrom('vehicle'), edge: longestFrom('edge') } as const

function longestFrom(sender: 'vehicle' | 'edge'): number {
  const sent = Object.values(frameTypes).filter(type => type.sentBy === sender || type.sentBy === 'both')
  return 1 + Math.max(...sent.map(type => type.bytesMax))
}

/** The message class of each frame. */
export const frameMessages = {
  hello: v1.Hello,
  welcome: v1.Welcome,
  telemetry: v1.Report,
  urgent: v1.Report,
  reportAck: v1.ReportAck,
  alert: v1.AlertPush,
  end: v1.EndPush,
  deliveryAck: v1.DeliveryAck,
  time: v1.TimeExchange,
  interval: v1.Interval,
  drain: v1.Drain,
  error: v1.Error,
} as const

/** A frame's message as decoded. */
export type FrameMessage<Name extends FrameName> = ReturnType<(typeof frameMessages)[Name]['decode']>
/** A frame's message as a plain object to encode. */
export type FrameContent<Name extends FrameName> = Parameters<(typeof frameMessages)[Name]['encode']>[0]

const names: readonly (FrameName | undefined)[] = Array.from({ length: 128 }, (_, number) =>
  (Object.keys(frameTypes) as FrameName[]).find(name => frameTypes[name].number === number),
)

/** The name of a frame number; undefined for numbers of a newer peer, which are ignored and counted. */
export function frameName(number: number): FrameName | undefined {
  return names[number]
}
