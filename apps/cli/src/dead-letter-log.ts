import type { EventLog } from '@outrider/event-log'
import { topics } from '@outrider/protocol'
import type { Command } from 'commander'
import { CliError, exitCodes } from './cli-error.js'
import { type DeadLetter, readDeadLetter } from './dead-letter.js'
import { openEventLog } from './open-event-log.js'
import { readTopic } from './read-topic.js'

export interface LogOptions {
  readonly data?: string
  readonly json?: true
}

/** The options by which a command finds its event log. */
export function withLogOptions(command: Command): Command {
  return command.option('--data <dir>', 'folder of an embedded event log').option('--json', 'print JSON')
}

export async function withLog(options: LogOptions, job: (log: EventLog) => Promise<void>): Promise<void> {
  const log = await openEventLog({ data: options.data, create: false, environment: process.env })
  try {
    await job(log)
  } finally {
    await log.stop()
  }
}

/** Hands over each letter, oldest first within its partition, until `onLetter` returns false. @throws CliError */
export function eachLetter(log: EventLog, onLetter: (letter: DeadLetter) => boolean): Promise<void> {
  return readTopic(log, topics.deadLetters.name, ({ partition, records }) =>
    records.every(record => onLetter(readDeadLetter(partition, record))),
  )
}

/** The letters of these ids, in the order they were written. @throws CliError if one is no id, or there is no such letter */
export async function lettersById(log: EventLog, ids: readonly string[]): Promise<DeadLetter[]> {
  for (const id of ids)
    if (!/^.+:\d+$/.test(id))
      throw new CliError(exitCodes.usage, `"${id}" is no letter's id; an id is partition:offset, as outrider dead-letters list shows it`)
  const wanted = new Set(ids)
  const found: DeadLetter[] = []
  await eachLetter(log, letter => {
    if (wanted.delete(letter.id)) found.push(letter)
    return wanted.size > 0
  })
  if (wanted.size > 0)
    throw new CliError(
      exitCodes.failed,
      `there is no dead letter ${[...wanted].join(', ')}; outrider dead-letters list shows those there are`,
    )
  return found
}
