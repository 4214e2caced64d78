import type { EventLog } from '@outrider/event-log'
import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { type LogOptions, withLog, withLogOptions } from '../dead-letter-log.js'
import { foldedLetters } from '../folded-letters.js'
import { printTable } from '../print-table.js'
import { replayCommand } from './dead-letters-replay.js'
import { showCommand } from './dead-letters-show.js'

interface ListOptions extends LogOptions {
  readonly reason?: string
  readonly limit: string
  readonly replayed?: true
}

/** Lines of a list. */
const limitMax = 10_000

/** `outrider dead-letters`: what could not be applied, in Kafka or in an embedded log's folder. */
export function deadLettersCommand(): Command {
  const group = new Command('dead-letters')
    .description('records that could not be applied: list, show, replay')
    .addHelpText(
      'after',
      '\nKafka is reached as KAFKA_BROKERS and the other KAFKA_ variables say (docs/event-log.md); --data DIR names an embedded event log instead.',
    )
  withLogOptions(
    group.command('list').description('list dead letters, oldest first, with reason and origin; a record whose replay failed is one'),
  )
    .option('--reason <reason>', 'only those with this reason')
    .option('--limit <number>', `the newest so many, 1 to ${limitMax}`, '100')
    .option('--replayed', 'also those that were replayed and have not failed since')
    .action((options: ListOptions) => withLog(options, log => list(log, options)))
  group.addCommand(showCommand())
  group.addCommand(replayCommand())
  return group
}

async function list(log: EventLog, { json, reason, limit, replayed }: ListOptions): Promise<void> {
  const most = Number(limit)
  if (!Number.isInteger(most) || most < 1 || most > limitMax)
    throw new CliError(exitCodes.usage, `--limit is "${limit}"; must be a whole number, 1 to ${limitMax}`)
  const all = (await foldedLetters(log)).filter(each => reason === undefined || each.reason === reason)
  const found = all.filter(({ isReplayed }) => replayed === true || !isReplayed)
  const rows = found.slice(-most).map(({ id, writtenAtMs, bytes, detail, from, attempts, isReplayed, reason: why }) => {
    return { id, writtenAt: new Date(writtenAtMs).toISOString(), reason: why, from, bytes, attempts, replayed: isReplayed, detail }
  })
  if (json) process.stdout.write(`${JSON.stringify(rows)}\n`)
  else if (found.length === 0) process.stdout.write('No dead letters.\n')
  else
    printTable(
      ['id', 'written', 'reason', 'from', 'bytes', 'attempts'],
      rows.map(row => [
        row.id,
        row.writtenAt,
        row.reason,
        row.from,
        String(row.bytes),
        `${row.attempts}${row.replayed ? ', replayed' : ''}`,
      ]),
    )
  if (found.length > rows.length) process.stderr.write(`outrider: the newest ${rows.length} of ${found.length}; --limit shows more\n`)
  const hidden = all.length - found.length
  if (hidden > 0) process.stderr.write(`outrider: ${hidden} more were replayed and have not failed since; --replayed shows them\n`)
}
