// The real command in a process of its own, and the processes it started.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../apps/cli/bin/outrider.js', import.meta.url))
const running = new Set<ChildProcess>()
const folders: string[] = []

export interface UpProcess {
  readonly process: ChildProcess
  readonly pid: number
  readonly out: () => string
  readonly err: () => string
  /** Resolves to the exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>
}

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'outrider-up-'))
  folders.push(folder)
  return folder
}

/** `outrider up ARGS`, with none of this process's own settings, on ports that others do not choose too. */
export function startUp(...args: string[]): UpProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KAFKA_|OUTRIDER_|DATABASE_URL)/.test(name))
  const child = spawn(process.execPath, [bin, 'up', '--any-ports', ...args], {
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', chunk => {
      text[name] += chunk
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return code ?? signal
  })
  return { process: child, pid: child.pid!, out: () => text.stdout, err: () => text.stderr, ended }
}

/** Resolves when its status says so; it fails if the command ends first. */
export async function shows(up: UpProcess, words: string): Promise<void> {
  let code: number | NodeJS.Signals | undefined
  void up.ended.then(end => {
    code = end
  })
  await until(() => (up.out() + up.err()).includes(words) || code !== undefined)
  if (code !== undefined) throw new Error(`it ended with ${code} before "${words}": ${up.err()}`)
}

/** Looks until it is so; a test's timeout ends what never is. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 20))
}

/** Process ids of the apps that a command started, by the name of the app. */
export async function appsOf(up: UpProcess): Promise<ReadonlyMap<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const [stat, command] = await Promise.all([readProc(name, 'stat'), readProc(name, 'cmdline')])
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    const app = /apps\/(\w+)\/dist\/main\.js/.exec(command)?.[1]
    if (parent === up.pid && app !== undefined) found.set(app, [...(found.get(app) ?? []), Number(name)])
  }
  return found
}

/** A process that ended meanwhile has no files any more. */
function readProc(pid: string, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Resolves when none of them is there any more. */
export async function areGone(pids: readonly number[]): Promise<void> {
  await until(() => !pids.some(isAlive))
}

/** Ends what is left of a file's runs; their apps end with them. */
export async function clearUp(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
}
