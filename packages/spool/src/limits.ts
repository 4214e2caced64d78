import { SpoolError } from './spool-error.js'

const kib = 1024
const mib = 1024 * kib

/** Every bound of a log, with what happens beyond it. Bytes are bytes on disk: a record is its payload and 16 bytes. */
export interface SpoolLimits {
  /** A segment file ends before this; then the next one begins. */
  readonly segmentBytes: number
  /** All segments and what waits for the disk. Beyond: `append` refuses `full`; what was accepted is never dropped. */
  readonly capBytes: number
  /** Free space to leave on the disk. Less: `append` refuses `disk_reserve` until there is more. */
  readonly reserveBytes: number
  /** Longest payload. Beyond: `append` refuses `too_large`. */
  readonly recordBytesMax: number
  /** How long a record may wait before the sync of its group starts, if no earlier sync is still running. 0: no waiting. */
  readonly syncWithinMs: number
  /** Memory for records that wait for the disk, in two halves: one fills while the other is written. Beyond: `append` refuses `pending_full`. */
  readonly pendingBytesMax: number
}

export const spoolLimits: SpoolLimits = Object.freeze({
  /** Small enough to be removed in small steps and to be scanned in ~20 ms, large enough that its two extra syncs are 1 in 10,000. */
  segmentBytes: 16 * mib,
  /** 10,000 records/s × 216 B = 2.2 MB/s: an outage of the next tier of an hour. */
  capBytes: 8192 * mib,
  /** More than a second (one look at the free space) of 100 MB/s, the pending buffers and a new segment. */
  reserveBytes: 256 * mib,
  recordBytesMax: mib,
  /** Groups of ~20 records at 10,000 records/s; a tenth of the p99 that an alert has in all, and not in its path. */
  syncWithinMs: 2,
  /** Each half holds 130 ms of 150,000 records/s × 216 B: a disk may stall as long before anything is refused. */
  pendingBytesMax: 8 * mib,
})

/** How often free space and retention are looked at. */
export const housekeepingMs = 1000
/** Pause before a full disk is tried again: doubles from the first to the second. */
export const diskRetryMsMin = 50
export const diskRetryMsMax = 2000
/** A reader takes this much of a file at a time; a record longer than it takes more reads. */
export const readChunkBytes = 256 * kib

/** Partial in, frozen and complete out. @throws {SpoolError} `limit_invalid`, with name, value and what is allowed. */
export function completeLimits(partial: Partial<SpoolLimits> = {}): SpoolLimits {
  const limits = { ...spoolLimits, ...partial }
  const { recordBytesMax, segmentBytes } = limits
  check(limits, 'recordBytesMax', 1, 64 * mib)
  check(limits, 'segmentBytes', recordBytesMax + 64, 2048 * mib)
  check(limits, 'capBytes', 2 * segmentBytes, Number.MAX_SAFE_INTEGER)
  check(limits, 'reserveBytes', 0, Number.MAX_SAFE_INTEGER)
  check(limits, 'syncWithinMs', 0, 60_000)
  check(limits, 'pendingBytesMax', 2 * (recordBytesMax + 16), 1024 * mib)
  return Object.freeze(limits)
}

function check(limits: SpoolLimits, name: keyof SpoolLimits, least: number, most: number): void {
  const value = limits[name]
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  throw new SpoolError('limit_invalid', `spool limit ${name} is ${value}; must be an integer from ${least} to ${most}`)
}
