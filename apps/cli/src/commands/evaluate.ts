import type { EquippedShare } from '@outrider/traffic'
import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { type ComparedRun, readComparedRun } from '../evaluate/compare-file.js'
import { readConfigFile } from '../evaluate/config-file.js'
import { createDeliveriesFile, type DeliveriesFile } from '../evaluate/deliveries-file.js'
import { describeComparison, describeEvaluation } from '../evaluate/describe-evaluation.js'
import { type Evaluation, evaluateTrace } from '../evaluate/evaluate-trace.js'
import { learnTrace } from '../evaluate/learn-trace.js'
import { openTrace, readTruthFile } from '../evaluate/open-trace.js'
import { createProgress } from '../evaluate/progress.js'
import type { ReplayPolicies } from '../evaluate/replay-trace.js'
import { numberBetween } from '../number-between.js'
import { originOf } from '../origin-of.js'
import { compareAlerts } from '../scoring/compare-alerts.js'

interface Options {
  readonly truth?: string
  readonly json?: true
  readonly deliveries?: string
  readonly equipped?: number
  readonly seed: number
  readonly origin?: { readonly lat: number; readonly lon: number }
  readonly config?: string
  readonly compare?: string | true
  readonly learn?: string
  readonly map?: string
}

const help = `
The same input gives the same bytes on standard output; speed goes to standard error. The trace may be CSV, NDJSON or SUMO FCD XML, plain or
gzip. docs/evaluation.md says how it is scored and what the JSON holds.`

/** `outrider evaluate TRACE`: runs a zone over a recording and scores its alerts against the truth. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('run detection over a recording, as fast as it goes, and score its alerts against labelled truth')
    .argument('<trace>', 'the recording; - is standard input')
    .option('--truth <file>', 'CSV of the hazards there were; without it every alert counts as false')
    .option('--json', 'print one JSON line')
    .option('--deliveries <file>', 'write what every vehicle was sent, as NDJSON')
    .option('--equipped <share>', 'share of the vehicles that report, 0 to 1; the others are not there', numberBetween(0, 1))
    .option('--seed <number>', 'draws which vehicles those are', numberBetween(0, 4_294_967_295, { whole: true }), 1)
    .option('--origin <lat,lon>', 'what metres are counted from, for traces that have no degrees', originOf)
    .option('--config <file>', 'thresholds as JSON: {"detection": {"standingSilentMs": 60000}, "zone": {…}}')
    .option(
      '--compare [file]',
      'say which alerts differ from an earlier run (its JSON), from another configuration, or from the start values',
    )
    .option('--learn <trace>', 'learn from another recording of the same place first what traffic is usual')
    .option('--map <file>', 'not there yet: a road map')
    .addHelpText('after', help)
    .action(evaluate)
}

async function evaluate(trace: string, options: Options): Promise<void> {
  const { truth, json, deliveries, config, compare } = options
  check(options, trace)
  const labelled = truth === undefined ? undefined : await readTruthFile(truth)
  const policies = config === undefined ? {} : readConfigFile(config)
  const compared = compare === undefined ? undefined : readComparedRun(compare)
  const file = deliveries === undefined ? undefined : createDeliveriesFile(deliveries)
  const run = (withPolicies: ReplayPolicies, into?: DeliveriesFile) => runOnce(trace, options, labelled, withPolicies, into)
  const evaluation = await run(policies, file).finally(() => file?.close())
  const comparison = compared && compareAlerts(evaluation.alerts, await alertsOf(compared, run))
  if (json === true) {
    print(JSON.stringify(comparison === undefined ? evaluation : { ...evaluation, comparison }))
    return
  }
  print(describeEvaluation(evaluation))
  if (comparison !== undefined) print(`\n${describeComparison(comparison)}`)
}

/** What can be told before anything is read. */
function check({ map, compare, learn }: Options, trace: string): void {
  if (map !== undefined) throw usage('--map is not there yet: the zone reads no road map. Leave it out.')
  if (trace === '-' && learn === '-') throw usage('standard input can be read once only; name a file to learn from')
  if (trace === '-' && compare !== undefined) throw usage('standard input can be read once only; name a file to compare')
}

async function runOnce(
  trace: string,
  { origin, equipped, seed, learn }: Options,
  labelled: Awaited<ReturnType<typeof readTruthFile>> | undefined,
  policies: ReplayPolicies,
  file: DeliveriesFile | undefined,
): Promise<Evaluation> {
  const share = equipped === undefined ? undefined : { share: equipped, seed }
  const learned = learn === undefined ? undefined : await learnFrom(learn, origin, share, policies)
  const reading = openTrace(trace, origin)
  const progress = createProgress()
  const evaluation = await evaluateTrace({
    samples: reading.samples,
    reports: () => [reading.report(), ...(labelled === undefined ? [] : [labelled.report])],
    truth: labelled?.rows ?? [],
    policies,
    equipped: share,
    learned,
    ...(file === undefined ? {} : { onDelivery: file.add }),
    onSample: progress.sample,
  })
  progress.done()
  return evaluation
}

async function learnFrom(trace: string, origin: Options['origin'], equipped: EquippedShare | undefined, policies: ReplayPolicies) {
  const progress = createProgress()
  const learned = await learnTrace({ samples: openTrace(trace, origin).samples, policies, equipped, onSample: progress.sample })
  progress.done()
  return learned
}

async function alertsOf(compared: ComparedRun, run: (policies: ReplayPolicies) => Promise<Evaluation>) {
  return compared.kind === 'run' ? compared.alerts : (await run(compared.policies)).alerts
}

function usage(message: string): CliError {
  return new CliError(exitCodes.usage, message)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
