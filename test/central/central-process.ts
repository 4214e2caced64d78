import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AppProcess, createAppPlace } from '../app-process.js'

const main = fileURLToPath(new URL('../../apps/central/dist/main.js', import.meta.url))

export interface CentralProcess extends Omit<AppProcess<unknown>, 'ready'> {
  readonly httpPort: number
  readonly adminPort: number
  get(target: string, init?: RequestInit): Promise<Response>
  stats(): Promise<CentralStats>
}

export interface CentralStats {
  readonly reports: { readonly identities: number; readonly applications: number; readonly duplicates: number }
  readonly records: { readonly applied: number; readonly repeatsDropped: number; readonly lost: number }
  readonly alerts: { readonly total: number; readonly active: number; readonly ended: number }
  readonly deliveries: { readonly targeted: number; readonly acknowledged: number }
  readonly deadLetters: number
  readonly eventLog: { readonly lag: number | null }
}

export interface CentralPlace {
  readonly folder: string
  readonly eventLogFolder: string
  start(environment?: Readonly<Record<string, string>>): Promise<CentralProcess>
  /** Runs it with arguments to its end. */
  run(
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>
  remove(): Promise<void>
}

/** A folder of its own, and real central processes in it. */
export async function createCentralPlace(): Promise<CentralPlace> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'outrider-central-'))
  const apps = createAppPlace()
  const eventLogFolder = path.join(folder, 'event-log')
  const settingsOf = (environment: Readonly<Record<string, string>>) => ({
    OUTRIDER_CENTRAL_DATA: path.join(folder, 'data'),
    OUTRIDER_CENTRAL_PORT: '0',
    OUTRIDER_CENTRAL_ADMIN_PORT: '0',
    OUTRIDER_CENTRAL_REQUESTS_PER_SECOND: '1000',
    OUTRIDER_EVENT_LOG: eventLogFolder,
    ...environment,
  })

  return {
    folder,
    eventLogFolder,
    async start(environment = {}) {
      const app = await apps.start<{ readonly httpPort: number; readonly adminPort: number }>(main, settingsOf(environment))
      const get = (target: string, init?: RequestInit) => fetch(`http://127.0.0.1:${app.ready.httpPort}${target}`, init)
      return {
        ...app,
        ...app.ready,
        get,
        async stats() {
          const answer = await get('/v1/stats')
          if (!answer.ok) throw new Error(`stats: ${answer.status} ${await answer.text()}`)
          return answer.json() as Promise<CentralStats>
        },
      }
    },
    async run(args, environment = {}) {
      const child = spawn(process.execPath, [main, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, ...settingsOf(environment) },
      })
      const output = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', text => {
          output[name] += text
        })
      }
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, ...output }
    },
    async remove() {
      await apps.killAll()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks until the answer is as wanted; what it was last is in the error of a test that times out. */
export async function until<T>(ask: () => Promise<T>, wanted: (value: T) => boolean, patienceMs = 90_000): Promise<T> {
  const endMs = performance.now() + patienceMs
  for (;;) {
    const value = await ask().catch(error => error as T)
    if (!(value instanceof Error) && wanted(value)) return value
    if (performance.now() > endMs) throw new Error(`not as wanted: ${value instanceof Error ? value.stack : JSON.stringify(value)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
