/**
 * What the spool needs of a file system. `nodeFiles` is the real one; the tests run on a simulated disk that loses what was not synced.
 * Failures reject with the platform's error, whose `code` is an errno name (`ENOENT`, `ENOSPC` …).
 */
export interface Files {
  /** Makes a folder and its parents, durably; fine if it exists. */
  makeFolder(folder: string): Promise<void>
  /** Names in a folder, in any order. */
  list(folder: string): Promise<string[]>
  /** `create` fails with `EEXIST` if the file exists; `read` and `write` with `ENOENT` if it does not. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>
  remove(path: string): Promise<void>
  /** Makes creations and removals of files in the folder durable. */
  syncFolder(folder: string): Promise<void>
  /** Bytes that an ordinary process may still write on the folder's disk. */
  freeBytes(folder: string): Promise<number>
  /** Takes the folder's one writer lock. A lock left by a process that is gone is taken over. */
  lock(folder: string): Promise<FolderLockResult>
}

/** Positions and lengths in bytes. */
export interface OpenFile {
  /** Reads up to `length` bytes into `buffer` at `offset`; resolves to how many there were, 0 at the end. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>
  /** Writes all `length` bytes, or rejects; some may be written then. `buffer` must not change until it settles. */
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<void>
  /** Makes the content, and the size, durable (fdatasync). */
  sync(): Promise<void>
  truncate(bytes: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

export type FolderLockResult =
  | { readonly locked: true; readonly takenOverFromPid: number | undefined; release(): Promise<void> }
  /** The live process that holds it. */
  | { readonly locked: false; readonly pid: number }

/** The errno name of a failure of the file system, if it has one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** True for the failures that mean "no space now", which passes, as opposed to a broken disk. */
export function isDiskFull(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'ENOSPC' || errno === 'EDQUOT'
}
