import files from 'node:fs/promises'
import { IdentityError, type IdentityErrorCode, type KeyFolder, openKeyFolder } from '@outrider/identity'
import { CliError, exitCodes } from '../cli-error.js'

/** What a key folder takes from this machine. */
export function keyFolderOptions(path: string) {
  return { path, files, nowMs: Date.now }
}

/** Opens the folder a command was given; secret files that others can read are named on standard error. */
export async function openFolder(path: string): Promise<KeyFolder> {
  const folder = await openKeyFolder(keyFolderOptions(path))
  // On Windows the mode bits say nothing about who may read.
  const exposed = process.platform === 'win32' ? [] : await folder.exposedFiles()
  for (const file of exposed) process.stderr.write(`outrider: warning: others can read ${path}/${file}; chmod 600 it\n`)
  return folder
}

const exitCodeOf: Readonly<Record<IdentityErrorCode, CliError['exitCode']>> = {
  bad_request: exitCodes.usage,
  key_file_unusable: exitCodes.usage,
  already_exists: exitCodes.usage,
  key_folder_unusable: exitCodes.usage,
  no_signing_key: exitCodes.failed,
  write_failed: exitCodes.failed,
}

/** Wraps a command's action: an `IdentityError` becomes its message and exit code. */
export function withKeyErrors<Args extends unknown[]>(action: (...args: Args) => Promise<void>): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args)
    } catch (error) {
      if (error instanceof IdentityError) throw new CliError(exitCodeOf[error.code], error.message, { cause: error })
      throw error
    }
  }
}
