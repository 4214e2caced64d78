import type { LaneName } from '@outrider/protocol'
import { count, type ZoneCounts } from './zone-counts.js'
import type { RecordLane } from './zone-ports.js'

/** Where records go: two lanes, each with its own order and its own fate. */
export interface RecordLog {
  /** The record's sequence, or undefined if the lane did not take it: counted, and never a reason not to warn. */
  append(lane: LaneName, bytes: Uint8Array): number | undefined
  /** Calls `synced` once all that the lane holds now is on disk. Calls that come while one waits are joined into the next one. */
  awaitSync(lane: LaneName): void
  syncedThrough(lane: LaneName): number
}

export interface RecordLogOptions {
  readonly lanes: Readonly<Record<LaneName, RecordLane>>
  readonly counts: ZoneCounts
  readonly synced: (lane: LaneName) => void
}

export function createRecordLog({ lanes, counts, synced }: RecordLogOptions): RecordLog {
  const waiting: Record<LaneName, boolean> = { urgent: false, telemetry: false }
  const again: Record<LaneName, boolean> = { urgent: false, telemetry: false }

  const awaitSync = (lane: LaneName): void => {
    if (waiting[lane]) {
      again[lane] = true
      return
    }
    waiting[lane] = true
    lanes[lane].whenSynced(lanes[lane].appendedThrough).then(
      () => {
        waiting[lane] = false
        synced(lane)
        if (!again[lane]) return
        again[lane] = false
        awaitSync(lane)
      },
      () => {
        // The log failed or was closed: nothing more is acknowledged, and the node goes on warning (design, invariant 8).
        counts.logsFailed++
      },
    )
  }
  return {
    append(lane, bytes) {
      const result = lanes[lane].append(bytes)
      if (typeof result === 'number') {
        count(counts.records, 'appended')
        return result
      }
      count(counts.records, result.refused)
      return undefined
    },
    awaitSync,
    syncedThrough: lane => lanes[lane].syncedThrough,
  }
}
