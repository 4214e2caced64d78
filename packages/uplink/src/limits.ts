const kib = 1024
const mib = 1024 * kib

/** Bounds of a node's end, and what happens beyond them. */
export interface NodeUplinkLimits {
  /** Records of one batch at most. */
  readonly batchRecordsMax: number
  /** Bytes of one batch at most; a longer record goes alone. */
  readonly batchBytesMax: number
  /** A link that brought nothing for so long is closed and opened anew. */
  readonly silenceMs: number
  /** How often the region's clock is asked for, which is also the sign of life. */
  readonly pingMs: number
  /** Pause before the first attempt after a failure; doubles with each, up to the last; drawn at random between half and the whole. */
  readonly retryMsMin: number
  readonly retryMsMax: number
}

export const nodeUplinkLimits: NodeUplinkLimits = Object.freeze({
  /** 1,000 reports of ~200 B are as much as the bytes below allow. */
  batchRecordsMax: 1_000,
  /** A tenth of the window, so that acknowledgements come while there is still room; far below gRPC's 4 MiB for a message. */
  batchBytesMax: 256 * kib,
  /** Two pings and a retransmission. */
  silenceMs: 12_000,
  pingMs: 5_000,
  retryMsMin: 100,
  /** A region that comes back is found within five seconds; 1,000 nodes then make 200 attempts a second. */
  retryMsMax: 5_000,
})

/** Bounds of a region's end. */
export interface RegionUplinkLimits {
  /** Bytes of records taken from a node without an acknowledgement, 1..67108864. A node that sends more is refused. */
  readonly windowBytes: number
  /** Longest record taken, as the spool of a node has it. */
  readonly recordBytesMax: number
  /** A stream that has not said which log it drains after so long is closed. */
  readonly openWithinMs: number
  /** A stream that brought nothing for so long is closed. */
  readonly silenceMs: number
  /** Streams at once; further ones are refused. */
  readonly streamsMax: number
}

export const regionUplinkLimits: RegionUplinkLimits = Object.freeze({
  /** 100 ms of round trip and fsync at 20 MB/s and lane; 100 nodes with two lanes hold 400 MB at the worst, when the disk stands still. */
  windowBytes: 2 * mib,
  recordBytesMax: mib,
  openWithinMs: 10_000,
  /** More than three pings of a node. */
  silenceMs: 20_000,
  /** Two lanes of 512 nodes. */
  streamsMax: 1_024,
})
