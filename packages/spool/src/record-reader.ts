/*
 * Reads a log in order, as far as it is synced: one segment after the other; what is missing comes as a gap. Used by the log's own
 * process and by others; they differ only in how they learn how far it is synced.
 */
import { errnoOf, type Files } from './files.js'
import type { Watermark } from './folder-state.js'
import type { Scanned } from './record-scanner.js'
import { segmentsAmong } from './segment-files.js'
import { openSegmentReader, type SegmentReader } from './segment-reader.js'
import type { SpoolItem } from './spool.js'
import { SpoolError } from './spool-error.js'

export interface ReadablePosition extends Watermark {
  readonly epoch: number
}

/** How far a log is synced, and news of it. */
export interface SyncedPosition {
  current(): ReadablePosition | Promise<ReadablePosition>
  /** Resolves to true once more than `through` is synced, to false when nothing will come any more or `signal` aborts. */
  beyond(through: number, signal: AbortSignal | undefined): Promise<boolean>
}

export interface RecordReaderOptions {
  readonly files: Files
  readonly folder: string
  readonly position: SyncedPosition
  readonly from: number
  readonly follow: boolean
  readonly signal: AbortSignal | undefined
}

export async function* readRecords({
  files,
  folder,
  position,
  from,
  follow,
  signal,
}: RecordReaderOptions): AsyncGenerator<SpoolItem, void, void> {
  let expected = from
  let reader: SegmentReader | undefined
  /** The next segment's first sequence, if there is one: what a cut segment may hold beyond it was given up, and given out again. */
  let endBefore = Number.POSITIVE_INFINITY

  /** The item for the caller, if it is one; moves `expected`. */
  function accept(scanned: Scanned | undefined): SpoolItem | undefined {
    if (scanned === undefined) return undefined
    if (scanned.kind === 'record') {
      if (scanned.sequence >= endBefore) return undefined
      expected = scanned.sequence + 1
      return { kind: 'record', sequence: scanned.sequence, bytes: scanned.bytes }
    }
    const last = Math.min(scanned.last, endBefore - 1)
    return last < expected ? undefined : gapTo(last, 'damaged')
  }
  function gapTo(last: number, reason: 'damaged' | 'torn' | 'capped'): SpoolItem {
    const first = expected
    expected = last + 1
    return { kind: 'gap', first, last, reason }
  }

  try {
    const atCall = follow ? undefined : await position.current()
    while (signal?.aborted !== true) {
      const synced = atCall ?? (await position.current())
      if (expected > synced.syncedThrough) {
        if (!follow || !(await position.beyond(Math.max(synced.syncedThrough, expected - 1), signal))) return
        continue
      }
      if (reader === undefined) {
        const firsts = segmentsAmong(await files.list(folder)).filter(first => first <= synced.segmentFirst)
        const oldest = firsts[0]
        if (oldest === undefined) throw new SpoolError('no_spool', `${folder} has no segments any more.`)
        if (expected < oldest) {
          yield gapTo(oldest - 1, 'capped')
          continue
        }
        const firstSequence = firsts.findLast(first => first <= expected)!
        endBefore = firsts.find(first => first > firstSequence) ?? Number.POSITIVE_INFINITY
        reader = await openIfThere({ files, folder, firstSequence, epoch: synced.epoch, from: expected })
        continue
      }
      const isNewest = reader.firstSequence === synced.segmentFirst
      const limit = isNewest ? synced.syncedBytes : await reader.size()
      do {
        for (let scanned = reader.next(); scanned !== undefined; scanned = reader.next()) {
          const item = accept(scanned)
          if (item !== undefined) yield item
          if (signal?.aborted) return
        }
      } while (await reader.fill(limit))
      if (isNewest) {
        const item = accept(reader.scanner.boundary(synced.syncedThrough + 1))
        if (item !== undefined) yield item
        continue
      }
      // This segment is complete and read. What is missing before the next one, that one's header explains.
      const finished = reader.firstSequence
      await reader.close()
      reader = undefined
      const firsts = segmentsAmong(await files.list(folder)).filter(first => first <= synced.segmentFirst)
      const next = firsts.find(first => first > finished)
      if (next === undefined) throw new SpoolError('no_spool', `${folder} has lost its newest segment.`)
      endBefore = firsts.find(first => first > next) ?? Number.POSITIVE_INFINITY
      reader = await openIfThere({ files, folder, firstSequence: next, epoch: synced.epoch, from: Math.max(expected, next) })
      if (reader === undefined || expected >= next) continue
      const header = reader.header.kind === 'header' ? reader.header.header : undefined
      yield gapTo(next - 1, firsts.includes(finished) ? (header?.gapBefore ?? 'damaged') : 'capped')
    }
  } finally {
    await reader?.close()
  }
}

/** `undefined` if the segment was removed after the listing. */
async function openIfThere(options: Parameters<typeof openSegmentReader>[0]): Promise<SegmentReader | undefined> {
  try {
    return await openSegmentReader(options)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
