import { randomInt } from 'node:crypto'
import { createFileEventLog, createKafkaEventLog, type EventLog, EventLogError, type EventLogErrorCode } from '@outrider/event-log'
import { readKafkaSettings } from '@outrider/service'
import { nodeClock, nodeFiles } from '@outrider/spool'
import { CliError, exitCodes } from './cli-error.js'
import { readPems } from './kafka-pems.js'

export interface EventLogChoice {
  /** Folder of the embedded event log; undefined: Kafka, as the environment says. */
  readonly data: string | undefined
  /** Makes an embedded log where there is none. */
  readonly create: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The event log a command works on, started. @throws CliError */
export async function openEventLog(choice: EventLogChoice): Promise<EventLog> {
  const log = choice.data === undefined ? kafkaEventLog(choice.environment) : embeddedEventLog(choice.data, choice.create)
  await orCliError(() => log.start())
  return log
}

function embeddedEventLog(folder: string, create: boolean): EventLog {
  return createFileEventLog({
    folder,
    writer: 'cli',
    create,
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    onEvent: () => {},
  })
}

function kafkaEventLog(environment: Readonly<Record<string, string | undefined>>): EventLog {
  const read = readKafkaSettings(environment)
  if (!read.ok) throw new CliError(exitCodes.usage, read.problems.map(problem => problem.text).join('\n'))
  const { brokers, clientId, tls, login, replication } = read.value
  if (brokers === undefined)
    throw new CliError(
      exitCodes.usage,
      'which event log? Set KAFKA_BROKERS=host:port for Kafka, or name the folder of an embedded one with --data DIR',
    )
  return createKafkaEventLog({
    brokers,
    clientId,
    replication,
    ...(tls && { tls: readPems(tls) }),
    ...(login && { login }),
    onEvent: () => {},
  })
}

const unavailable: readonly EventLogErrorCode[] = [
  'unreachable',
  'tls_refused',
  'login_refused',
  'not_authorised',
  'overloaded',
  'writer_in_use',
]
const usage: readonly EventLogErrorCode[] = ['log_foreign', 'invalid_record']

/** Runs a job on an event log; its expected failures become the command's. */
export async function orCliError<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job()
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error
    const exitCode = unavailable.includes(error.code)
      ? exitCodes.unavailable
      : usage.includes(error.code)
        ? exitCodes.usage
        : exitCodes.failed
    throw new CliError(exitCode, `${error.message} (${error.code})`, { cause: error })
  }
}
