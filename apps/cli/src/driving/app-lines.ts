import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Built entry files of the apps that print what happens as JSON lines. */
const appMains = {
  simulator: new URL('../../../simulator/dist/main.js', import.meta.url),
  replay: new URL('../../../simulator/dist/replay-main.js', import.meta.url),
} as const

export interface AppLinesOptions {
  readonly app: keyof typeof appMains
  /** Laid over this process's own. */
  readonly environment: Readonly<Record<string, string>>
  /** A line of its standard output, which is an object by contract. */
  readonly onLine: (line: Readonly<Record<string, unknown>>, text: string) => void
  /** A line of its standard error. */
  readonly onError: (text: string) => void
}

/** Runs an app to its end; resolves to its exit code (128 + n when a signal ended it). Signals to this process are passed on. */
export function runAppLines({ app, environment, onLine, onError }: AppLinesOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(appMains[app])], {
      // Of its own group: the terminal's Ctrl-C comes here, and is passed on once.
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    const pass = () => child.kill('SIGTERM')
    for (const signal of signals) process.on(signal, pass)
    createInterface({ input: child.stdout }).on('line', text => onLine(JSON.parse(text), text))
    createInterface({ input: child.stderr }).on('line', onError)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, pass)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}
