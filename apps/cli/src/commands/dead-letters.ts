import type { EventLog } from '@outrider/event-log'
import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { originText } from '../dead-letter.js'
import { eachLetter, type LogOptions, withLog, withLogOptions } from '../dead-letter-log.js'
import { printTable } from '../print-table.js'
import { replayCommand } from './dead-letters-replay.js'
import { showCommand } from './dead-letters-show.js'

interface ListOptions extends LogOptions {
  readonly reason?: string
  readonly limit: string
}

/** Letters kept in memory while listing: of 10,000 only what a line shows. */
const limitMax = 10_000

/** `outrider dead-letters`: what could not be applied, in Kafka or in an embedded log's folder. */
export function deadLettersCommand(): Command {
  const group = new Command('dead-letters')
    .description('records that could not be applied: list, show, replay')
    .addHelpText(
      'after',
      '\nKafka is reached as KAFKA_BROKERS and the other KAFKA_ variables say (docs/event-log.md); --data DIR names an embedded event log instead.',
    )
  withLogOptions(group.command('list').description('list dead letters, oldest first, with reason and origin'))
    .option('--reason <reason>', 'only those with this reason')
    .option('--limit <number>', `the newest so many, 1 to ${limitMax}`, '100')
    .action((options: ListOptions) => withLog(options, log => list(log, options)))
  group.addCommand(showCommand())
  group.addCommand(replayCommand())
  return group
}

async function list(log: EventLog, { json, reason, limit }: ListOptions): Promise<void> {
  const most = Number(limit)
  if (!Number.isInteger(most) || most < 1 || most > limitMax)
    throw new CliError(exitCodes.usage, `--limit is "${limit}"; must be a whole number, 1 to ${limitMax}`)
  const rows: { id: string; writtenAt: string; reason: string; from: string; bytes: number; detail: string }[] = []
  let found = 0
  await eachLetter(log, letter => {
    if (reason !== undefined && letter.reason !== reason) return true
    found++
    const { id, writtenAtMs, origin, value, detail } = letter
    rows.push({
      id,
      writtenAt: new Date(writtenAtMs).toISOString(),
      reason: letter.reason,
      from: originText(origin),
      bytes: value?.length ?? 0,
      detail,
    })
    if (rows.length > most) rows.shift()
    return true
  })
  if (json) process.stdout.write(`${JSON.stringify(rows)}\n`)
  else if (found === 0) process.stdout.write('No dead letters.\n')
  else
    printTable(
      ['id', 'written', 'reason', 'from', 'bytes'],
      rows.map(row => [row.id, row.writtenAt, row.reason, row.from, String(row.bytes)]),
    )
  if (found > rows.length) process.stderr.write(`outrider: the newest ${rows.length} of ${found}; --limit shows more\n`)
}
