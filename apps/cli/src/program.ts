import { Command } from 'commander'
import { alertCommand } from './commands/alert.js'
import { benchCommand } from './commands/bench.js'
import { deadLettersCommand } from './commands/dead-letters.js'
import { driveCommand } from './commands/drive.js'
import { evaluateCommand } from './commands/evaluate.js'
import { explainCommand } from './commands/explain.js'
import { hindsightCommand } from './commands/hindsight.js'
import { keysCommand } from './commands/keys.js'
import { nodeCommands } from './commands/node.js'
import { replayCommand } from './commands/replay.js'
import { simulateCommand } from './commands/simulate.js'
import { spoolCommand } from './commands/spool.js'
import { topicsCommand } from './commands/topics.js'
import { upCommand } from './commands/up.js'

const exitCodeHelp = `Exit codes:
  0  done
  1  failed, or something bad was found
  2  wrong flag, argument, file or environment value
  3  not reachable, or refused`

/** The whole command line: one file under `commands/` per group, in the order help shows them. */
export function createProgram(): Command {
  const program = new Command('outrider')
    .description('Low-latency edge-zone alert service for connected vehicles')
    .version('0.1.0', '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', `\n${exitCodeHelp}`)
  for (const command of [
    upCommand(),
    ...nodeCommands(),
    alertCommand(),
    simulateCommand(),
    replayCommand(),
    driveCommand(),
    keysCommand(),
    spoolCommand(),
    topicsCommand(),
    deadLettersCommand(),
    evaluateCommand(),
    explainCommand(),
    hindsightCommand(),
    benchCommand(),
  ]) {
    program.addCommand(command)
  }
  for (const command of withSubcommands(program)) command.exitOverride().showHelpAfterError('(add --help for what is allowed)')
  return program
}

/** `command` and all below it. */
function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
