// A process of apps/simulator and the lines it prints.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const running = new Set<ChildProcess>()

export interface AppProcess {
  readonly process: ChildProcess
  /** Objects on its standard output so far. */
  readonly lines: readonly Record<string, unknown>[]
  readonly errors: readonly string[]
  readonly ended: Promise<number | string>
  /** The first line with a key, now or when it comes; throws if the process ends first. */
  line(key: string, isWanted?: (value: never) => boolean): Promise<Record<string, never>>
}

export function startApp(main: string, environment: Readonly<Record<string, string>>): AppProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KAFKA_|OUTRIDER_)/.test(name))
  const file = fileURLToPath(new URL(`../../apps/simulator/dist/${main}.js`, import.meta.url))
  const child = spawn(process.execPath, [file], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const lines: Record<string, unknown>[] = []
  const errors: string[] = []
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout! }).on('line', text => {
    lines.push(JSON.parse(text) as Record<string, unknown>)
    for (const wake of waiting.splice(0)) wake()
  })
  createInterface({ input: child.stderr! }).on('line', text => errors.push(text))
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return (code ?? signal) as number | string
  })
  return {
    process: child,
    lines,
    errors,
    ended,
    async line(key, isWanted = () => true) {
      for (;;) {
        const found = lines.find(line => key in line && isWanted(line[key] as never))
        if (found !== undefined) return found[key] as Record<string, never>
        const news = new Promise<undefined>(resolve => waiting.push(() => resolve(undefined)))
        const code = await Promise.race([news, ended])
        if (code !== undefined) throw new Error(`ended with ${code} before a line with ${key}: ${errors.join('\n')}`)
      }
    },
  }
}

export async function clearApps(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}
