import { CommanderError } from 'commander'
import { CliError, exitCodes } from './cli-error.js'
import { createProgram } from './program.js'

/** Runs the command line `argv` (as process.argv) and sets the process's exit code; `exitCodes` says which there are. */
export async function main(argv: readonly string[]): Promise<void> {
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
