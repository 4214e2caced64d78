import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { IdentityError } from './identity-error.js'

/** The part of `node:fs/promises` that writing takes. */
export type WriteFiles = Pick<typeof import('node:fs/promises'), 'open' | 'rename' | 'rm'>

/**
 * Writes a whole file or leaves the one before it as it was, a crash at any point included: a new file beside it, synced, renamed over it,
 * the folder synced. Throws `IdentityError` `write_failed`. A crash can leave a `.tmp` file of the same mode; it is never read.
 */
export async function writeFileAtomically(files: WriteFiles, file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeAndSync(files, temporary, text, mode)
    await files.rename(temporary, file)
    await syncFolder(files, path.dirname(file))
  } catch (cause) {
    await files.rm(temporary, { force: true }).catch(ignoreSecondFailure)
    throw new IdentityError('write_failed', `${file} cannot be written (${reasonOf(cause)}); what was there before is untouched`, { cause })
  }
}

async function writeAndSync(files: WriteFiles, file: string, text: string, mode: number): Promise<void> {
  const handle = await files.open(file, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(files: WriteFiles, folder: string): Promise<void> {
  const handle = await files.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The first failure is the one that is reported; a temporary file that stays harms nobody. */
function ignoreSecondFailure(): void {}

/** `ENOENT` and the like where there is one, for a message in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.message
  return String(error)
}
