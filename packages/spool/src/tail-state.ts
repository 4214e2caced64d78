/*
 * What to do with the end of a log, decided before anything is touched.
 *
 * Only bytes beyond the watermark may be cut: they were never promised. A sequence that may have been given out in bytes that are cut
 * or unreadable is not given out again: each record takes 16 bytes, so what n bytes can have held is at most ⌈n / 16⌉ records. If
 * synced bytes are missing and the watermark is unreadable too, the bound is what the whole segment could have held.
 */
import type { Files } from './files.js'
import type { Watermark } from './folder-state.js'
import { frameHeaderBytes } from './record-frame.js'
import { segmentHeaderBytes } from './segment-header.js'
import { openSegmentReader } from './segment-reader.js'
import type { GapReason } from './spool.js'

export interface TailScan {
  /** The sequence after the last record whose header is good. */
  readonly expected: number
  /** Where the bytes end that are of use. */
  readonly goodBytes: number
  /** Where the first damage before `goodBytes` is. */
  readonly damagedAt: number | undefined
}

/** Reads the newest segment to its end. */
export async function scanTail(files: Files, folder: string, firstSequence: number, epoch: number): Promise<TailScan> {
  const reader = await openSegmentReader({ files, folder, firstSequence, epoch, from: firstSequence })
  try {
    let damagedAt: number | undefined
    const bytes = await reader.size()
    while (await reader.fill(bytes)) {
      for (let item = reader.next(); item !== undefined; item = reader.next()) if (item.kind === 'damage') damagedAt ??= item.offset
    }
    return { expected: reader.scanner.expected, goodBytes: reader.scanner.offset, damagedAt }
  } finally {
    await reader.close()
  }
}

export interface TailPlan {
  /** Bytes to keep; the rest is cut. */
  readonly keepBytes: number
  readonly nextSequence: number
  /** Why `nextSequence` is not simply the next one; `undefined` if it is. */
  readonly skip: Exclude<GapReason, 'capped'> | undefined
  /** True if bytes that had been synced are damaged or gone. */
  readonly lostSynced: boolean
}

export interface TailFacts {
  readonly firstSequence: number
  readonly bytes: number
  readonly segmentBytes: number
  readonly scan: TailScan
  readonly watermark: Watermark | undefined
  readonly cursor: number | undefined
}

export function planTail({ firstSequence, bytes, segmentBytes, scan, watermark, cursor }: TailFacts): TailPlan {
  const goodBytes = Math.min(scan.goodBytes, bytes)
  const syncedBytes = syncedBytesOf(firstSequence, bytes, watermark)
  const keepBytes = syncedBytes === undefined ? bytes : Math.min(bytes, Math.max(goodBytes, syncedBytes))
  const bound =
    watermark === undefined
      ? firstSequence + Math.ceil(segmentBytes / frameHeaderBytes)
      : scan.expected + Math.ceil((bytes - goodBytes) / frameHeaderBytes)
  const nextSequence = Math.max(bound, (watermark?.syncedThrough ?? 0) + 1, (cursor ?? 0) + 1)
  const lostSynced = syncedBytes === undefined || Math.min(goodBytes, scan.damagedAt ?? goodBytes) < syncedBytes || nextSequence > bound
  const skip = nextSequence === scan.expected ? undefined : lostSynced ? 'damaged' : 'torn'
  return { keepBytes, nextSequence, skip, lostSynced }
}

/** How much of the segment is known to have been synced; `undefined` if nothing says so. */
function syncedBytesOf(firstSequence: number, bytes: number, watermark: Watermark | undefined): number | undefined {
  if (watermark === undefined) return undefined
  if (watermark.segmentFirst === firstSequence) return watermark.syncedBytes
  return watermark.segmentFirst < firstSequence ? Math.min(segmentHeaderBytes, bytes) : bytes
}
