// An app of ours as a process that says in its first line of standard output where it serves.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface AppProcess<Ready> {
  /** Its first line. */
  readonly ready: Ready
  /** What it wrote to standard error so far. */
  log(): string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>
}

export interface AppPlace {
  start<Ready>(main: string, environment: Readonly<Record<string, string | undefined>>): Promise<AppProcess<Ready>>
  /** Ends what still runs. */
  killAll(): Promise<void>
}

/** Starts apps with these variables and no others; rejects with the standard error of one that ends before it is ready. */
export function createAppPlace(): AppPlace {
  const running = new Set<AppProcess<unknown>>()
  return {
    async start<Ready>(main: string, environment: Readonly<Record<string, string | undefined>>) {
      const child = spawn(process.execPath, [main], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, ...environment },
      })
      let errors = ''
      child.stderr.on('data', text => {
        errors += text
      })
      const exited = once(child, 'exit') as Promise<[number | null]>
      const line = await Promise.race([
        once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
        exited.then(([code]) => {
          throw new Error(`${main} ended with ${code}: ${errors}`)
        }),
      ])
      const end = async (signal: NodeJS.Signals) => {
        child.kill(signal)
        const [code] = await exited
        running.delete(app)
        return code
      }
      const app: AppProcess<Ready> = {
        ready: JSON.parse(line),
        log: () => errors,
        async kill() {
          await end('SIGKILL')
        },
        stop: () => end('SIGTERM'),
      }
      running.add(app)
      return app
    },
    async killAll() {
      await Promise.all(Array.from(running, app => app.kill()))
    },
  }
}
