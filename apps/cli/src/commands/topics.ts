import { type EventLog, type TopicState, topicSpecs } from '@outrider/event-log'
import { topics } from '@outrider/protocol'
import { Command, InvalidArgumentError } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { openEventLog, orCliError } from '../open-event-log.js'
import { printTable } from '../print-table.js'
import { readTopic } from '../read-topic.js'

interface Options {
  readonly data?: string
  readonly json?: boolean
}

interface ReadOptions extends Options {
  readonly limit: number
}

/** `outrider topics`: the event log's topics, in Kafka or in an embedded log's folder. */
export function topicsCommand(): Command {
  const group = new Command('topics')
    .description('the topics of the event log: create, check, list, read')
    .addHelpText(
      'after',
      '\nKafka is reached as KAFKA_BROKERS and the other KAFKA_ variables say (docs/event-log.md); --data DIR names an embedded event log instead.',
    )
  const add = (name: string, description: string) =>
    group.command(name).description(description).option('--data <dir>', 'folder of an embedded event log').option('--json', 'print JSON')
  add('list', 'list Outrider’s topics, with how much each holds').action((options: Options) =>
    withLog(options, false, log => list(log, options)),
  )
  add('create', 'create the topics that are missing; those that exist are left as they are').action((options: Options) =>
    withLog(options, true, async log => show(await orCliError(() => log.ensureTopics(topicSpecs)), options)),
  )
  add('check', 'check that all topics exist and are set as they should be').action((options: Options) =>
    withLog(options, false, async log => show(await orCliError(() => log.checkTopics(topicSpecs)), options)),
  )
  add('read <topic>', 'print a topic’s records from the beginning to the present end, one JSON line each; commits nothing')
    .option('--limit <number>', 'stop after about as many records (whole batches)', wholeNumber, Number.POSITIVE_INFINITY)
    .action((topic: string, options: ReadOptions) => withLog(options, false, log => read(log, topic, options)))
  return group
}

async function withLog(options: Options, create: boolean, job: (log: EventLog) => Promise<void>): Promise<void> {
  const log = await openEventLog({ data: options.data, create, environment: process.env })
  try {
    await job(log)
  } finally {
    await log.stop()
  }
}

async function list(log: EventLog, { json }: Options): Promise<void> {
  const states = await orCliError(() => log.checkTopics(topicSpecs))
  const rows = []
  for (const [index, { topic, state }] of states.entries()) {
    const partitions = state === 'missing' ? [] : await orCliError(() => log.positions(topic))
    const records = partitions.reduce((sum, each) => sum + each.endOffset - each.beginOffset, 0)
    rows.push({ topic, state, partitions: partitions.length, records, purpose: Object.values(topics)[index]!.purpose })
  }
  if (json) print(JSON.stringify(rows))
  else
    printTable(
      ['topic', 'state', 'partitions', 'records', ''],
      rows.map(row => Object.values(row).map(String)),
    )
}

function show(states: readonly TopicState[], { json }: Options): void {
  if (json) print(JSON.stringify(states))
  else
    printTable(
      ['topic', 'state', ''],
      states.map(({ topic, state, differences }) => [topic, state, differences.join('; ')]),
    )
  const missing = states.filter(each => each.state === 'missing').length
  const differing = states.filter(each => each.state === 'differs').length
  if (missing > 0) throw new CliError(exitCodes.failed, `${missing} topics are missing: outrider topics create makes them`)
  if (differing > 0)
    throw new CliError(
      exitCodes.failed,
      `${differing} topics are not set as they should be: change them with the cluster’s own tools, no record is at risk`,
    )
}

async function read(log: EventLog, topic: string, { limit }: ReadOptions): Promise<void> {
  let count = 0
  await readTopic(log, topic, ({ partition, records }) => {
    for (const { value, headers, ...record } of records) {
      const texts = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, String(bytes)]))
      print(JSON.stringify({ partition, ...record, headers: texts, value: value && Buffer.from(value).toString('base64') }))
    }
    count += records.length
    return count < limit
  })
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number, 1 or more')
  return number
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
