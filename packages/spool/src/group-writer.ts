import type { Files, OpenFile } from './files.js'
import type { HeldSegment } from './open-log.js'
import type { Group } from './pending-records.js'
import { createSegment } from './segment-files.js'
import { segmentHeaderBytes } from './segment-header.js'

/** A sync that failed. The kernel may have dropped the data and call it clean: never repeated, whatever the reason. */
export class SyncFailure extends Error {
  constructor(cause: unknown) {
    super('fdatasync failed', { cause })
    this.name = 'SyncFailure'
  }
}

/** Puts groups into segment files. Not synced before `sync` resolves. */
export interface GroupWriter {
  /** Writes what is left of the group. After a rejection it may be called again with the same group, and goes on where it was. */
  write(group: Group): Promise<void>
  /** @throws {SyncFailure} */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface GroupWriterOptions {
  readonly files: Files
  readonly folder: string
  readonly epoch: number
  readonly segmentBytes: number
  readonly wallMs: () => number
  /** Ascending; the last is the one `tail` is open on. New segments are added here. */
  readonly segments: HeldSegment[]
  readonly tail: OpenFile
  readonly onSegmentOpened: (segment: HeldSegment) => void
}

export function createGroupWriter({
  files,
  folder,
  epoch,
  segmentBytes,
  wallMs,
  segments,
  tail,
  onSegmentOpened,
}: GroupWriterOptions): GroupWriter {
  let file = tail

  async function sync() {
    try {
      await file.sync()
    } catch (error) {
      throw new SyncFailure(error)
    }
  }

  /** The finished segment is synced first: only the newest one may ever hold bytes that are not. */
  async function openSegment(firstSequence: number) {
    await sync()
    const createdAtMs = wallMs()
    const next = await createSegment(files, folder, { epoch, firstSequence, createdAtMs, segmentBytes, gapBefore: undefined })
    await file.close()
    file = next
    const segment = { firstSequence, createdAtMs, bytes: segmentHeaderBytes }
    segments.push(segment)
    onSegmentOpened(segment)
  }

  return {
    async write(group) {
      for (let part = group.parts[0]; part !== undefined; part = group.parts[0]) {
        if (part.opensSegment !== undefined && segments.at(-1)!.firstSequence !== part.opensSegment) await openSegment(part.opensSegment)
        const segment = segments.at(-1)!
        const length = part.end - part.start
        await file.write(group.buffer, part.start, length, segment.bytes)
        segment.bytes += length
        group.parts.shift()
      }
    },
    sync,
    close: () => file.close(),
  }
}
