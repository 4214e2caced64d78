import type { SlotFile, SlotNumbers } from './checked-slots.js'
import type { Watermark } from './folder-state.js'
import type { SpoolEvent } from './spool-event.js'

/**
 * Tells other processes, and the next start, how far the log is synced. Beside the writer loop and not synced: a watermark that lags
 * is never wrong. The newest position waits while an earlier one is being written; those between are left out.
 */
export interface WatermarkWriter {
  publish(position: Watermark): void
  /** Writes `last`, if given, into both slots, durably. */
  close(last: Watermark | undefined): Promise<void>
}

export interface WatermarkWriterOptions {
  readonly slots: SlotFile
  readonly onEvent: ((event: SpoolEvent) => void) | undefined
}

export function createWatermarkWriter({ slots, onEvent }: WatermarkWriterOptions): WatermarkWriter {
  let waiting: Watermark | undefined
  let running: Promise<void> | undefined
  let isTold = false

  async function guarded(write: () => Promise<void>) {
    try {
      await write()
    } catch (cause) {
      if (!isTold) onEvent?.({ event: 'watermark_failed', cause })
      isTold = true
    }
  }

  async function run() {
    while (waiting !== undefined) {
      const numbers = numbersOf(waiting)
      waiting = undefined
      await guarded(() => slots.write(numbers))
    }
    running = undefined
  }

  return {
    publish(position) {
      waiting = position
      running ??= run()
    },
    async close(last) {
      await running
      if (last !== undefined) await guarded(() => slots.writeBoth(numbersOf(last)))
      await slots.close()
    },
  }
}

function numbersOf({ segmentFirst, syncedBytes, syncedThrough }: Watermark): SlotNumbers {
  return [segmentFirst, syncedBytes, syncedThrough]
}
