// The real command and what it prints.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../apps/cli/bin/outrider.js', import.meta.url))
const running = new Set<ChildProcess>()

export interface Command {
  readonly process: ChildProcess
  /** Lines on standard output, as objects where they are JSON. */
  readonly lines: readonly (string | Record<string, never>)[]
  readonly errors: readonly string[]
  readonly ended: Promise<number | string>
  /** All values under a key so far. */
  values(key: string): readonly Record<string, never>[]
  /** The first one, now or when it comes; throws if the command ends before. */
  value(key: string, isWanted?: (value: Record<string, never>) => boolean): Promise<Record<string, never>>
}

export function outrider(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KAFKA_|OUTRIDER_)/.test(name))
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const lines: (string | Record<string, never>)[] = []
  const errors: string[] = []
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout! }).on('line', text => {
    lines.push(text.startsWith('{') ? JSON.parse(text) : text)
    for (const wake of waiting.splice(0)) wake()
  })
  createInterface({ input: child.stderr! }).on('line', text => errors.push(text))
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return (code ?? signal) as number | string
  })
  const values = (key: string) =>
    lines.flatMap(line => (typeof line === 'object' && key in line ? [line[key] as unknown as Record<string, never>] : []))
  return {
    process: child,
    lines,
    errors,
    ended,
    values,
    async value(key, isWanted = () => true) {
      for (;;) {
        const found = values(key).find(isWanted)
        if (found !== undefined) return found
        const news = new Promise<undefined>(resolve => waiting.push(() => resolve(undefined)))
        const code = await Promise.race([news, ended])
        if (code !== undefined && values(key).find(isWanted) === undefined) {
          throw new Error(`ended with ${code} before a line with ${key}: ${errors.join('\n')}`)
        }
      }
    },
  }
}

/** Ends what is left of a file's commands. */
export async function clearCommands(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}
