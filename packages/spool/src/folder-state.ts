/*
 * What a folder holds, read without changing anything: names, segment headers, both slot files, and the epoch they agree on.
 * `openLog` repairs from it, `inspectSpool` reports it.
 */
import path from 'node:path'
import { readSlots, type Slots } from './checked-slots.js'
import { errnoOf, type Files } from './files.js'
import { cursorFile, foreignAmong, segmentFile, segmentsAmong, watermarkFile } from './segment-files.js'
import { decodeSegmentHeader, formatVersion, type SegmentHeader, segmentHeaderBytes } from './segment-header.js'
import { SpoolError } from './spool-error.js'

export interface SegmentState {
  readonly firstSequence: number
  readonly file: string
  readonly bytes: number
  /** Absent if the header is damaged. */
  readonly header: SegmentHeader | undefined
}

/** How far a log is known to be synced: its newest segment, how much of that file, and the last sequence. */
export interface Watermark {
  readonly segmentFirst: number
  readonly syncedBytes: number
  readonly syncedThrough: number
}

export interface FolderState {
  /** Ascending. */
  readonly segments: readonly SegmentState[]
  readonly cursorSlots: Slots
  readonly watermarkSlots: Slots
  /** `undefined` if there is no log here (yet). */
  readonly epoch: number | undefined
  readonly cursor: number | undefined
  readonly watermark: Watermark | undefined
  readonly foreign: readonly string[]
}

const absent: Slots = { newest: undefined, damagedAt: [0, 512], newerVersion: undefined }

/** @throws {SpoolError} `folder_foreign`, `version_unsupported`, `damaged_beyond_reading`; or the file system's error */
export async function readFolder(files: Files, folder: string): Promise<FolderState> {
  const names = await files.list(folder)
  const firsts = segmentsAmong(names)
  const foreign = foreignAmong(names)
  const begun = firsts.length > 0 || names.includes(cursorFile) || names.includes(watermarkFile)
  if (!begun && foreign.length > 0) {
    throw new SpoolError(
      'folder_foreign',
      `${folder} is no spool: it holds ${shown(foreign)}. Name an empty folder, or one that does not exist yet.`,
    )
  }
  const cursorSlots = names.includes(cursorFile) ? await readSlots(files, path.join(folder, cursorFile), 'cursor') : absent
  const watermarkSlots = names.includes(watermarkFile) ? await readSlots(files, path.join(folder, watermarkFile), 'watermark') : absent
  const newer = cursorSlots.newerVersion ?? watermarkSlots.newerVersion
  if (newer !== undefined) throw unsupported(folder, newer)
  const segments: SegmentState[] = []
  for (const first of firsts) {
    const segment = await readSegmentState(files, folder, first)
    if (segment !== undefined) segments.push(segment)
  }
  const epoch = agreedEpoch(folder, segments, cursorSlots, watermarkSlots)
  const [segmentFirst, syncedBytes, syncedThrough] = watermarkSlots.newest?.numbers ?? []
  return {
    segments,
    cursorSlots,
    watermarkSlots,
    epoch,
    cursor: cursorSlots.newest?.numbers[0],
    watermark: segmentFirst && syncedBytes && syncedThrough !== undefined ? { segmentFirst, syncedBytes, syncedThrough } : undefined,
    foreign,
  }
}

/** `undefined` if it was removed meanwhile, which a live writer does. */
async function readSegmentState(files: Files, folder: string, firstSequence: number): Promise<SegmentState | undefined> {
  const name = segmentFile(firstSequence)
  let file: Awaited<ReturnType<Files['open']>>
  try {
    file = await files.open(path.join(folder, name), 'read')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const bytes = Buffer.alloc(segmentHeaderBytes)
    const length = await file.read(bytes, 0, bytes.length, 0)
    const result = decodeSegmentHeader(bytes.subarray(0, length))
    if (result.kind === 'newer') throw unsupported(path.join(folder, name), result.version)
    const header = result.kind === 'header' ? result.header : undefined
    if (header !== undefined && header.firstSequence !== firstSequence) {
      throw new SpoolError(
        'folder_foreign',
        `${path.join(folder, name)} was renamed: it is ${segmentFile(header.firstSequence)}. Give it its name back; nothing was changed.`,
      )
    }
    return { firstSequence, file: name, bytes: await file.size(), header }
  } finally {
    await file.close()
  }
}

/** Any part whose check fits tells the epoch, and none may disagree. */
function agreedEpoch(folder: string, segments: readonly SegmentState[], cursor: Slots, watermark: Slots): number | undefined {
  const told = [
    ...segments.map(segment => ({ name: segment.file, epoch: segment.header?.epoch })),
    { name: cursorFile, epoch: cursor.newest?.epoch },
    { name: watermarkFile, epoch: watermark.newest?.epoch },
  ].filter(part => part.epoch !== undefined)
  const stranger = told.find(part => part.epoch !== told[0]?.epoch)
  if (told[0] !== undefined && stranger !== undefined) {
    throw new SpoolError(
      'folder_foreign',
      `${folder} holds files of two logs: ${told[0].name} (epoch ${told[0].epoch}) and ${stranger.name} (epoch ${stranger.epoch}). Move the files of one of them away; nothing was changed.`,
    )
  }
  if (told.length === 0 && segments.some(segment => segment.bytes > segmentHeaderBytes)) {
    throw new SpoolError(
      'damaged_beyond_reading',
      `${folder}: no segment header, cursor or watermark can be read, so no record can be told from damage. Move the folder away, or put back a copy; nothing was changed.`,
    )
  }
  return told[0]?.epoch
}

function unsupported(where: string, version: number): SpoolError {
  return new SpoolError(
    'version_unsupported',
    `${where} has format version ${version}; this program reads version ${formatVersion}. Use the newer program, or another folder; nothing was changed.`,
  )
}

function shown(names: readonly string[]): string {
  const some = names.slice(0, 3).map(name => JSON.stringify(name))
  return names.length > 3 ? `${some.join(', ')} and ${names.length - 3} more` : some.join(', ')
}
