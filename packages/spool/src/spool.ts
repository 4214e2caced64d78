import type { SpoolClock } from './clock.js'
import type { Files } from './files.js'
import type { SpoolLimits } from './limits.js'
import type { SpoolEvent } from './spool-event.js'

/*
 * The contract of the spool.
 *
 * Order      Sequences start at 1 and are dense: each accepted record takes the next one. 0 means "none yet". They are safe
 *            integers; at 200,000 records a second they last 1,400 years. With the log's epoch they name a record for ever: no
 *            (epoch, sequence) is ever given to a second record, also after a crash or damage.
 * Durability A record is durable when `whenSynced` of its sequence resolves. Readers see nothing earlier.
 * Ownership  `append` copies before it returns. The bytes a reader yields belong to the consumer and stay valid.
 * Failure    A failed write or fsync (a full disk is neither) closes the log for good: see `SpoolRefusal`. Reading goes on.
 * After stop `append` refuses, `whenSynced` of what was not synced rejects, followers end. Stopping twice is fine.
 */

/** Why a record was not taken. Nothing of it was written; the caller decides whether to shed it or to offer it again. */
export type SpoolRefusal =
  /** Not started, or stopped. */
  | 'closed'
  /** A write or fsync failed: this log takes nothing more, for good (design, invariant 8). */
  | 'failed'
  /** Longer than `recordBytesMax`. */
  | 'too_large'
  /** `pendingBytesMax` wait for the disk already. */
  | 'pending_full'
  /** The log holds `capBytes`; it takes records again when the cursor lets a segment go. */
  | 'full'
  /** Less than `reserveBytes` would be left on the disk; recovers by itself. */
  | 'disk_reserve'
  /** The disk refused a write for lack of space; recovers by itself when there is space again. */
  | 'disk_full'

export interface SpoolRefused {
  readonly refused: SpoolRefusal
}

/** The record's sequence (≥ 1), or a refusal. `typeof result === 'number'` tells which; there is no wrapper, as this is the hot path. */
export type AppendResult = number | SpoolRefused

/** Why a range of sequences has no records. */
export type GapReason =
  /** Its bytes do not fit their check, or are gone. */
  | 'damaged'
  /** May have been given out in a tail that was cut because it never was synced. */
  | 'torn'
  /** Was there, and was removed: drained, or beyond what is retained. */
  | 'capped'

/** What a reader yields, in ascending order without a hole: each sequence is either a record or within a gap. */
export type SpoolItem =
  | { readonly kind: 'record'; readonly sequence: number; readonly bytes: Uint8Array }
  | { readonly kind: 'gap'; readonly first: number; readonly last: number; readonly reason: GapReason }

/** What a log found when it opened its folder. */
export interface SpoolOpening {
  /** True if the log was created just now. */
  readonly created: boolean
  /** Random uint32, drawn when the log was created. */
  readonly epoch: number
  /** The first sequence still held; equals `nextSequence` if none is. */
  readonly firstSequence: number
  /** What the next record gets. */
  readonly nextSequence: number
  /** All up to here is drained. */
  readonly cursor: number
  /** Bytes of a torn tail that were cut off; never bytes that had been synced. */
  readonly cutBytes: number
  /** The sequences that are skipped because of a cut or damage, so that none is used twice. */
  readonly skipped: { readonly first: number; readonly last: number; readonly reason: GapReason } | undefined
  /** True if synced bytes at the end of the log, or its cursor or watermark, were found damaged. `verifySpool` says where. */
  readonly damaged: boolean
}

/** Which drained or old segments are removed. Whole segments only; the one being written always stays. */
export type Retention =
  /** A segment goes when the cursor is past it; it is closed after an hour, so that what is drained stays an hour and a second at most. */
  | 'until-drained'
  /**
   * As `until-drained`, but not before its newest record is `drainedMs` old: what was drained can be read again after a crash. While the
   * log holds more than half of `capBytes` or the disk is short, room for new records comes first.
   */
  | { readonly drainedMs: number }
  | 'forever'
  /**
   * The oldest segment goes while the log holds more than `bytes`, and when its newest record is older than `ms`. Looked at once
   * a second; a segment is closed after an eighth of `ms`, so that records stay at most 1.125 × `ms` and a second.
   */
  | { readonly bytes: number; readonly ms: number }

export interface SpoolOptions {
  /** The log's own folder; made if absent. No two logs share one. */
  readonly folder: string
  readonly files: Files
  readonly clock: SpoolClock
  /** A random uint32, asked once, when the log is created. */
  readonly randomUint32: () => number
  readonly limits?: Partial<SpoolLimits>
  /** `until-drained` if not given. */
  readonly retain?: Retention
  readonly onEvent?: (event: SpoolEvent) => void
}

export interface ReadOptions {
  /** First sequence wanted, ≥ 1. What is no longer held comes as a gap. */
  readonly from: number
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal
}

export interface Spool {
  /**
   * Takes the folder's lock, repairs the tail, and is ready. Call it once.
   * @throws {SpoolError} `locked`, `folder_foreign`, `version_unsupported`, `damaged_beyond_reading`, `disk_failed`; nothing was changed.
   */
  start(): Promise<SpoolOpening>
  /** Takes one record, 0 to `recordBytesMax` bytes; copies it and returns at once. */
  append(bytes: Uint8Array): AppendResult
  /**
   * Resolves when all up to `sequence` is on disk.
   * @throws {SpoolError} `failed` or `closed`, if it never will be; `not_appended` if there is no such record yet.
   */
  whenSynced(sequence: number): Promise<void>
  /** All up to here is durable. 0: nothing. */
  readonly syncedThrough: number
  /** The sequence of the newest record taken. 0: none. */
  readonly appendedThrough: number
  /** All up to here is drained. 0: nothing. */
  readonly cursor: number
  /** The oldest sequence still held; `appendedThrough + 1` if none is. */
  readonly firstSequence: number
  /** Bytes of all segments and of what waits to be written. */
  readonly heldBytes: number
  /** Why the next small record would be refused, if it would be. For health checks. */
  readonly refusing: SpoolRefusal | undefined
  /** All that is synced now, from `from` on; then ends. @throws {SpoolError} `disk_failed` if a file cannot be read. */
  read(options: ReadOptions): AsyncIterableIterator<SpoolItem>
  /** As `read`, and then goes on with what is synced later, until stopped or aborted. */
  follow(options: ReadOptions): AsyncIterableIterator<SpoolItem>
  /**
   * Says that all up to `sequence` (≤ `syncedThrough`) is drained, and resolves when that is on disk. Lower than before: no effect.
   * Calls that come while one is being written are joined into one.
   * @throws {SpoolError} `not_appended`, `failed`, `closed`.
   */
  commitCursor(sequence: number): Promise<void>
  /** Writes and syncs what waits, if the disk lets it, and gives the folder free. Idempotent. */
  stop(): Promise<void>
}

/** A reader of a log that another process writes (or has written). Read-only. */
export interface SpoolReader {
  /** Reads what is synced now. @throws {SpoolError} `no_spool` (retriable) if there is no log yet, `folder_foreign`, `version_unsupported`. */
  position(): Promise<SpoolPosition>
  read(options: ReadOptions): AsyncIterableIterator<SpoolItem>
  /** Looks for news every `pollMs`. Ends on abort only. */
  follow(options: ReadOptions & { readonly signal: AbortSignal }): AsyncIterableIterator<SpoolItem>
}

export interface SpoolPosition {
  readonly epoch: number
  /** The oldest sequence held. */
  readonly firstSequence: number
  /** All up to here is durable and can be read. */
  readonly syncedThrough: number
}

export interface SpoolReaderOptions {
  readonly folder: string
  readonly files: Files
  readonly clock: SpoolClock
  /** How often a follower that has read all looks again; 20 by default. */
  readonly pollMs?: number
}
