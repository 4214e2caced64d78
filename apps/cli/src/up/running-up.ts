// What a running `outrider up` says of itself in its data folder, for other commands of this machine.
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** Where `outrider up` keeps everything unless told otherwise, from the folder it is started in. */
export const upFolderDefault = 'data/up'

const runningFile = 'running.json'

export interface RunningUp {
  /** Process id of the command. */
  readonly pid: number
  /** host:port of the region's gRPC. */
  readonly region: string
  /** URL of the central services. */
  readonly central: string
  /** URL of central's admin port. */
  readonly centralAdmin: string
  /** WebSocket URLs of the edge nodes. */
  readonly edges: readonly string[]
  /** Key folder of the authority. */
  readonly keys: string
  readonly ca: string
  readonly operatorCertificate: string
  readonly operatorKey: string
}

export function runningUpPath(folder: string): string {
  return path.join(folder, runningFile)
}

/** Undefined if none runs with this data folder. */
export async function readRunningUp(folder: string): Promise<RunningUp | undefined> {
  try {
    const running = JSON.parse(await readFile(runningUpPath(folder), 'utf8')) as RunningUp
    process.kill(running.pid, 0)
    return running
  } catch (error) {
    // No file, or its writer was killed and left it; half a file there never is, as it is renamed into place.
    if (error instanceof SyntaxError || ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
