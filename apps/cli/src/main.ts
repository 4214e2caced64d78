import { CommanderError } from 'commander'
import { CliError, exitCodes } from './cli-error.js'
import { createProgram } from './program.js'

/** Runs the command line `argv` (as process.argv) and sets the process's exit code; `exitCodes` says which there are. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', onOutputError)
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Says on standard error what went wrong and what to do; returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof CliError) {
    // What goes on over several lines is one message still.
    process.stderr.write(`outrider: ${error.message.replaceAll('\n', '\n  ')}\n`)
    return error.exitCode
  }
  process.stderr.write(`outrider: unexpected: ${error instanceof Error ? error.stack : String(error)}\n`)
  return exitCodes.failed
}

/** A reader that has seen enough (`outrider … | head`) is no failure; any other is, and nothing more can be said to it. */
function onOutputError(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok)
  process.stderr.write(`outrider: cannot write the output: ${error.message}\n`)
  process.exit(exitCodes.failed)
}
