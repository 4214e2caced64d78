// One app as a child process of `outrider up`. It is in a process group of its own, so that the terminal's Ctrl-C reaches the command alone,
// which stops its children in their order.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, renameSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type AppName, appMain } from '../app-process.js'
import { tailOf } from './log-tail.js'

export interface ChildSpec {
  /** Unique in the run; also the name of its log. */
  readonly name: string
  readonly app: AppName
  /** The whole of it. */
  readonly environment: Readonly<Record<string, string>>
}

export interface ChildEnd {
  readonly name: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly name: string
  readonly pid: number | undefined
  readonly logFile: string
  /** Its first line on standard output. Undefined: it ended before. */
  readonly ready: Promise<unknown>
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<ChildEnd>
  readonly hasEnded: boolean
  /** SIGTERM, and SIGKILL if it is still there after `withinMs`. Idempotent. */
  stop(withinMs: number): Promise<ChildEnd>
  /** SIGKILL. */
  kill(): void
  /** The last lines of its log. */
  lastLines(): string[]
}

const lifeline = new URL('./lifeline.js', import.meta.url).href

/** @param onLine takes each line of its standard output behind the first, which are JSON by contract */
export function startChild({ name, app, environment }: ChildSpec, logFile: string, onLine: (line: unknown) => void = () => {}): Child {
  keepLogOfBefore(logFile)
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, ['--import', lifeline, appMain(app)], {
    detached: true,
    env: environment,
    stdio: ['pipe', 'pipe', log],
  })
  closeSync(log)
  child.stdin!.on('error', () => {}) // it is never written to; who is gone is told by `ended`
  let hasEnded = false
  let stopping: Promise<ChildEnd> | undefined
  const ended = endOf(name, child).then(end => {
    hasEnded = true
    return end
  })
  const ready = new Promise<unknown>(resolve => {
    const lines = createInterface({ input: child.stdout! })
    let isFirst = true
    lines.on('line', text => {
      const line = parsed(text)
      if (isFirst) resolve(line)
      else onLine(line)
      isFirst = false
    })
    ended.then(() => resolve(undefined))
  })

  async function stop(withinMs: number): Promise<ChildEnd> {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    const end = await ended
    clearTimeout(timer)
    return end
  }

  return {
    name,
    pid: child.pid,
    logFile,
    ready,
    ended,
    get hasEnded() {
      return hasEnded
    },
    stop(withinMs) {
      stopping ??= stop(withinMs)
      return stopping
    },
    kill: () => void child.kill('SIGKILL'),
    lastLines: () => tailOf(logFile),
  }
}

/** `close` comes after the last line of standard output; a process that could not be started has no `exit`. */
async function endOf(name: string, child: ChildProcess): Promise<ChildEnd> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return { name, code, signal }
  } catch {
    // `error`: it was never started, and has neither code nor signal.
    return { name, code: null, signal: null }
  }
}

/** The log of the run before stays beside the new one, which begins empty. */
function keepLogOfBefore(logFile: string): void {
  try {
    renameSync(logFile, logFile.replace(/\.log$/, '.before.log'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Undefined for what is no JSON, which apps do not print. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
