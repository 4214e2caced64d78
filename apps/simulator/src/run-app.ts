import { IdentityError } from '@outrider/identity'
import type { Lifecycle, SettingsResult } from '@outrider/service'
import { TrafficError } from '@outrider/traffic'
import { RunError, runErrorCodes } from './run-error.js'
import { checkIdentity, type FleetSettings } from './settings.js'

/** What a run is told by its process, and tells it. */
export interface RunPorts {
  readonly print: (line: object) => void
  /** The run is over by itself. */
  readonly onOver: (error?: Error) => void
}

const exitCodes = { failed: 1, wrongSetting: 2, noNode: 3 } as const

/** Runs one of the two apps of this folder as the process: settings checked, signals bound, the end told by the exit code. */
export async function runApp<T extends FleetSettings>(
  name: string,
  read: SettingsResult<T>,
  compose: (settings: T, ports: RunPorts) => Lifecycle,
): Promise<void> {
  if (!read.ok) return refuse(read.problems.map(({ text }) => text))
  const problems = checkIdentity(read.value)
  if (problems.length > 0) return refuse(problems)

  const run = compose(read.value, {
    print: line => process.stdout.write(`${JSON.stringify(line)}\n`),
    onOver: error => void stop(error),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())
  // Nobody reads any more: whoever started the run is gone.
  process.stdout.on('error', () => void stop())
  try {
    await run.start()
  } catch (error) {
    end(error as Error)
  }

  async function stop(error?: Error): Promise<void> {
    const wentWell = await run.stop()
    if (error !== undefined) end(error)
    process.exit(wentWell ? 0 : exitCodes.failed)
  }

  function end(error: Error): never {
    process.stderr.write(`${name}: ${error.message}\n`)
    process.exit(exitCodeOf(error))
  }

  function refuse(lines: readonly string[]): never {
    for (const line of lines) process.stderr.write(`${name}: ${line}\n`)
    process.exit(exitCodes.wrongSetting)
  }
}

/** A file or folder that is not what it should be is a wrong setting. */
function exitCodeOf(error: Error): number {
  if (error instanceof RunError && error.code === runErrorCodes.noNode) return exitCodes.noNode
  const isInput = error instanceof IdentityError || error instanceof TrafficError || error instanceof RunError
  return isInput ? exitCodes.wrongSetting : exitCodes.failed
}
