import { errnoOf, type Files } from './files.js'
import type { SegmentState, Watermark } from './folder-state.js'
import type { Scanned } from './record-scanner.js'
import { segmentHeaderBytes } from './segment-header.js'
import { openSegmentReader } from './segment-reader.js'

/** Bytes that do not fit their check. */
export interface SpoolDamage {
  readonly file: string
  /** Where it begins, in bytes from the start of the file. */
  readonly offset: number
  readonly byteCount: number
  readonly reason: 'segment_header' | 'record_header' | 'record_payload' | 'slot' | 'file_short' | 'file_missing'
  /** The sequences that are lost by it, if any are. */
  readonly lost: { readonly first: number; readonly last: number } | undefined
}

export interface SegmentReport {
  readonly file: string
  readonly bytes: number
  readonly createdAtMs: number | undefined
  /** The sequence it starts with, and the last one it holds; `first - 1` if it holds none. */
  readonly firstSequence: number
  readonly lastSequence: number
  /** Records that can be read. */
  readonly records: number
}

export interface SegmentInspectionOptions {
  readonly files: Files
  readonly folder: string
  readonly epoch: number
  readonly segment: SegmentState
  /** The segment after it; `undefined` for the newest. */
  readonly next: SegmentState | undefined
  /** Payloads of records before it are not checked. */
  readonly from: number
  readonly watermark: Watermark | undefined
  readonly tell: (damage: SpoolDamage) => void
  readonly onRead: (bytes: number) => void
}

export interface SegmentInspection {
  readonly report: SegmentReport
  readonly tornBytes: number
}

/** Reads one segment to its end and tells its damage; `undefined` if a writer removed it meanwhile. */
export async function inspectSegment(options: SegmentInspectionOptions): Promise<SegmentInspection | undefined> {
  const { files, folder, epoch, segment, from, tell, onRead } = options
  const { firstSequence, file, bytes, header } = segment
  let reader: Awaited<ReturnType<typeof openSegmentReader>>
  try {
    reader = await openSegmentReader({ files, folder, firstSequence, epoch, from })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    if (header === undefined)
      tell({ file, offset: 0, byteCount: Math.min(bytes, segmentHeaderBytes), reason: 'segment_header', lost: undefined })
    const synced = syncedBytesOf(options)
    let tornBytes = 0
    // No further than the file was at the start: a live writer may be ahead of us for ever.
    while (await reader.fill(bytes)) {
      onRead(reader.readBytes)
      for (let item = reader.next(); item !== undefined; item = reader.next()) {
        if (item.kind === 'record') continue
        if (item.offset < synced) tell(damageOf(file, item))
        else tornBytes += item.byteCount
      }
    }
    const { expected, offset, records } = reader.scanner
    const unread = bytes - Math.min(bytes, offset)
    const lost = lostAfter(options, expected)
    if (offset >= synced) tornBytes += unread
    else if (unread > 0) tell({ file, offset, byteCount: unread, reason: 'record_header', lost })
    if (unread === 0 && lost !== undefined) tell({ file, offset: bytes, byteCount: 0, reason: 'file_short', lost })
    const report = { file, bytes, createdAtMs: header?.createdAtMs, firstSequence, lastSequence: expected - 1, records }
    return { report, tornBytes }
  } finally {
    await reader.close()
  }
}

/** Bytes of the segment that must be whole. Older segments were synced when the next one began; without a watermark all must be. */
function syncedBytesOf({ segment, next, watermark }: SegmentInspectionOptions): number {
  if (next !== undefined || watermark === undefined || watermark.segmentFirst > segment.firstSequence) return Number.MAX_SAFE_INTEGER
  return watermark.segmentFirst === segment.firstSequence ? watermark.syncedBytes : 0
}

/** The synced sequences that should follow and do not. What was skipped because it was torn never was promised. */
function lostAfter({ segment, next, watermark }: SegmentInspectionOptions, expected: number): SpoolDamage['lost'] {
  if (next !== undefined) {
    return expected < next.firstSequence && next.header?.gapBefore !== 'torn'
      ? { first: expected, last: next.firstSequence - 1 }
      : undefined
  }
  if (watermark === undefined || watermark.segmentFirst !== segment.firstSequence || watermark.syncedThrough < expected) return undefined
  return { first: expected, last: watermark.syncedThrough }
}

function damageOf(file: string, { offset, byteCount, reason, first, last }: Extract<Scanned, { kind: 'damage' }>): SpoolDamage {
  return {
    file,
    offset,
    byteCount,
    reason: reason === 'header' ? 'record_header' : 'record_payload',
    lost: last < first ? undefined : { first, last },
  }
}
