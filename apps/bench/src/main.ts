import { Command, CommanderError, Help, InvalidArgumentError } from 'commander'
import { interleave } from './interleave.js'
import { describeMachine } from './machine.js'
import { createResult, renderTable } from './report.js'
import type { Load, Scenario } from './scenario.js'
import { scenarios } from './scenarios.js'
import { summarize } from './summary.js'

interface Options {
  readonly json?: boolean
  readonly rounds: number
  readonly duration?: number
  readonly vehicles?: number
  readonly rate?: number
}

const program = new Command('outrider bench')
  .description('Measure a scenario beside its bare baseline, in the same run.')
  .argument('<scenario>', `one of: all, ${scenarios.map(scenario => scenario.name).join(', ')}`)
  .option('--rounds <n>', 'interleaved rounds that count, 1 to 100', within(1, 100), 5)
  .option('--duration <seconds>', 'timed part of one run, 0.1 to 600', seconds)
  .option('--vehicles <n>', 'sockets open at once, 1 to 15000', within(1, 15_000))
  .option('--rate <n>', 'messages or records a second, 1 to 1000000', within(1, 1_000_000))
  .option('--json', 'print one line of JSON per scenario, last')
  .addHelpText('after', `\nScenarios:\n${scenarios.map(describe).join('\n')}`)
  .action(async (name: string, options: Options) => {
    const chosen = name === 'all' ? scenarios : scenarios.filter(scenario => scenario.name === name)
    if (chosen.length === 0) {
      process.stderr.write(
        `outrider bench: there is no scenario ${JSON.stringify(name)}; there are: all, ${scenarios.map(scenario => scenario.name).join(', ')}\n`,
      )
      process.exitCode = 2
      return
    }
    for (const scenario of chosen) {
      try {
        await runScenario(scenario, options)
      } catch (error) {
        process.stderr.write(`outrider bench: ${scenario.name}: ${error instanceof Error ? error.message : String(error)}\n`)
        process.exitCode = 1
      }
    }
  })
  .exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  // Commander has said what is wrong; 2 is what every outrider command ends with on a wrong flag.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}

async function runScenario(scenario: Scenario, options: Options) {
  const load: Load = {
    durationS: options.duration ?? scenario.load.durationS,
    vehicles: options.vehicles ?? scenario.load.vehicles,
    rate: options.rate ?? scenario.load.rate,
  }
  const bench = await scenario.open(load)
  try {
    const runs = await interleave(bench.arms, options.rounds, ({ arm, round, rounds }) => {
      process.stderr.write(`${scenario.name}: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}, ${arm}\n`)
    })
    const result = createResult(scenario, describeMachine(), runs, summarize(runs, bench.arms[0].name))
    process.stdout.write(`${options.json === true ? JSON.stringify(result) : renderTable(result, scenario)}\n`)
  } finally {
    await bench.close()
  }
}

/** Name and purpose, wrapped for a terminal of 80 columns. */
function describe({ name, about }: Scenario): string {
  return `  ${name}\n      ${new Help().boxWrap(about, 72).replaceAll('\n', '\n      ')}`
}

function within(least: number, most: number) {
  return (text: string) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}.`)
    return value
  }
}

function seconds(text: string) {
  const value = Number(text)
  if (!(value >= 0.1 && value <= 600)) throw new InvalidArgumentError('must be seconds from 0.1 to 600.')
  return value
}
