import type { Files } from './files.js'
import type { SpoolEvent } from './spool-event.js'

/** Keeps `reserveBytes` of the disk free. Between two looks it counts what the log itself will take. */
export interface FreeSpace {
  /** @param unwrittenBytes accepted, and not yet missing from the disk's free space */
  look(unwrittenBytes: number): Promise<void>
  spend(bytes: number): void
  /** False if `bytes` more would eat into the reserve. */
  allows(bytes: number): boolean
}

export interface FreeSpaceOptions {
  readonly files: Files
  readonly folder: string
  readonly reserveBytes: number
  readonly onEvent: ((event: SpoolEvent) => void) | undefined
}

export function createFreeSpace({ files, folder, reserveBytes, onEvent }: FreeSpaceOptions): FreeSpace {
  let freeBytes = Number.POSITIVE_INFINITY
  let isBelow = false
  return {
    async look(unwrittenBytes) {
      try {
        freeBytes = (await files.freeBytes(folder)) - unwrittenBytes
      } catch (cause) {
        // The last figure stays; a disk that really is full says so at the write.
        onEvent?.({ event: 'free_space_unknown', cause })
        return
      }
      const isBelowNow = freeBytes < reserveBytes
      if (isBelowNow !== isBelow) onEvent?.({ event: isBelowNow ? 'reserve_reached' : 'reserve_left', freeBytes })
      isBelow = isBelowNow
    },
    spend(bytes) {
      freeBytes -= bytes
    },
    allows: bytes => freeBytes - bytes >= reserveBytes,
  }
}
