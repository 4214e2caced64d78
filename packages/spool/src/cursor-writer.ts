import type { SlotFile } from './checked-slots.js'
import { isDiskFull } from './files.js'
import { SpoolError } from './spool-error.js'

/** Puts the cursor on disk. Commits that come while one is being written are joined into the next: at most two are under way. */
export interface CursorWriter {
  /** Resolves when `sequence`, or a later one, is on disk. */
  commit(sequence: number): Promise<void>
  /** What was committed last. */
  readonly latest: number
  /** What is on disk for certain: segments may be removed up to it. */
  readonly durable: number
  close(): Promise<void>
}

export interface CursorWriterOptions {
  readonly slots: SlotFile
  readonly cursor: number
  /** Told when a write or sync failed for another reason than lack of space. */
  readonly onFailure: (cause: unknown) => void
}

export function createCursorWriter({ slots, cursor, onFailure }: CursorWriterOptions): CursorWriter {
  let latest = cursor
  let durable = cursor
  let running: Promise<void> | undefined
  let queued: Promise<void> | undefined

  async function write() {
    const sequence = latest
    try {
      await slots.write([sequence, 0, 0])
    } catch (error) {
      if (isDiskFull(error))
        throw new SpoolError('disk_full', 'The cursor could not be written: the disk is full. Commit again later.', error)
      onFailure(error)
      throw new SpoolError('failed', 'The cursor could not be written: the disk failed.', error)
    }
    try {
      await slots.sync()
    } catch (error) {
      onFailure(error)
      throw new SpoolError('failed', 'The cursor could not be synced: the disk failed.', error)
    }
    durable = sequence
  }

  function start(): Promise<void> {
    const done = write().finally(() => {
      running = undefined
    })
    running = done
    return done
  }

  return {
    commit(sequence) {
      if (sequence <= durable) return Promise.resolve()
      latest = Math.max(latest, sequence)
      if (running === undefined) return start()
      queued ??= running
        .then(
          () => {},
          () => {},
        )
        .then(() => {
          queued = undefined
          return start()
        })
      return queued
    },
    get latest() {
      return latest
    },
    get durable() {
      return durable
    },
    async close() {
      await Promise.allSettled([running, queued])
      await slots.close()
    },
  }
}
