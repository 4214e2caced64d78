import { pino } from 'pino'
import { createLineWriter, writeToStandardError } from './line-writer.js'

/** Values of an event: units last in their names; never a vehicle, a token or a position. */
export type LogFields = Readonly<Record<string, unknown>>

/** A process's log: one JSON line per event. Events come from fixed lists, snake_case noun_verb, with fields and not sentences. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogOptions {
  /** What kind of process this is: edge, region, central … */
  readonly app: string
  /** Which one. */
  readonly instance: string
  /** Less than this is not written. */
  readonly level: LogLevel
  /** Takes each line. Standard error by default: standard output is for results. */
  readonly write?: (line: string) => void
}

export function createLog({ app, instance, level, write }: LogOptions): Log {
  // Not pino's own destination: where a line cannot be written it throws, and a full disk under the log ended every process at once.
  const stream = write === undefined ? createLineWriter(writeToStandardError, lines => at('warn')('log_lines_lost', { lines })) : { write }
  const logger = pino(
    {
      level,
      base: { app, instance },
      messageKey: 'event',
      formatters: { level: label => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    stream,
  )
  const at = (name: Exclude<LogLevel, 'silent'>) => (event: string, fields?: LogFields) => logger[name](readable(fields), event)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Errors as name, code and message: a stack would tell paths, and belongs to bugs, which end the process. */
function readable(fields: LogFields = {}): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? describe(value) : value]))
}

function describe(error: Error): LogFields {
  const code = 'code' in error ? { code: error.code } : {}
  return { name: error.name, ...code, message: error.message, ...(error.cause instanceof Error && { cause: describe(error.cause) }) }
}
