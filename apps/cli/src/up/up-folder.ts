// The data folder of `outrider up`: made once, used by one run at a time, gone on with by the next.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { nodeFiles } from '@outrider/spool'
import { CliError, exitCodes } from '../cli-error.js'
import { type RunningUp, runningUpPath } from './running-up.js'

/** Marks a folder as ours, so that --fresh empties nothing else. */
const marker = 'outrider-up.json'
const lockFolder = 'lock'

export interface UpFolder {
  readonly path: string
  /** Absolute path of something in it. */
  in(...names: string[]): string
  /** Says to other commands what runs here. */
  announce(running: RunningUp): Promise<void>
  /** For the next run. */
  release(): Promise<void>
}

/** Makes the folder if need be and takes it. @throws CliError if it is somebody else's, or in use */
export async function openUpFolder(folder: string, fresh: boolean): Promise<UpFolder> {
  const root = path.resolve(folder)
  const inRoot = (...names: string[]) => path.join(root, ...names)
  await claim(root)
  await mkdir(inRoot(lockFolder), { recursive: true })
  const lock = await nodeFiles.lock(inRoot(lockFolder))
  if (!lock.locked)
    throw new CliError(
      exitCodes.failed,
      `outrider up runs already with data folder ${folder} (process ${lock.pid}); stop that one, or give this one another with --data DIR`,
    )
  if (fresh) {
    for (const name of await readdir(root)) {
      if (name !== marker && name !== lockFolder) await rm(inRoot(name), { recursive: true })
    }
  }
  await mkdir(inRoot('logs'), { recursive: true })
  return {
    path: folder,
    in: inRoot,
    async announce(running) {
      await writeFile(`${runningUpPath(root)}.new`, `${JSON.stringify(running, undefined, 2)}\n`)
      await rename(`${runningUpPath(root)}.new`, runningUpPath(root))
    },
    async release() {
      await rm(runningUpPath(root), { force: true })
      await lock.release()
    },
  }
}

async function claim(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true })
    const names = await readdir(root)
    if (names.length === 0) return await writeFile(path.join(root, marker), `${JSON.stringify({ madeBy: 'outrider up' })}\n`)
    await readFile(path.join(root, marker))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw new CliError(exitCodes.usage, `${root} holds something else: --data must name an absent or empty folder, or one of outrider up`)
    throw new CliError(exitCodes.usage, `--data ${root} cannot be used: ${message}`, { cause: error })
  }
}
