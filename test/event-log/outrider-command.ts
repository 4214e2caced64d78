import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../apps/cli/bin/outrider.js', import.meta.url))

export interface CommandResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the real command in a process of its own, with these environment variables of ours and no others. */
export async function outrider(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KAFKA_|OUTRIDER_)/.test(name))
  const child = spawn(process.execPath, [bin, ...args], { env: { ...Object.fromEntries(inherited), ...environment } })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', text => {
      output[name] += text
    })
  }
  const [exitCode] = await once(child, 'close')
  return { exitCode, ...output }
}
