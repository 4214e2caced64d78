import path from 'node:path'
import { readSlots } from './checked-slots.js'
import { delay } from './clock.js'
import { errnoOf } from './files.js'
import { type ReadablePosition, readRecords, type SyncedPosition } from './record-reader.js'
import { segmentsAmong, watermarkFile } from './segment-files.js'
import type { SpoolReader, SpoolReaderOptions } from './spool.js'
import { SpoolError } from './spool-error.js'

/** 20: each look is an open, a read of 1 KiB and a close in the page cache, about 0.1 ms: half a percent of a core per follower at rest. */
const pollMsDefault = 20
/** The writer may be caught writing one slot, and then the other; more often than this it is damage. */
const attemptsMax = 5

/** A reader for processes that do not write the log; `SpoolReader` is the contract. Does nothing until asked. */
export function openSpoolReader({ folder, files, clock, pollMs = pollMsDefault }: SpoolReaderOptions): SpoolReader {
  const noSpool = (cause?: unknown) => new SpoolError('no_spool', `${folder} holds no log yet. Start its writer, or check the name.`, cause)
  let epoch: number | undefined

  async function current(): Promise<ReadablePosition> {
    for (let attempt = 1; ; attempt++) {
      let slots: Awaited<ReturnType<typeof readSlots>>
      try {
        slots = await readSlots(files, path.join(folder, watermarkFile), 'watermark')
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') throw noSpool(error)
        throw new SpoolError('disk_failed', `${folder}: the watermark cannot be read: ${(error as Error).message}.`, error)
      }
      if (slots.newerVersion !== undefined) {
        throw new SpoolError(
          'version_unsupported',
          `${folder} is written by a newer version (${slots.newerVersion}). Use that program to read it.`,
        )
      }
      if (slots.newest !== undefined) {
        epoch ??= slots.newest.epoch
        if (slots.newest.epoch !== epoch) {
          throw new SpoolError('folder_foreign', `${folder} was replaced by another log while it was being read. Open a new reader.`)
        }
        const [segmentFirst, syncedBytes, syncedThrough] = slots.newest.numbers
        return { epoch, segmentFirst, syncedBytes, syncedThrough }
      }
      if (attempt === attemptsMax) {
        throw new SpoolError('no_spool', `${folder}: neither slot of the watermark can be read. The writer makes it anew when it starts.`)
      }
      await delay(clock, pollMs)
    }
  }

  const position: SyncedPosition = {
    current,
    async beyond(through, signal) {
      while (signal?.aborted !== true) {
        if ((await current()).syncedThrough > through) return true
        await delay(clock, pollMs, signal)
      }
      return false
    },
  }

  return {
    async position() {
      const synced = await current()
      const oldest = segmentsAmong(await files.list(folder))[0] ?? synced.segmentFirst
      return { epoch: synced.epoch, firstSequence: Math.min(oldest, synced.syncedThrough + 1), syncedThrough: synced.syncedThrough }
    },
    read: ({ from, signal }) => readRecords({ files, folder, position, from, follow: false, signal }),
    follow: ({ from, signal }) => readRecords({ files, folder, position, from, follow: true, signal }),
  }
}
