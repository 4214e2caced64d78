/** Exit codes of every outrider command. */
export const exitCodes = {
  ok: 0,
  /** The command ran and the answer is bad: a damaged log, a job that could not be done. */
  failed: 1,
  /** A flag, argument, environment value or input file is wrong; nothing was done. */
  usage: 2,
  /** Something needed did not answer or refused us (broker, node); nothing was lost, trying again later may help. */
  unavailable: 3,
} as const

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An expected failure of a command: one message that says what is wrong and what to do, and the exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}
