/*
 * Records that wait for the disk: framed in one buffer while the other is being written. No object per record.
 * A record's check depends on its segment, so it is decided here, at the append, where the next segment begins.
 */
import type { SpoolLimits } from './limits.js'
import { frameHeaderBytes, segmentSeed, writeFrame } from './record-frame.js'
import { segmentHeaderBytes } from './segment-header.js'

/** A run of frames for one segment. */
export interface GroupPart {
  /** Set if a new segment begins with this part: its first sequence. */
  readonly opensSegment: number | undefined
  readonly start: number
  end: number
}

/** What is written and synced together. At most pendingBytesMax / 2 bytes, hence that many / segmentBytes + 2 parts. */
export interface Group {
  readonly buffer: Buffer
  readonly parts: GroupPart[]
  readonly lastSequence: number
}

export interface PendingRecords {
  /** Takes a record; returns the bytes it will take on disk, a new segment's header included, or 0 if the buffer has no room. */
  append(payload: Uint8Array): number
  /** The next record begins a new segment; returns its header's bytes. No effect, and 0, if the segment is empty. */
  roll(): number
  /** Hands out what has gathered; `undefined` if nothing has. The group is the caller's until `release`. */
  take(): Group | undefined
  /** The group is on disk, its buffer free again. */
  release(): void
  readonly lastSequence: number
  /** Bytes gathered, not yet taken. */
  readonly bytes: number
  /** True if it is time to write, however young the records are: half the room is taken. */
  readonly isHalfFull: boolean
  /** True if a small record would still find room. */
  readonly hasRoom: boolean
}

export interface PendingOptions {
  readonly limits: SpoolLimits
  readonly epoch: number
  /** The segment to go on in, and how full it is. */
  readonly segmentFirst: number
  readonly segmentBytes: number
  readonly nextSequence: number
}

export function createPendingRecords({ limits, epoch, ...start }: PendingOptions): PendingRecords {
  const halfBytes = Math.floor(limits.pendingBytesMax / 2)
  let filling: Buffer = Buffer.allocUnsafeSlow(halfBytes)
  let spare: Buffer | undefined = Buffer.allocUnsafeSlow(halfBytes)
  let taken: Buffer | undefined
  let used = 0
  let parts: GroupPart[] = []
  let { segmentFirst, segmentBytes, nextSequence } = start
  let seed = segmentSeed(epoch, segmentFirst)

  function roll() {
    if (nextSequence === segmentFirst) return 0
    segmentFirst = nextSequence
    segmentBytes = segmentHeaderBytes
    seed = segmentSeed(epoch, segmentFirst)
    parts.push({ opensSegment: segmentFirst, start: used, end: used })
    return segmentHeaderBytes
  }

  return {
    append(payload) {
      const frameBytes = frameHeaderBytes + payload.length
      if (used + frameBytes > halfBytes) return 0
      const headerBytes = segmentBytes + frameBytes > limits.segmentBytes ? roll() : 0
      let part = parts.at(-1)
      if (part === undefined) {
        part = { opensSegment: undefined, start: used, end: used }
        parts.push(part)
      }
      used += writeFrame(filling, used, seed, nextSequence - segmentFirst, payload)
      part.end = used
      segmentBytes += frameBytes
      nextSequence++
      return headerBytes + frameBytes
    },
    roll,
    take() {
      if (parts.length === 0 || spare === undefined) return undefined
      const group = { buffer: filling, parts, lastSequence: nextSequence - 1 }
      taken = filling
      filling = spare
      spare = undefined
      used = 0
      parts = []
      return group
    },
    release() {
      spare = taken
      taken = undefined
    },
    get lastSequence() {
      return nextSequence - 1
    },
    get bytes() {
      return used
    },
    get isHalfFull() {
      return used > halfBytes / 2
    },
    get hasRoom() {
      return used + frameHeaderBytes <= halfBytes
    },
  }
}
