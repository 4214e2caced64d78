import { type EventLog, topicSpecs } from '@outrider/event-log'
import { topics } from '@outrider/protocol'
import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { type DeadLetter, originalRecord, replayMarkOf } from '../dead-letter.js'
import { type LogOptions, lettersById, withLog, withLogOptions } from '../dead-letter-log.js'
import { type FoldedLetter, foldedLetters } from '../folded-letters.js'
import { orCliError } from '../open-event-log.js'

interface ReplayOptions extends LogOptions {
  readonly all?: true
  readonly reason?: string
  readonly to?: string
  readonly dryRun?: true
}

/** Letters replayed by one call: of 512 KiB at most, they are held in memory meanwhile. The next call takes the next ones by id. */
const lettersMax = 1_000

/** `outrider dead-letters replay ID…` */
export function replayCommand(): Command {
  return withLogOptions(
    new Command('replay').description(
      'append the original bytes to their topic again, with their key and headers; what was applied meanwhile is recognised and dropped',
    ),
  )
    .argument('[ids...]', 'partition:offset, as list shows them')
    .option('--all', 'all letters but those that were replayed and have not failed since')
    .option('--reason <reason>', 'so, those with this reason')
    .option('--to <topic>', 'topic for letters that never were in one (a region wrote them off a node’s log)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addHelpText('after', '\nExample:\n  outrider dead-letters replay --reason unknown_body --data data/event-log --dry-run')
    .action((ids: string[], options: ReplayOptions) => withLog(options, log => replay(log, ids, options)))
}

async function replay(log: EventLog, ids: readonly string[], options: ReplayOptions): Promise<void> {
  const { all, reason, to, dryRun, json } = options
  if (to !== undefined && !topicSpecs.some(({ topic }) => topic === to && topic !== topics.deadLetters.name))
    throw new CliError(exitCodes.usage, `--to is "${to}"; must be a topic of Outrider (outrider topics list)`)
  const isChosen = ids.length > 0 ? all === undefined && reason === undefined : all !== undefined || reason !== undefined
  if (!isChosen) throw new CliError(exitCodes.usage, 'which letters? Name ids, or --all, or --reason REASON, and only one of these')
  const chosen = ids.length > 0 ? await foldedById(log, ids) : await foldedBy(log, reason)
  const replaysBefore = new Map(chosen.map(({ newestId, replays }) => [newestId, replays]))
  const letters = chosen.length === 0 ? [] : await lettersById(log, [...replaysBefore.keys()])
  const done: { id: string; topic: string }[] = []
  const refused: { id: string; why: string }[] = []
  for (const letter of letters) {
    const topic = letter.origin.topic || to
    const why = whyNot(letter, topic)
    if (topic === undefined || why !== undefined) {
      refused.push({ id: letter.id, why: why ?? 'it never was in a topic; name one with --to' })
      continue
    }
    if (dryRun !== true) await orCliError(() => replayLetter(log, letter, topic, replaysBefore.get(letter.id)! + 1))
    done.push({ id: letter.id, topic })
  }
  if (json) process.stdout.write(`${JSON.stringify({ dryRun: dryRun === true, replayed: done, refused })}\n`)
  else {
    for (const { id, topic } of done) process.stdout.write(`${id} → ${topic}${dryRun ? ' (dry run)' : ''}\n`)
    for (const { id, why } of refused) process.stdout.write(`${id} not replayed: ${why}\n`)
    process.stdout.write(`${done.length} ${dryRun ? 'would be replayed' : 'replayed'}, ${refused.length} not\n`)
  }
  if (refused.length > 0) throw new CliError(exitCodes.failed, `${refused.length} of ${letters.length} letters cannot be replayed`)
}

function whyNot({ isCut, origin }: DeadLetter, topic: string | undefined): string | undefined {
  if (isCut) return 'its bytes were cut, the record was longer than the event log takes'
  if (topic === undefined) return undefined
  return topicSpecs.some(each => each.topic === topic && topic !== topics.deadLetters.name)
    ? undefined
    : `it came from ${origin.topic}, which is no topic of Outrider`
}

/** The mark comes last: a letter without it is open still, and replayed again it is a repeat. */
async function replayLetter(log: EventLog, letter: DeadLetter, topic: string, attempt: number): Promise<void> {
  await log.append({ topic, records: [originalRecord(letter, attempt)] })
  await log.append({ topic: topics.deadLetters.name, records: [replayMarkOf(letter, attempt, Date.now())] })
}

/** Whoever names a letter wants it replayed, also if it was already. */
async function foldedById(log: EventLog, ids: readonly string[]): Promise<FoldedLetter[]> {
  await lettersById(log, ids) // says which there are not
  const wanted = new Set(ids)
  return (await foldedLetters(log)).filter(each => each.ids.some(id => wanted.has(id)))
}

async function foldedBy(log: EventLog, reason: string | undefined): Promise<FoldedLetter[]> {
  const letters = (await foldedLetters(log)).filter(each => !each.isReplayed && (reason === undefined || each.reason === reason))
  if (letters.length > lettersMax)
    throw new CliError(exitCodes.usage, `more than ${lettersMax} letters; name a --reason, or ids (outrider dead-letters list --json)`)
  return letters
}
