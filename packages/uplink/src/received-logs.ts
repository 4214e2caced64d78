import { identityPrefix } from './journal-entry.js'
import { formatLogKey, type LogIdentity } from './log-identity.js'
import { createSequenceRanges, type SequenceRange, type SequenceRanges } from './sequence-ranges.js'

/** What the region has of one log. */
export interface ReceivedLog {
  readonly identity: LogIdentity
  readonly prefix: Uint8Array
  readonly ranges: SequenceRanges
}

/** The same as JSON, for the checkpoint. */
export interface StoredLog extends LogIdentity {
  readonly ranges: readonly SequenceRange[]
}

export interface ReceivedLogs {
  readonly size: number
  /** The log of this identity, made if it is new. */
  get(identity: LogIdentity): ReceivedLog
  store(): StoredLog[]
  restore(log: StoredLog): void
}

/**
 * Two lanes of 512 nodes with eight lives of each disk: ~200 bytes each, 1.6 MB. A node's log lives as long as its disk, so that old
 * epochs are rare; the one longest unused is forgotten, and what comes of it once more is recognised by central.
 */
const logsMax = 8_192

export function createReceivedLogs(): ReceivedLogs {
  /** Least recently used first. */
  const logs = new Map<string, ReceivedLog>()

  function get({ node, lane, epoch }: LogIdentity, ranges: readonly SequenceRange[] = []): ReceivedLog {
    const identity = { node, lane, epoch }
    const key = formatLogKey(identity)
    let log = logs.get(key)
    if (log === undefined) {
      log = { identity, prefix: identityPrefix(identity), ranges: createSequenceRanges(ranges) }
      for (const oldest of logs.keys()) {
        if (logs.size < logsMax) break
        logs.delete(oldest)
      }
    } else logs.delete(key)
    logs.set(key, log)
    return log
  }

  return {
    get size() {
      return logs.size
    },
    get: identity => get(identity),
    store: () => Array.from(logs.values(), ({ identity, ranges }) => ({ ...identity, ranges: ranges.toArray() })),
    restore: log => void get(log, log.ranges),
  }
}
