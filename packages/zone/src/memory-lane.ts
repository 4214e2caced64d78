import type { RecordLane } from './zone-ports.js'

/** A log in memory: for evaluate, simulation and tests, where nothing has to outlive the process. */
export interface MemoryLane extends RecordLane {
  /** What was appended, in order; the first has sequence 1. */
  readonly records: readonly Uint8Array[]
  /** Takes all appended so far, or through a sequence, as durable. */
  sync(through?: number): void
}

/** @param syncsItself true = durable at once; false = only by `sync`, as a slow disk would @param recordsMax more are refused as `full` */
export function createMemoryLane(syncsItself = true, recordsMax = Number.POSITIVE_INFINITY): MemoryLane {
  const records: Uint8Array[] = []
  const waiting: { readonly sequence: number; readonly resolve: () => void }[] = []
  let syncedThrough = 0
  const sync = (through: number = records.length): void => {
    syncedThrough = through
    for (const wait of waiting.splice(0)) {
      if (wait.sequence <= through) wait.resolve()
      else waiting.push(wait)
    }
  }
  return {
    records,
    sync,
    append(bytes) {
      if (records.length >= recordsMax) return { refused: 'full' }
      records.push(bytes.slice())
      if (syncsItself) syncedThrough = records.length
      return records.length
    },
    whenSynced: sequence => (sequence <= syncedThrough ? Promise.resolve() : new Promise(resolve => waiting.push({ sequence, resolve }))),
    get syncedThrough() {
      return syncedThrough
    },
    get appendedThrough() {
      return records.length
    },
  }
}
