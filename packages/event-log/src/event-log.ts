/**
 * The port to the event log: what Outrider asks of Kafka, and of the files that stand in for it.
 *
 * Contract, the same for every adapter and proved by one suite (test/event-log/contract.ts):
 * - **Order.** Records of one key keep the order in which `append` was called, within one process. Across keys there is none.
 * - **Durable.** `append` resolves when the records are where a crash cannot take them (Kafka: acks=all; files: after their fsync).
 *   A rejected append may have written any part of its records, except with the codes that say "nothing written".
 * - **At least once, applied once.** What `append` acknowledged is there. A producer or consumer that died may make records come
 *   again; a reader applies a record once by the record's own identity, or by (topic, partition, offset), which is stored with the effect.
 * - **Buffers.** `append` keeps the given arrays until it settles: do not write to them. What a consumer is given is its own to keep.
 * - **Bounded.** Records accepted and not yet durable are at most `pendingBytesMax`; over it `append` waits (`append_waited`),
 *   and over `waitingAppendsMax` waiting calls it rejects with `overloaded`.
 * - **Life cycle.** Construction does nothing. `start()` makes first contact and may be called again after it failed. `stop()` is
 *   idempotent, gives what is pending a last chance, and settles everything: afterwards every call rejects with `stopped`.
 */
export interface EventLog {
  /** Checks that the log can be reached and used (address, login, folder). @throws EventLogError, retriable if later may help */
  start(): Promise<void>
  /** Creates the topics that are missing, leaves those that exist as they are, and says how each stands. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<readonly TopicState[]>
  /** As `ensureTopics`, without creating anything. */
  checkTopics(specs: readonly TopicSpec[]): Promise<readonly TopicState[]>
  /**
   * Appends records to one topic. Retries inside, until the records are durable, the signal aborts, or the log refuses them.
   * @throws EventLogError: `unknown_topic`, `invalid_record`, `overloaded` (nothing written); `not_authorised`, `login_refused`,
   *   `refused`, `log_failed`, `aborted`, `stopped` (part may be written)
   */
  append(batch: AppendBatch, signal?: AbortSignal): Promise<AppendedBatch>
  /** Reads topics, as a member of a group or alone, until stopped; starts at once and goes on through outages. */
  consume(options: ConsumeOptions): Consumer
  /** Where each partition of a topic begins and ends now. @throws EventLogError `unknown_topic` */
  positions(topic: string): Promise<readonly PartitionRange[]>
  stop(): Promise<void>
}

/** What a topic should be. Partitions and compaction are Kafka's; files have a partition per writer and keep by age only. */
export interface TopicSpec {
  readonly topic: string
  /** 1 or more. Order is kept within one; raising it later moves keys. */
  readonly partitions: number
  /** How long records are kept, ms; Infinity keeps them for ever. */
  readonly retentionMs: number
  /** True keeps the newest record of each key for ever, and older ones not at all. */
  readonly compacted: boolean
}

export interface TopicState {
  readonly topic: string
  readonly state: 'ok' | 'created' | 'missing' | 'differs'
  /** One line per setting that is not as asked, "name is …, should be …". */
  readonly differences: readonly string[]
}

export interface NewRecord {
  /** Whose order is kept, and what compaction goes by. UTF-8, 1 to 1,024 bytes. */
  readonly key: string
  /** null is a tombstone: in a compacted topic it removes the key. */
  readonly value: Uint8Array | null
  /** When it happened, ms since 1970, whole. */
  readonly timeMs: number
  /** Names of 1 to 64 characters, letters, digits, `.`, `_` and `-`, the first a letter or digit. At most 32. */
  readonly headers?: Readonly<Record<string, string | Uint8Array>>
}

export interface AppendBatch {
  readonly topic: string
  readonly records: readonly NewRecord[]
}

export interface AppendedBatch {
  /** Where the records are; the counts add up to the batch. An offset of -1: written, but where was not told. */
  readonly ranges: readonly { readonly partition: string; readonly firstOffset: number; readonly count: number }[]
}

/** A partition of a topic. Kafka's are numbered ("0", "1" …); those of files are named by the writer and the birth of its log. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: string
}

export interface PartitionRange {
  readonly partition: string
  /** Oldest offset still held. */
  readonly beginOffset: number
  /** One past the newest. */
  readonly endOffset: number
}

export interface LogRecord {
  /** Rises within the partition; not always by one (compaction, transactions). */
  readonly offset: number
  /** '' if a foreign producer wrote none. */
  readonly key: string
  readonly value: Uint8Array | null
  readonly timeMs: number
  readonly headers: Readonly<Record<string, Uint8Array>>
}

/** Offsets from this one up to, not including, `toOffset`, that will not come. */
export interface Gap {
  readonly fromOffset: number
  readonly toOffset: number
  /** Removed by retention before they were read; damaged on disk; or torn: offsets of records that were never acknowledged. */
  readonly reason: 'expired' | 'damaged' | 'torn'
}

/** Records of one partition in order, or a loss, or a loss and what follows it. */
export interface ConsumedBatch extends TopicPartition {
  readonly records: readonly LogRecord[]
  /** Offsets before the records that have none, though they should. */
  readonly gap?: Gap
  /** One past the newest record of the partition, as last seen: the lag is this minus the offset after the last record. */
  readonly endOffset: number
}

/**
 * Where a member begins in a partition it was just given, each time it is given it:
 * - `committed`: after the group's last commit, else at the oldest record;
 * - `beginning`: at the oldest record, whatever the group has committed (after a change of members: where this member was);
 * - a function: at the offset it returns (the next to read), `undefined` for the oldest record. For readers that store
 *   their position together with their effects. An offset beyond the end ends the consumer (`refused`): skipping on would lose
 *   records unseen, beginning anew would be taken for repeats. If the function rejects, the consumer starts anew after a pause.
 */
export type StartFrom = 'committed' | 'beginning' | ((partition: TopicPartition) => Promise<number | undefined>)

export interface ConsumeOptions {
  /** Name of the group; its members share the partitions. Without one, this consumer reads all partitions and commits nothing. */
  readonly group?: string
  readonly topics: readonly string[]
  readonly from: StartFrom
  /**
   * Called with one batch at a time; the next comes, and the offset is committed, when its promise resolves, so commit comes after
   * effect and a slow reader slows the reading. Rejecting ends the consumer with that error, uncommitted. `signal` aborts when the
   * consumer is being stopped.
   */
  readonly onBatch: (batch: ConsumedBatch, signal: AbortSignal) => Promise<void>
  /** Most bytes of values fetched at once, 64 KiB or more; default 4 MiB. A single larger record still comes, alone. */
  readonly batchBytesMax?: number
  /** Aborting is the same as `stop()`. */
  readonly signal?: AbortSignal
}

export interface Consumer {
  /** Resolves when stopped, rejects when it cannot go on: an error of `onBatch`, or an EventLogError that is not retriable. */
  readonly finished: Promise<void>
  /** Waits for the batch in hand, commits it, leaves the group. Idempotent. */
  stop(): Promise<void>
}
