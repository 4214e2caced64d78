import { errnoOf, type Files } from './files.js'
import { type FolderState, readFolder, type Watermark } from './folder-state.js'
import { cursorFile, segmentFile, watermarkFile } from './segment-files.js'
import { inspectSegment, type SegmentReport, type SpoolDamage } from './segment-inspection.js'
import { SpoolError } from './spool-error.js'

/** What a log's folder holds. Read-only, also while a writer is at work: then it is what was there when each file was read. */
export interface SpoolReport {
  readonly epoch: number
  readonly cursor: number | undefined
  readonly watermark: Watermark | undefined
  readonly segments: readonly SegmentReport[]
  readonly bytes: number
  readonly records: number
  /** Bytes after the last good record that never were synced; the next start cuts them, or a writer is about to sync them. */
  readonly tornBytes: number
  /** In the order found; at most `damageMax`, `damageCount` counts all. */
  readonly damage: readonly SpoolDamage[]
  readonly damageCount: number
}

export interface VerifyProgress {
  readonly bytesDone: number
  readonly bytesAll: number
}

export interface InspectOptions {
  readonly folder: string
  readonly files: Files
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** Damage told one by one; a disk gone bad would else fill the memory with it. */
const damageMax = 1000
/** A live writer may be caught between the two slots. */
const slotAttempts = 5

/** Reads record headers only: what there is. @throws {SpoolError} as `verifySpool` */
export function inspectSpool(options: InspectOptions): Promise<SpoolReport> {
  return examine(options, Number.POSITIVE_INFINITY)
}

/**
 * Checks every byte.
 * @throws {SpoolError} `no_spool`, `folder_foreign`, `version_unsupported`, `damaged_beyond_reading`, `disk_failed`
 */
export function verifySpool(options: InspectOptions): Promise<SpoolReport> {
  return examine(options, 1)
}

async function examine({ folder, files, onProgress }: InspectOptions, from: number): Promise<SpoolReport> {
  const state = await readQuietFolder(files, folder)
  const { epoch, watermark } = state
  if (epoch === undefined) throw new SpoolError('no_spool', `${folder} holds no log.`)
  const damage: SpoolDamage[] = []
  let damageCount = 0
  const tell = (found: SpoolDamage) => {
    damageCount++
    if (damage.length < damageMax) damage.push(found)
  }
  for (const [file, slots] of [
    [cursorFile, state.cursorSlots],
    [watermarkFile, state.watermarkSlots],
  ] as const) {
    for (const offset of slots.damagedAt) tell({ file, offset, byteCount: 512, reason: 'slot', lost: undefined })
  }
  const segments: SegmentReport[] = []
  const bytesAll = state.segments.reduce((sum, segment) => sum + segment.bytes, 0)
  let bytesDone = 0
  let tornBytes = 0
  for (const [index, segment] of state.segments.entries()) {
    const before = bytesDone
    const next = state.segments[index + 1]
    const onRead = (bytes: number) => onProgress?.({ bytesDone: before + bytes, bytesAll })
    const inspection = await inspectSegment({ files, folder, epoch, segment, next, from, watermark, tell, onRead })
    bytesDone += segment.bytes
    if (inspection === undefined) continue
    segments.push(inspection.report)
    tornBytes += inspection.tornBytes
  }
  const newest = state.segments.at(-1)
  if (watermark !== undefined && (newest === undefined || newest.firstSequence < watermark.segmentFirst)) {
    const lost = { first: watermark.segmentFirst, last: watermark.syncedThrough }
    tell({ file: segmentFile(watermark.segmentFirst), offset: 0, byteCount: watermark.syncedBytes, reason: 'file_missing', lost })
  }
  const records = segments.reduce((sum, segment) => sum + segment.records, 0)
  return { epoch, cursor: state.cursor, watermark, segments, bytes: bytesAll, records, tornBytes, damage, damageCount }
}

/** The folder's state, read again while a slot is being written. */
async function readQuietFolder(files: Files, folder: string): Promise<FolderState> {
  try {
    for (let attempt = 1; ; attempt++) {
      const state = await readFolder(files, folder)
      if (attempt === slotAttempts || state.cursorSlots.damagedAt.length + state.watermarkSlots.damagedAt.length === 0) return state
    }
  } catch (error) {
    if (error instanceof SpoolError) throw error
    if (errnoOf(error) === 'ENOENT') throw new SpoolError('no_spool', `${folder} does not exist.`, error)
    throw new SpoolError('disk_failed', `${folder} cannot be read: ${(error as Error).message}.`, error)
  }
}
