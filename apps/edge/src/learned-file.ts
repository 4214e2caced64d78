// What the zone has learned of usual traffic, in the data folder: read at the start, written now and then and at the stop. It is no record: without it, or
// with one that does not fit, the zone warns as before and learns anew, so that nothing here keeps a node from starting or stopping.
import type { Zone } from '@outrider/zone'

/** `node:fs/promises` has them. */
export interface LearnedFileSystem {
  readFile(path: string): Promise<Uint8Array>
  writeFile(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
}

export type LearnedFileEvent =
  | { readonly event: 'learned_restored'; readonly cells: number }
  /** The file is there and does not fit; it is written over at the next save. */
  | { readonly event: 'learned_refused'; readonly reason: string }
  | { readonly event: 'learned_saved'; readonly bytes: number; readonly tookMs: number }
  | { readonly event: 'learned_failed'; readonly cause: unknown }

export interface LearnedFileOptions {
  readonly path: string
  readonly zone: Pick<Zone, 'learned' | 'relearn'>
  readonly files: LearnedFileSystem
  readonly monotonicMs: () => number
  /** Calls once after so many ms, and can be taken back. */
  readonly schedule: (ms: number, call: () => void) => () => void
  readonly onEvent: (event: LearnedFileEvent) => void
}

export interface LearnedFile {
  /** Reads it, and begins to write it. */
  start(): Promise<void>
  /** Writes it once more. Idempotent. */
  stop(): Promise<void>
}

/** What a crash costs of two weeks of learning; making the bytes holds the loop for about 10 ms when the table is full (15 MB). */
const saveEveryMs = 600_000

export function createLearnedFile({ path, zone, files, monotonicMs, schedule, onEvent }: LearnedFileOptions): LearnedFile {
  let cancel: (() => void) | undefined
  let saving: Promise<void> = Promise.resolve()

  async function restore(): Promise<void> {
    let bytes: Uint8Array
    try {
      bytes = await files.readFile(path)
    } catch (cause) {
      // A node that never ran has none.
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') onEvent({ event: 'learned_failed', cause })
      return
    }
    const restored = zone.relearn(bytes)
    if (restored.outcome === 'restored') onEvent({ event: 'learned_restored', cells: restored.cells })
    else onEvent({ event: 'learned_refused', reason: restored.reason })
  }

  /** Renamed into place, so that a crash leaves the one before. */
  async function save(): Promise<void> {
    const beganMs = monotonicMs()
    const bytes = zone.learned()
    const tookMs = monotonicMs() - beganMs
    try {
      await files.writeFile(`${path}.new`, bytes)
      await files.rename(`${path}.new`, path)
      onEvent({ event: 'learned_saved', bytes: bytes.byteLength, tookMs })
    } catch (cause) {
      onEvent({ event: 'learned_failed', cause })
    }
  }

  function saveLater(): void {
    cancel = schedule(saveEveryMs, () => {
      saving = save()
      saveLater()
    })
  }

  return {
    async start() {
      await restore()
      saveLater()
    },
    async stop() {
      if (cancel === undefined) return
      cancel()
      cancel = undefined
      await saving
      await save()
    },
  }
}
