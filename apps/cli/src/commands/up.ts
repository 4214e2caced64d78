import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { durationOption } from '../duration-option.js'
import { choosePorts } from '../up/free-ports.js'
import { runUp, UpShortfall } from '../up/run-up.js'
import { upFolderDefault } from '../up/running-up.js'
import { createStatusScreen } from '../up/status-screen.js'
import { milliseconds } from '../up/status-text.js'
import type { UpResult } from '../up/up-result.js'
import { listenForSignals } from '../up/up-signals.js'
import { wholeIn } from '../whole-number.js'

interface Options {
  readonly for?: number
  readonly json?: true
  readonly vehicles: number
  readonly seed: number
  readonly hazardEvery?: number
  readonly data: string
  readonly fresh?: true
  readonly anyPorts?: true
  readonly simulator: boolean
}

/** `outrider up`: what `npm start` runs. */
export function upCommand(): Command {
  return new Command('up')
    .description('run the whole service on this machine: two edge nodes, a region, central and a city of vehicles, each its own process')
    .addOption(durationOption('--for <duration>', 'run so long, then drain, print what came of it and stop', { min: '1s', max: '30d' }))
    .option('--json', 'with --for: print the result as one JSON line, and nothing else on standard output')
    .option('--vehicles <number>', 'vehicles of the simulated city, 1 to 20000', wholeIn(1, 20_000), 300)
    .option('--seed <number>', 'of the city: the same seed is the same city with the same hazards', wholeIn(0, 4_294_967_295), 1)
    .option('--hazard-every <s>', 'mean time between hazards, 1 to 86400 s; 0 for none (default: 20, with --for 2)', wholeIn(0, 86_400))
    .option('--data <dir>', 'where logs, keys and stores are kept; the next run goes on with them', upFolderDefault)
    .option('--fresh', 'begin with an empty data folder')
    .option('--any-ports', 'take free ports instead of 7443 to 7452: for several runs at once')
    .option('--no-simulator', 'without the simulated city: bring your own vehicles')
    .addHelpText('after', help)
    .action(up)
}

const help = `
KAFKA_BROKERS and the other KAFKA_ variables put Kafka in the place of the
embedded event log, DATABASE_URL a PostgreSQL in the place of the embedded
store; further OUTRIDER_ variables reach the processes as they are.

Exit codes: 0 if it was stopped, or if with --for alerts were acknowledged by
vehicles and all that was accepted is at central; 1 if not, and if a process
ended by itself: its name and the end of its log are shown.`

async function up(options: Options): Promise<void> {
  if (options.json && (options.for === undefined || !options.simulator))
    throw new CliError(
      exitCodes.usage,
      '--json prints the result of a bounded run of the city: it goes with --for, and not with --no-simulator',
    )
  const monotonicMs = () => performance.now()
  const screen = createStatusScreen(options.json ? process.stderr : process.stdout, monotonicMs)
  const signals = listenForSignals(process, monotonicMs)
  const show = (result: UpResult) => process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : table(result))
  const isBounded = options.for !== undefined
  try {
    const result = await runUp({
      folder: options.data,
      fresh: options.fresh === true,
      forMs: options.for,
      city: options.simulator
        ? { vehicles: options.vehicles, seed: options.seed, hazardEveryS: options.hazardEvery ?? (isBounded ? 2 : 20) }
        : undefined,
      screen,
      signals,
      choosePorts: attempt => choosePorts(options.anyPorts === true ? 2 : attempt),
      environment: process.env,
    })
    if (result !== undefined) show(result)
  } catch (error) {
    if (error instanceof UpShortfall) show(error.result)
    throw error
  } finally {
    signals.release()
  }
}

function table({ reportToAlertMs, ...counts }: UpResult): string {
  const { reportsAccepted, recordsAtCentral, duplicatesAtCentral, repeatsDropped } = counts
  const ms = reportToAlertMs
  return [
    '',
    `reports accepted by a zone   ${reportsAccepted}`,
    `of them and more at central  ${recordsAtCentral} (${duplicatesAtCentral} applied twice, ${repeatsDropped} repeats dropped)`,
    `alerts issued                ${counts.alertsIssued}`,
    `deliveries                   ${counts.deliveriesAcknowledged} acknowledged of ${counts.deliveriesTargeted}`,
    `report to alert              ${ms === null ? 'no alert' : `p50 ${milliseconds(ms.p50)} ms, p99 ${milliseconds(ms.p99)} ms, max ${milliseconds(ms.max)} ms`}`,
    '',
  ].join('\n')
}
