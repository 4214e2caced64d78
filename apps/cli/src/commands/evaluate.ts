import { Command, InvalidArgumentError, Option } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { describeEvaluation } from '../evaluate/describe-evaluation.js'
import { evaluateTrace } from '../evaluate/evaluate-trace.js'
import { openTrace, readTruthFile } from '../evaluate/open-trace.js'
import { createProgress } from '../evaluate/progress.js'

interface Options {
  readonly truth?: string
  readonly json?: true
  readonly equipped?: number
  readonly seed: number
  readonly origin?: { readonly lat: number; readonly lon: number }
  readonly learn?: string
  readonly map?: string
}

/** `outrider evaluate TRACE`: runs a zone over a recording and scores its alerts against the truth. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('run detection over a recording, as fast as it goes, and score its alerts against labelled truth')
    .argument('<trace>', 'CSV, NDJSON or SUMO FCD XML, plain or gzip; - is standard input')
    .option('--truth <file>', 'CSV of the hazards; without it every alert is false')
    .option('--json', 'print one JSON line')
    .option('--origin <lat,lon>', 'what metres are counted from, for traces that have no degrees', originOf)
    .option('--equipped <share>', 'share of the vehicles that report, 0 to 1', shareOf)
    .option('--seed <number>', 'which vehicles those are', wholeNumber, 1)
    .addOption(new Option('--learn <trace>', 'learn from a recording first').hideHelp())
    .addOption(new Option('--map <file>', 'road map').hideHelp())
    .action((trace: string, options: Options) => evaluate(trace, options))
}

async function evaluate(trace: string, options: Options): Promise<void> {
  const { truth, json, origin, equipped, seed } = options
  if (options.learn !== undefined) throw notYet('--learn: the zone does not learn from traffic yet')
  if (options.map !== undefined) throw notYet('--map: the zone does not read road maps yet')
  const labelled = truth === undefined ? undefined : await readTruthFile(truth)
  const reading = openTrace(trace, origin)
  const progress = createProgress()
  const evaluation = await evaluateTrace({
    samples: reading.samples,
    reports: () => [reading.report(), ...(labelled === undefined ? [] : [labelled.report])],
    truth: labelled?.rows ?? [],
    policies: {},
    equipped: equipped === undefined ? undefined : { share: equipped, seed },
    onSample: progress.sample,
  })
  progress.done()
  process.stdout.write(`${json === true ? JSON.stringify(evaluation) : describeEvaluation(evaluation)}\n`)
}

function notYet(what: string): CliError {
  return new CliError(exitCodes.usage, `${what}. Leave the flag out.`)
}

function originOf(text: string): Options['origin'] {
  const [lat, lon, ...more] = text.split(',').map(part => (part.trim() === '' ? Number.NaN : Number(part)))
  if (more.length > 0 || !(Math.abs(lat ?? Number.NaN) <= 85) || !(Math.abs(lon ?? Number.NaN) <= 180))
    throw new InvalidArgumentError('must be latitude,longitude in degrees, such as 53.55,9.99')
  return { lat: lat!, lon: lon! }
}

function shareOf(text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text)
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('must be a number from 0 to 1')
  return share
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('must be a whole number, 0 or more')
  return number
}
