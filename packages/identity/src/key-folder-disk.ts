import path from 'node:path'
import { IdentityError } from './identity-error.js'
import { certificatesFolder, keyFolderFiles } from './key-folder-files.js'
import { reasonOf, type WriteFiles, writeFileAtomically } from './write-file.js'

/** The part of `node:fs/promises` a key folder takes. */
export type KeyFolderAccess = WriteFiles & Pick<typeof import('node:fs/promises'), 'chmod' | 'mkdir' | 'readFile' | 'readdir' | 'stat'>

const folderMode = 0o700
const secretMode = 0o600
const publicMode = 0o644

/** A key folder as files: what fails is an `IdentityError` that names the file and says what to do. Paths are inside the folder. */
export interface KeyFolderDisk {
  /** Makes the folders. Throws `already_exists` unless the folder is absent or empty. */
  make(): Promise<void>
  read(file: { readonly path: string }): Promise<string>
  /** Atomic; secret files for the owner alone. */
  write(file: { readonly path: string; readonly isSecret: boolean }, text: string): Promise<void>
  /** Paths of all certificates, in order. */
  certificates(): Promise<readonly string[]>
  /** Paths of the secret files, certificates' keys included, that others on this machine can read. */
  exposed(): Promise<readonly string[]>
  unusable(file: { readonly path: string }, problem: string, cause?: unknown): IdentityError
}

export function createKeyFolderDisk(root: string, files: KeyFolderAccess): KeyFolderDisk {
  /** Runs a read; what goes wrong is reported with the file's name. */
  async function reading<T>(file: string, action: (absolute: string) => Promise<T>): Promise<T> {
    try {
      return await action(path.join(root, file))
    } catch (cause) {
      throw unusable({ path: file }, `cannot be read (${reasonOf(cause)})`, cause)
    }
  }

  function unusable(file: { readonly path: string }, problem: string, cause?: unknown): IdentityError {
    const message = `${path.join(root, file.path)}: ${problem}; name a folder made by \`outrider keys init\`, or bring the file back from a copy`
    return new IdentityError('key_folder_unusable', message, { cause })
  }

  async function certificateFilesThatEnd(ending: string): Promise<string[]> {
    const names = await reading(certificatesFolder, folder => files.readdir(folder))
    return names
      .filter(name => name.endsWith(ending))
      .sort()
      .map(name => `${certificatesFolder}/${name}`)
  }

  return {
    async make() {
      await requireEmpty(root, files)
      await makeFolders(root, files)
    },
    read: file => reading(file.path, absolute => files.readFile(absolute, 'utf8')),
    write: (file, text) => writeFileAtomically(files, path.join(root, file.path), text, file.isSecret ? secretMode : publicMode),
    certificates: () => certificateFilesThatEnd('.pem'),
    async exposed() {
      const fixed = Object.values(keyFolderFiles).filter(file => file.isSecret)
      const secrets = [...fixed.map(file => file.path), ...(await certificateFilesThatEnd('.key'))]
      const stats = await Promise.all(secrets.map(file => reading(file, absolute => files.stat(absolute))))
      return secrets.filter((_, index) => (stats[index]!.mode & 0o077) !== 0)
    },
    unusable,
  }
}

async function requireEmpty(root: string, files: KeyFolderAccess): Promise<void> {
  let names: string[]
  try {
    names = await files.readdir(root)
  } catch (cause) {
    if (reasonOf(cause) === 'ENOENT') return
    throw new IdentityError('key_folder_unusable', `${root} cannot be used as a folder (${reasonOf(cause)}); name another one`, { cause })
  }
  if (names.length === 0) return
  const advice = names.includes(keyFolderFiles.settings.path)
    ? 'it is a key folder: `outrider keys rotate` and `outrider keys certificate` add to it; to begin anew, name another folder or move this one away'
    : 'name an absent or empty folder; if this one is left from an init that was cut off, remove it first'
  throw new IdentityError('already_exists', `${root} is not empty, and nothing in it was touched; ${advice}`)
}

async function makeFolders(root: string, files: KeyFolderAccess): Promise<void> {
  try {
    await files.mkdir(root, { recursive: true, mode: folderMode })
    await files.chmod(root, folderMode)
    await files.mkdir(path.join(root, path.dirname(keyFolderFiles.signingKeys.path)), { mode: folderMode })
    await files.mkdir(path.join(root, certificatesFolder), { mode: folderMode })
  } catch (cause) {
    throw new IdentityError('write_failed', `${root} cannot be made (${reasonOf(cause)})`, { cause })
  }
}
