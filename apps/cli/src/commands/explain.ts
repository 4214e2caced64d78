import type { Origin } from '@outrider/traffic'
import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { readConfigFile } from '../evaluate/config-file.js'
import { describeExplanation } from '../evaluate/describe-explanation.js'
import { explainVehicle } from '../evaluate/explain-vehicle.js'
import { openTrace } from '../evaluate/open-trace.js'
import { createProgress } from '../evaluate/progress.js'
import { numberBetween } from '../number-between.js'
import { originOf } from '../origin-of.js'

interface Options {
  readonly at: number
  readonly vehicle: string
  readonly json?: true
  readonly origin?: Origin
  readonly config?: string
}

/** `outrider explain TRACE`: what each detector saw of one vehicle at one time, and why it found something or not. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('run a recording up to a time and show what the zone thought of one vehicle: samples, track, detectors, hazards, alerts')
    .argument('<trace>', 'the recording; - is standard input')
    .requiredOption('--at <seconds>', 'when, in the trace’s own base', numberBetween(-1e12, 1e12))
    .requiredOption('--vehicle <id>', 'the vehicle’s name in the trace')
    .option('--json', 'print one JSON line')
    .option('--origin <lat,lon>', 'what metres are counted from, for traces that have no degrees', originOf)
    .option('--config <file>', 'thresholds as JSON, as of evaluate')
    .action(explain)
}

async function explain(trace: string, { at: atS, vehicle, json, origin, config }: Options): Promise<void> {
  const policies = config === undefined ? {} : readConfigFile(config)
  const progress = createProgress()
  const explanation = await explainVehicle({ samples: openTrace(trace, origin).samples, vehicle, atS, policies, onSample: progress.sample })
  progress.done()
  if ('firstS' in explanation) {
    const { firstS } = explanation
    const what =
      firstS === undefined ? `no vehicle ${vehicle} in it` : `${vehicle} has no sample until ${atS} s; its first is at ${firstS} s`
    throw new CliError(exitCodes.usage, `${trace}: ${what}`)
  }
  process.stdout.write(`${json === true ? JSON.stringify(explanation) : describeExplanation(explanation)}\n`)
}
